// Command covergate reads a coverage profile of `go test -coverprofile`, prints the share of statements covered in
// each package of the module, and exits with 1 if a package is below its gate or missing from the profile.
//
// Usage: covergate PROFILE
//
// A statement counts as covered when any test of the run reached it, also one of another package (the profile is
// made with -coverpkg=./internal/...): a service's refusals are often provoked through httpapi.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: covergate PROFILE")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "covergate:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	covered, err := parse(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	isDir := func(name string) bool {
		info, err := os.Stat(name)
		return err == nil && info.IsDir()
	}
	return report(os.Stdout, covered, gates(isDir))
}
