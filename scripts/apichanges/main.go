// Command apichanges reads what `oasdiff breaking --format json` has found and exits with 1 if the changelog does not name each of it.
//
// Usage: apichanges CHANGELOG <changes.json
//
// A change is named by its operation in backquotes (`PUT /api/v1/users/me`), or where it has none by its schema (`Speech`), under
// the heading "### Breaking" of what is not released yet.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: apichanges CHANGELOG <changes.json")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "apichanges:", err)
		os.Exit(1)
	}
}

func run(changelog string, changes io.Reader) error {
	text, err := os.ReadFile(changelog)
	if err != nil {
		return err
	}
	var found []change
	if err := json.NewDecoder(changes).Decode(&found); err != nil {
		return fmt.Errorf("read the changes: %w", err)
	}
	silent := unnamed(string(text), found)
	if len(silent) == 0 {
		return nil
	}
	return fmt.Errorf("clients of the last release would break, and %s does not say so under \"### Breaking\":\n%s", changelog, strings.Join(silent, "\n"))
}

// change is what breaks clients, in the words of oasdiff.
type change struct {
	Text      string `json:"text"`
	Operation string `json:"operation"` // empty for a change of a schema alone
	Path      string `json:"path"`
}

var quoted = regexp.MustCompile("`[^`]+`")

// name is what the changelog has to call the change by.
func (c change) name() string {
	if c.Operation != "" {
		return "`" + c.Operation + " " + c.Path + "`"
	}
	return quoted.FindString(c.Text)
}

// unnamed are the changes that the changelog is silent about.
func unnamed(changelog string, found []change) []string {
	told := breaking(changelog)
	var silent []string
	for _, c := range found {
		if name := c.name(); name == "" || !strings.Contains(told, name) {
			silent = append(silent, fmt.Sprintf("- %s: %s", name, c.Text))
		}
	}
	return silent
}

// breaking is the part of the changelog in which an unreleased breaking change is told.
func breaking(changelog string) string {
	_, unreleased, _ := strings.Cut(changelog, "\n## [Unreleased]\n")
	unreleased, _, _ = strings.Cut(unreleased, "\n## ")
	_, told, _ := strings.Cut(unreleased, "\n### Breaking\n")
	told, _, _ = strings.Cut(told, "\n### ")
	return told
}
