package cli

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/config"
)

func page(t *testing.T, cmd *cobra.Command) string {
	t.Helper()
	sections, err := mainSections()
	if err != nil {
		t.Fatal(err)
	}
	made, err := manPage(cmd, time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), sections)
	if err != nil {
		t.Fatal(err)
	}
	return string(made)
}

// What a page may consist of: requests at the beginnings of lines, and escapes.
var (
	manRequest = regexp.MustCompile(`^\.(nh|TH|SH|SS|PP|TP|EX|EE)\b`)
	manEscape  = regexp.MustCompile(`\\(f[BIPR]|e|\\|-|&|\[u[0-9A-F]{4,5}\])`)
)

// Every page is ASCII that every reader understands, and says what the help says.
func TestManPages(t *testing.T) {
	for _, cmd := range manCommands(newRoot(&env{})) {
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			made := page(t, cmd)
			code := false
			for line := range strings.Lines(made) {
				line = strings.TrimSuffix(line, "\n")
				code = code && line != ".EE" || line == ".EX"
				if strings.HasPrefix(line, ".") && !manRequest.MatchString(line) || strings.HasPrefix(line, "'") {
					t.Errorf("this is taken for a request: %s", line)
				}
				if rest := manEscape.ReplaceAllString(line, ""); strings.Contains(rest, `\`) {
					t.Errorf("this is taken for an escape: %s", line)
				}
				if strings.ContainsFunc(line, func(r rune) bool { return r >= 0x7f || r < ' ' && (r != '\t' || !code) }) {
					t.Errorf("this is no plain text: %q", line)
				}
			}
			for _, text := range []string{cmd.Short, cmd.Long, cmd.Example} {
				said := strings.Join(strings.Fields(strings.ReplaceAll(text, "#### ", "")), " ") // of cobra's own helps
				if !strings.Contains(plain(made), said) {
					t.Errorf("the page does not say what the help says:\n%s\n\n%s", text, plain(made))
				}
			}
		})
	}
}

// plain is what a reader shows of a page, as words.
func plain(page string) string {
	page = regexp.MustCompile(`(?m)^\.(SH .*|TH .*|SS|\w\w$)`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`\\f[BIPR]|\\&`).ReplaceAllString(page, "")
	page = strings.NewReplacer(`\e`, `\`, `\\`, `\`, `\-`, "-", `\[u2026]`, "…").Replace(page)
	return strings.Join(strings.Fields(page), " ")
}

func TestMainManPage(t *testing.T) {
	made := page(t, newRoot(&env{}))
	if first, _, _ := strings.Cut(strings.TrimPrefix(made, ".nh\n"), "\n"); first != `.TH "ENGLISHCTL" "1" "2026-01-31" "englishctl dev" "englishctl manual"` {
		t.Errorf("the title is %s", first)
	}
	var sections []string
	for _, found := range regexp.MustCompile(`(?m)^\.SH (.*)$`).FindAllStringSubmatch(made, -1) {
		sections = append(sections, found[1])
	}
	want := []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLE", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"}
	if diff := cmp.Diff(want, sections); diff != "" {
		t.Errorf("the sections differ (-want +got):\n%s", diff)
	}
	_, settings, err := config.Load(config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settings.Effective() {
		if !strings.Contains(made, ".TP\n\\fB"+s.Name+"\\fP\n") {
			t.Errorf("%s is not on the page", s.Name)
		}
	}
	for _, cmd := range newRoot(&env{}).Commands() {
		if cmd.IsAvailableCommand() && !strings.Contains(made, "englishctl-"+cmd.Name()+"(1)") {
			t.Errorf("the page does not lead to %s", cmd.Name())
		}
	}
}

func TestManOptions(t *testing.T) {
	made := page(t, manCommand(t, "englishctl import"))
	for _, want := range []string{
		".TP\n\\fB--audio\\fP=VALUE\nthe folder with the recordings\n",
		".TP\n\\fB--yes\\fP\ndo not ask\n",
		".TP\n\\fB-o\\fP, \\fB--output\\fP=\"table\"\nhow to print: table, json or csv\n",
	} {
		if !strings.Contains(made, want) {
			t.Errorf("the page lacks %q:\n%s", want, made)
		}
	}
}

func manCommand(t *testing.T, path string) *cobra.Command {
	t.Helper()
	all := manCommands(newRoot(&env{}))
	i := slices.IndexFunc(all, func(cmd *cobra.Command) bool { return cmd.CommandPath() == path })
	if i < 0 {
		t.Fatalf("there is no command %q", path)
	}
	return all[i]
}

func TestManDate(t *testing.T) {
	tests := []struct {
		name, epoch, built string
		want               string
		refused            bool
	}{
		{"the commit's", "", "2026-02-03T23:30:00-07:00", "2026-02-04", false},
		{"SOURCE_DATE_EPOCH wins", "86400", "2026-02-03T04:05:06Z", "1970-01-02", false},
		{"nobody knows", "", "", "0001-01-01", false},
		{"no number", "yesterday", "2026-02-03T04:05:06Z", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := manDate(tt.epoch, tt.built)
			if (err != nil) != tt.refused || err == nil && got.Format(time.DateOnly) != tt.want {
				t.Errorf("manDate = %v, %v", got, err)
			}
		})
	}
}

func TestInRoff(t *testing.T) {
	for text, want := range map[string]string{
		".env":        `\&.env`,
		"'quoted'":    `\&'quoted'`,
		`C:\new-file`: `C:\enew\-file`,
		"plain":       "plain",
	} {
		if got := inRoff(text); got != want {
			t.Errorf("inRoff(%q) = %q, want %q", text, got, want)
		}
	}
}
