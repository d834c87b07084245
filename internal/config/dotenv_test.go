package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseDotenv(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       map[string]string
		bad        []int
	}{
		{"plain", "A=1\nB=two", map[string]string{"A": "1", "B": "two"}, nil},
		{"blank lines and comments", "\n# x\n  # y\nA=1\n\n", map[string]string{"A": "1"}, nil},
		{"Windows line ends and byte order mark", "\ufeffA=1\r\nB=2\r\n", map[string]string{"A": "1", "B": "2"}, nil},
		{"export is passed over", "export A=1\nexport\tB=2", map[string]string{"A": "1", "B": "2"}, nil},
		{"exported is a name", "exported=1", map[string]string{"exported": "1"}, nil},
		{"spaces around", "  A = 1  ", map[string]string{"A": "1"}, nil},
		{"a comment behind, as in the specification", "S3_USE_SSL=false  # Set to true in production", map[string]string{"S3_USE_SSL": "false"}, nil},
		{"a comment behind a tab", "A=1\t# x", map[string]string{"A": "1"}, nil},
		{"# without a space is part of the value", "A=a#b", map[string]string{"A": "a#b"}, nil},
		{"nothing but a comment", "A= # x\nB=#y", map[string]string{"A": "", "B": ""}, nil},
		{"empty", "A=\nB=''\nC=\"\"", map[string]string{"A": "", "B": "", "C": ""}, nil},
		{"= in the value", "A=b=c=", map[string]string{"A": "b=c="}, nil},
		{"$ means itself", `A=$2b$12$abc` + "\n" + `B="$HOME"`, map[string]string{"A": "$2b$12$abc", "B": "$HOME"}, nil},
		{"single quotes keep everything", `A='a\n "b" # c $d '  # e`, map[string]string{"A": `a\n "b" # c $d `}, nil},
		{"double quotes know escapes", `A="a\n\t\"b\"\\ \$c # d" # e`, map[string]string{"A": "a\n\t\"b\"\\ $c # d"}, nil},
		{"an unknown escape stays", `A="\d\'"`, map[string]string{"A": `\d\'`}, nil},
		{"quotes inside a value", `A=it's "so"`, map[string]string{"A": `it's "so"`}, nil},
		{"the later of two holds", "A=1\nA=2", map[string]string{"A": "2"}, nil},
		{"no name", "=1", map[string]string{}, []int{1}},
		{"no =", "A=1\nexport B\nC", map[string]string{"A": "1"}, []int{2, 3}},
		{"not a name", "1A=1\nA-B=1\nA B=1", map[string]string{}, []int{1, 2, 3}},
		{"quotes left open", "A='x\nB=\"y\nC=\"z\\\"", map[string]string{}, []int{1, 2, 3}},
		{"something behind the quotes", "A='x'y\nB=\"x\"y", map[string]string{}, []int{1, 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, bad := parseDotenv(tc.text)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.bad, bad); diff != "" {
				t.Errorf("bad lines (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever stands in the file, nothing crashes, and what single quotes hold comes back as it was.
func FuzzParseDotenv(f *testing.F) {
	for _, seed := range []string{"A=1", "export A='x' # y", `A="a\n\"b"`, "A=\"\\", "\ufeff#", "=", "A='", "\x00=\xff", "A=$2b$12$x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, bad := parseDotenv(text)
		if lines := strings.Count(text, "\n") + 1; len(values)+len(bad) > lines {
			t.Errorf("%d values and %d bad lines in %d lines", len(values), len(bad), lines)
		}
		for name := range values {
			if assignment().FindStringSubmatch(name+"=") == nil {
				t.Errorf("%q is no name", name)
			}
		}
		if strings.ContainsAny(text, "'\n") {
			return
		}
		if quoted, bad := parseDotenv("A='" + text + "'"); quoted["A"] != text || bad != nil {
			t.Errorf("'%q' comes back as %q, bad lines %v", text, quoted["A"], bad)
		}
	})
}
