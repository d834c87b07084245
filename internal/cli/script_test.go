package cli_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/englishapp/englishctl/internal/cli"
	"github.com/englishapp/englishctl/internal/testenv"
)

var update = flag.Bool("update", false, "rewrite the expected output in the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"englishctl": func() { os.Exit(cli.Main()) }}) // the real program, a process of its own
}

// TestScripts runs the stories in testdata/script against the real program on an empty machine.
func TestScripts(t *testing.T) {
	pack := testenv.StarterPack(t, 10)
	scripts, err := filepath.Abs("../../scripts")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("DATA_DIR", filepath.Join(env.WorkDir, "data"))
			env.Setenv("STARTER_PACK", pack)
			env.Setenv("SCRIPTS", scripts)
			env.Setenv("API_PORT", "0")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "workbook": workbook},
	})
}

// workbook makes an XLSX file of a CSV file: "workbook FROM.csv TO.xlsx".
func workbook(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: workbook FROM.csv TO.xlsx")
	}
	ts.Check(testenv.Workbook(ts.MkAbs(args[0]), ts.MkAbs(args[1])))
}

// exits runs a program and demands its exit code: "exits 3 englishctl …". Standard output and error are left to
// stdout, stderr and cmp; a file named "stdin" in the folder is what the program reads.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGUMENT…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := err.(*exec.ExitError); ok { //nolint:errorlint // testscript returns it bare
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%v: exit code %d, want %d", args[1:], got, want)
	}
}
