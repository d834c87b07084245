package catalog_test

import (
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

func TestRulesOfContent(t *testing.T) {
	text := func(c *fault.Check, raw string) string { return catalog.CheckText(c, "f", raw) }
	level := func(c *fault.Check, raw string) string { return string(catalog.CheckLevel(c, "f", raw)) }
	typ := func(c *fault.Check, raw string) string { return string(catalog.CheckType(c, "f", raw)) }
	tag := func(c *fault.Check, raw string) string { return catalog.CheckTagName(c, "f", raw) }
	tests := []struct {
		name  string
		check func(*fault.Check, string) string
		raw   string
		want  string
		wrong string
	}{
		{"a text loses the space around it", text, " \tHello.\n", "Hello.", ""},
		{"a text may have 1000 characters, whatever their bytes", text, strings.Repeat("é", 1000), strings.Repeat("é", 1000), ""},
		{"a text of 1001 characters is too long", text, strings.Repeat("é", 1001), strings.Repeat("é", 1001), "The text has 1001 characters; at most 1000 are allowed"},
		{"a text of space is missing", text, " \u00a0 ", "", "The text is missing"},
		{"a text has no line break", text, "a\nb", "a\nb", "The text contains a control character, such as a line break or a tab"},
		{"a text has no NUL", text, "a\x00b", "a\x00b", "The text contains a control character, such as a line break or a tab"},
		{"a text is UTF-8", text, "a\xff", "a\xff", "The text is not valid UTF-8"},
		{"markup is text", text, "<b>'; DROP TABLE tags", "<b>'; DROP TABLE tags", ""},
		{"a level that exists", level, "C1", "C1", ""},
		{"a level that does not exist", level, "D1", "D1", "Invalid level 'D1'. Must be one of: A1, A2, B1, B2, C1"},
		{"levels are upper case", level, "a1", "a1", "Invalid level 'a1'. Must be one of: A1, A2, B1, B2, C1"},
		{"a level is required", level, "", "", "The level is missing. Must be one of: A1, A2, B1, B2, C1"},
		{"control characters are not repeated", level, "A\x1b[1", "A\x1b[1", "Invalid level 'A\ufffd[1'. Must be one of: A1, A2, B1, B2, C1"},
		{"long words are cut", level, strings.Repeat("x", 100), strings.Repeat("x", 100), "Invalid level '" + strings.Repeat("x", 80) + "…'. Must be one of: A1, A2, B1, B2, C1"},
		{"a type that exists", typ, "question", "question", ""},
		{"no type means answer", typ, "", "answer", ""},
		{"a type that does not exist", typ, "Question", "Question", "Invalid type 'Question'. Must be one of: question, answer"},
		{"a tag name is trimmed and composed", tag, " Cafe\u0301 ", "Café", ""},
		{"a tag name of 101 characters is too long", tag, strings.Repeat("x", 101), strings.Repeat("x", 101), "The tag name has 101 characters; at most 100 are allowed"},
		{"a tag name has no comma", tag, "a,b", "a,b", "The tag name 'a,b' contains a comma, which separates tags in a CSV file"},
		{"a tag name has no NUL", tag, "a\x00b", "a\x00b", "The tag name contains a control character, such as a line break or a tab"},
		{"a tag name is required", tag, " ", "", "The tag name is missing"},
		{"a tag name is UTF-8", tag, "\xc3(", "\xc3(", "The tag name is not valid UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c fault.Check
			got := tt.check(&c, tt.raw)
			var wrong []string
			for _, f := range c.Fields() {
				wrong = append(wrong, f.Message)
			}
			if got != tt.want || strings.Join(wrong, "; ") != tt.wrong {
				t.Fatalf("= %q, %q; want %q, %q", got, wrong, tt.want, tt.wrong)
			}
		})
	}
}
