package cli

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A person at a terminal gets a little colour; whoever does not want it, and every program, gets none.
func TestColour(t *testing.T) {
	data := "DATA_DIR=" + dataWithAda(t, starterPack(t))
	tests := map[string]struct {
		environ []string
		args    string
		want    []string
	}{
		"the headers of a table":              {nil, "users list", []string{"1 EMAIL            NAME  ROLE     CREATED AT"}},
		"an error":                            {nil, "users show nobody@example.com", []string{"31 englishctl:"}},
		"a wrong command line":                {nil, "users show --nonsense", []string{"31 englishctl:"}},
		"a warning":                           {[]string{"S3_SECRET_KEY=x"}, "config show -o json", []string{"33 warning:"}},
		"not with --no-color":                 {nil, "users list --no-color", nil},
		"not an error with --no-color":        {nil, "users show nobody@example.com --no-color", nil},
		"not a wrong command line, either":    {nil, "users show --nonsense --no-color", nil},
		"with --no-color=false":               {nil, "users list --no-color=false", []string{"1 EMAIL            NAME  ROLE     CREATED AT"}},
		"not with NO_COLOR":                   {[]string{"NO_COLOR=1"}, "users list", nil},
		"NO_COLOR may have any value":         {[]string{"NO_COLOR=0"}, "users list", nil},
		"an empty NO_COLOR says nothing":      {[]string{"NO_COLOR="}, "users list", []string{"1 EMAIL            NAME  ROLE     CREATED AT"}},
		"not on a terminal that cannot do it": {[]string{"TERM=dumb"}, "users list", nil},
		"not where nobody knows what it is":   {[]string{"TERM="}, "users show nobody@example.com", nil},
		"JSON is for programs":                {nil, "users list -o json", nil},
		"and so is CSV":                       {nil, "users list -o csv", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := runOnTerminal(t, 80, append([]string{data}, tt.environ...), strings.Fields(tt.args)...)
			if !slices.Equal(s.painted, tt.want) {
				t.Errorf("painted %q, want %q, in\n%s", s.painted, tt.want, s.shown())
			}
		})
	}
}

func TestNoColourInAPipe(t *testing.T) {
	data := dataWithAda(t, starterPack(t))
	for _, args := range []string{"users list", "users show nobody@example.com", "speeches list"} {
		cmd := exec.CommandContext(t.Context(), "englishctl", append(strings.Fields(args), "--data-dir", data)...)
		out, _ := cmd.CombinedOutput() // one of them fails, as it should
		if len(out) == 0 || bytes.Contains(out, []byte("\x1b")) {
			t.Errorf("%s prints %q", args, out)
		}
	}
}
