package cli

import (
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A database that does not answer keeps nobody waiting at the prompt, and says nothing there.
func TestCompletionGivesUp(t *testing.T) {
	silent, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	cmd := exec.CommandContext(t.Context(), "englishctl", "__complete", "tags", "delete", "")
	cmd.Dir = t.TempDir()
	cmd.Env = append(cmd.Environ(), "DATABASE_URL=postgres://app@"+silent.Addr().String()+"/app?sslmode=disable", "DATA_DIR=data")
	begun := time.Now()
	out, err := cmd.Output()
	if err != nil || string(out) != ":4\n" {
		t.Errorf("it prints %q, %v", out, err)
	}
	if took := time.Since(begun); took < completionPatience || took > 10*time.Second {
		t.Errorf("it took %v, want a little more than %v", took, completionPatience)
	}
}

// Every argument, and every flag with a few possible values, can be completed, and nothing else is spoken of.
func TestEveryArgumentIsCompleted(t *testing.T) {
	e := &env{}
	arguments, flags := e.completedArguments(), e.completedFlags()
	paths := map[string]bool{}
	for _, cmd := range commands(newRoot(e)) {
		path := strings.TrimPrefix(cmd.CommandPath(), "englishctl ")
		paths[path] = true
		if takes := strings.Fields(cmd.Use)[1:]; len(takes) > 0 && takes[0][0] != '[' && strings.ToUpper(takes[0]) == takes[0] {
			if len(arguments[path]) == 0 && !strings.HasPrefix(cmd.Use, "create NAME") {
				t.Errorf("%s takes %q, which nothing completes", path, takes[0])
			}
		}
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			paths["--"+f.Name], paths[path+" --"+f.Name] = true, true
		})
	}
	for path := range arguments {
		if !paths[path] {
			t.Errorf("there is no command %q", path)
		}
	}
	for flag := range flags {
		if !paths[flag] {
			t.Errorf("there is no flag %q", flag)
		}
	}
}

func TestCompleteColumns(t *testing.T) {
	complete := completeColumns([]string{"id", "name", "email"})
	for typed, want := range map[string]string{
		"":          "id name email",
		"na":        "id name email", // the shell chooses
		"name,":     "name,id name,email",
		"name,id,e": "name,id,email",
		"x,":        "x,id x,name x,email",
	} {
		got, directive := complete(nil, nil, typed)
		if strings.Join(got, " ") != want || directive != cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace {
			t.Errorf("after %q: %q, %d", typed, got, directive)
		}
	}
}
