// Command testsummary reads the output of `go test -json` on standard input and prints what a person wants to know:
// a line per package, the output of what failed, the reason of every skip, and at the very end
//
//	N passed, N failed, N skipped
//
// It exits with 1 if anything failed, a package did not build, or no test ran at all.
//
// What is counted: tests and subtests, a table's rows being subtests. A test that has subtests stands for them and is
// not counted beside them, unless it failed although none of them did. A package that failed without any failed test
// (it did not build, its TestMain or an init failed, a race was found after the last test) counts as one failure.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
)

func main() {
	os.Exit(run(os.Stdin, os.Stdout))
}

// run returns the exit code.
func run(in io.Reader, out io.Writer) int {
	w := bufio.NewWriter(out)
	defer w.Flush() //nolint:errcheck // standard output is gone: nobody is left to tell
	s := newSummary(w)
	if err := s.read(in); err != nil {
		_, _ = fmt.Fprintf(w, "testsummary: %v\n", err)
		s.failed++
	}
	return s.finish()
}
