package catalog

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/fault"
)

// The limits of content.
const (
	maxTextRunes     = 1000
	maxTagNameRunes  = 100 // spec, "Appendix: Sample Database Schema"
	maxCategoryRunes = 50  // spec, "Appendix: Sample Database Schema"
	maxSearchRunes   = 200
	// MaxTags is the largest number of tags of a speech, and of a draw.
	MaxTags = 100
)

// CheckText returns the text of a speech as it is stored, without the space around it, and notes in c if it breaks a
// rule: 1 to 1000 characters, no control characters.
func CheckText(c *fault.Check, field, text string) string {
	text = strings.TrimSpace(text)
	checkWords(c, field, "text", text, maxTextRunes)
	return text
}

// CheckLevel returns the level that raw names, and notes in c if there is no such level.
func CheckLevel(c *fault.Check, field, raw string) Level {
	level := Level(raw)
	switch {
	case raw == "":
		c.Addf(field, "The level is missing. Must be one of: %s", OneOf(Levels))
	case !level.Valid():
		c.Addf(field, "Invalid level '%s'. Must be one of: %s", Shown(raw), OneOf(Levels))
	}
	return level
}

// CheckType returns the sentence type that raw names, and notes in c if there is no such type. An empty raw is Answer
// (spec, "Speech").
func CheckType(c *fault.Check, field, raw string) SentenceType {
	if raw == "" {
		return Answer
	}
	typ := SentenceType(raw)
	c.Require(typ.Valid(), field, "Invalid type '%s'. Must be one of: %s", Shown(raw), OneOf(SentenceTypes))
	return typ
}

// CheckTagName returns a tag's name as it is stored, without the space around it and in Unicode NFC, and notes in c if
// it breaks a rule: 1 to 100 characters, no control characters, and no comma, which separates tags in a CSV.
func CheckTagName(c *fault.Check, field, name string) string {
	name = cleanName(name)
	checkWords(c, field, "tag name", name, maxTagNameRunes)
	c.Require(!strings.Contains(name, ","), field, "The tag name '%s' contains a comma, which separates tags in a CSV file", Shown(name))
	return name
}

// checkCategory is CheckTagName for a category, which may be empty: at most 50 characters, none of them control characters.
func checkCategory(c *fault.Check, field, category string) string {
	category = cleanName(category)
	if category != "" {
		checkWords(c, field, "category", category, maxCategoryRunes)
	}
	return category
}

// cleanName leaves bytes that are no UTF-8 alone, so that the check that follows finds them.
func cleanName(name string) string {
	if !utf8.ValidString(name) {
		return name
	}
	return strings.TrimSpace(norm.NFC.String(name))
}

// checkWords notes in c unless words has 1 to limit characters that can be read.
func checkWords(c *fault.Check, field, what, words string, limit int) {
	switch n := utf8.RuneCountInString(words); {
	case words == "":
		c.Addf(field, "The %s is missing", what)
	case !utf8.ValidString(words):
		c.Addf(field, "The %s is not valid UTF-8", what)
	case strings.ContainsFunc(words, unicode.IsControl):
		c.Addf(field, "The %s contains a control character, such as a line break or a tab", what)
	case n > limit:
		c.Addf(field, "The %s has %d characters; at most %d are allowed", what, n, limit)
	}
}

// Shown returns what somebody entered as an error message can quote it: at most 80 characters, each of them visible.
func Shown(s string) string {
	const limit = 80
	shown := []rune(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s))
	if len(shown) > limit {
		return string(shown[:limit]) + "…"
	}
	return string(shown)
}
