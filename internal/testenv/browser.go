package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Browser returns the path of a Chromium: the one that TEST_BROWSER names, or Debian's. Where there is none, the test fails if
// TEST_SERVICES_REQUIRED=1 (as under `make test`, which installs it); otherwise it is skipped with a sentence that says so.
func Browser(tb testing.TB) string {
	tb.Helper()
	name := os.Getenv("TEST_BROWSER")
	if name == "" {
		name = "chromium"
	}
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("TEST_SERVICES_REQUIRED") == "1" {
		tb.Fatalf("there is no browser, but TEST_SERVICES_REQUIRED=1 promises one: %v", err)
	}
	tb.Skip("there is no Chromium: run `make test`, which installs it, or name one by TEST_BROWSER")
	return ""
}

// Artifacts returns a folder, ignored by git, for what a test run leaves behind to be looked at.
func Artifacts(tb testing.TB, name string) string {
	tb.Helper()
	dir := filepath.Join(workTree(tb), "artifacts", name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	return dir
}
