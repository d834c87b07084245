package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A breaking change is named where it belongs, or refused.
func TestRun(t *testing.T) {
	const (
		operation = `[{"text": "removed the property", "level": 3, "operation": "PUT", "path": "/api/v1/users/me"}]`
		schema    = "[{\"text\": \"removed the schema `Speech`\", \"level\": 3}]"
		head      = "# Changelog\n\n## [Unreleased]\n\n"
		released  = "\n## [1.0.0]\n\n### Breaking\n\n- `PUT /api/v1/users/me` `Speech`\n"
	)
	for name, tt := range map[string]struct {
		changelog, changes string
		want               string // in the error; empty for none
	}{
		"nothing breaks":          {head, "[]", ""},
		"an operation is named":   {head + "### Breaking\n\n- `PUT /api/v1/users/me` forgets.\n", operation, ""},
		"a schema is named":       {head + "### Breaking\n\n- `Speech` is gone.\n" + released, schema, ""},
		"nothing is named":        {head, operation, "- `PUT /api/v1/users/me`: removed the property"},
		"another method is named": {head + "### Breaking\n\n- `GET /api/v1/users/me`\n", operation, "PUT"},
		"under another heading":   {head + "### Breaking\n\n### Added\n\n- `PUT /api/v1/users/me`\n", operation, "PUT"},
		"in an earlier release":   {head + released, operation, "PUT"},
		"a schema is not named":   {head + released, schema, "- `Speech`: removed"},
		"no report at all":        {head, "", "read the changes"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "CHANGELOG.md")
			if err := os.WriteFile(path, []byte(tt.changelog), 0o600); err != nil {
				t.Fatal(err)
			}
			err := run(path, strings.NewReader(tt.changes))
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
