package cli

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fullOfOddities makes a data directory of which the lists are hard to print.
func fullOfOddities(t *testing.T) (data string) {
	t.Helper()
	data = lessons(t, 3)
	const long = "somebody.with.a.very.long.name.indeed@mail.department.of.languages.university.example.com"
	for _, user := range []struct{ email, name string }{
		{"ada@example.com", "Ada"}, {long, "Nguyễn Thị Minh Khai"}, {"wang@example.com", "王小明"}, {"e@example.com", "Ame\u0301lie 🎉"},
	} {
		prepare(t, data, "SecurePass123", "users", "create", "--email", user.email, "--name", user.name, "--password-stdin")
	}
	for _, tag := range []string{"\u202eright to left", "とても長い名前のタグであると言えるでしょう", strings.Repeat("long ", 19) + "long"} {
		prepare(t, data, "", "tags", "create", tag, "--category", "topic")
	}
	prepare(t, data, "", "speeches", "create", "--level", "C1", "--text", strings.Repeat("Một câu dài ", 30)+"và hết.",
		"--audio", "https://media.example.com/"+strings.Repeat("x", 200)+".mp3")
	return data
}

// Every list fits the terminal, whatever is in it.
func TestListsFitTheTerminal(t *testing.T) {
	data := fullOfOddities(t)
	for _, list := range []string{
		"users list", "users list --columns id,email,name,role,auth_provider,created_at", "users show ada@example.com", "tags list",
		"tags list --columns created_at,speech_count,category,name", "speeches list",
		"speeches list --columns text,id,tags,audio_url,audio_sha256", "audit list", "audit list --columns id,at,changes,object_id",
		"import list", "stats", "config show", "migrate status", "users list --search nobody",
	} {
		for _, columns := range []uint16{80, 60, 44} {
			s := runOnTerminal(t, columns, []string{"DATA_DIR=" + data}, strings.Fields(list)...)
			if s.exitCode() != 0 {
				t.Fatalf("%s\n%s", list, s.shown())
			}
			for _, row := range s.rows {
				if row.soft && !strings.HasPrefix(row.text, "warning: ") && !strings.HasPrefix(row.text, "page ") {
					t.Errorf("%s is wider than %d columns:\n%s", list, columns, s.shown())
					break
				}
			}
		}
	}
}

// How lists look on a terminal.
func TestListsOnATerminal(t *testing.T) {
	data := fullOfOddities(t)
	for _, tt := range []struct {
		golden  string
		columns uint16
		list    string
	}{
		{"users_list", 80, "users list --columns email,name,role"},
		{"tags_list", 80, "tags list"},
		{"speeches_list", 80, "speeches list --columns level,type,text"},
		{"speeches_blocks", 40, "speeches list --columns level,type,tags,text,audio_sha256 --search sentence"},
		{"nobody", 80, "users list --search nobody"},
		{"stats", 80, "stats"},
	} {
		t.Run(tt.golden, func(t *testing.T) {
			got := runOnTerminal(t, tt.columns, []string{"DATA_DIR=" + data}, strings.Fields(tt.list)...).shown() + "\n"
			path := filepath.Join("testdata", "terminal", tt.golden+".golden")
			if flag.Lookup("update").Value.String() == "true" {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the terminal shows (-want +got):\n%s", diff)
			}
		})
	}
}
