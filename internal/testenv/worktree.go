package testenv

import (
	"os"
	"path/filepath"
	"testing"
)

// began is the folder in which the tests of a package begin: its own. Some tests go elsewhere later.
var began, errBegan = os.Getwd()

// workTree is the folder of go.mod. It is not found from the place of this file, which is not known where tests are built with -trimpath.
func workTree(tb testing.TB) string {
	tb.Helper()
	if errBegan != nil {
		tb.Fatal(errBegan)
	}
	for dir := began; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			tb.Fatalf("there is no go.mod above %s", began)
		}
	}
}
