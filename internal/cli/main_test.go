package cli_test

import (
	"flag"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/englishapp/englishctl/internal/testenv"
)

var update = flag.Bool("update", false, "rewrite the expected output in the scripts")

func TestMain(m *testing.M) {
	os.Exit(testenv.WithProgram(m.Run))
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
