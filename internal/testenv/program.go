package testenv

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// WithProgram runs the tests of a package with englishctl first on the PATH, the real program: the one that TEST_PROGRAM
// names, or else one that is built for them. It is what `make build` makes, without the race detector and without counters
// of coverage, which make a process start five times as slowly and decode ten times as slowly; `make race` names one that has
// the detector. It returns the exit code of run.
func WithProgram(run func() int) int {
	dir, err := os.MkdirTemp("", "englishctl-*")
	if err != nil {
		return failed(err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a leftover in the system's place for them
	if err := placeProgram(filepath.Join(dir, "englishctl")); err != nil {
		return failed(err)
	}
	if err := os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH")); err != nil {
		return failed(err)
	}
	return run()
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, "the program to test:", err)
	return 1
}

func placeProgram(path string) error {
	if ready := os.Getenv("TEST_PROGRAM"); ready != "" {
		if _, err := os.Stat(ready); err != nil {
			return fmt.Errorf("TEST_PROGRAM: %w", err)
		}
		return os.Symlink(ready, path)
	}
	build := exec.Command("go", "build", "-trimpath", "-o", path, "github.com/englishapp/englishctl/cmd/englishctl") //nolint:noctx // the tests wait for it
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	return nil
}
