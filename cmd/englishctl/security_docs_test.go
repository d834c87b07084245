package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// proof is a test that docs/security.md names, with the file that it is in.
var proof = regexp.MustCompile("\\[`((?:Test|Fuzz)\\w+)`\\]\\(([^)]+)\\)")

// TestSecurityNamesTests: every test that the security page names is where it says, and every risk and chapter of its tables
// names one.
func TestSecurityNamesTests(t *testing.T) {
	page := read(t, "docs/security.md")
	found := proof.FindAllStringSubmatch(page, -1)
	if len(found) < 50 {
		t.Fatalf("found %d tests: this test looks in the wrong place", len(found))
	}
	for _, f := range found {
		if file := filepath.Join("docs", f[2]); !strings.Contains(read(t, file), "\nfunc "+f[1]+"(") {
			t.Errorf("there is no %s in %s", f[1], file)
		}
	}
	if named := strings.Count(page, "`Test") + strings.Count(page, "`Fuzz"); named != len(found)+1 { // this one, which needs no proof
		t.Errorf("%d tests are named, and %d of them with their file", named, len(found))
	}
	rows := 0
	for line := range strings.Lines(page) {
		if risk := strings.HasPrefix(line, "| API") || regexp.MustCompile(`^\| V\d`).MatchString(line); risk {
			rows++
			if !proof.MatchString(line) {
				t.Errorf("no test for %.60s", line)
			}
		}
	}
	if rows < 30 {
		t.Errorf("the tables have %d rows", rows)
	}
}
