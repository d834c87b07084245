package httpapi

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/practice"
)

// mismatch says what a JSON value should have been, and what came instead.
func mismatch[T any](raw []byte) string {
	expected, scalar := expectation[T]()
	if came := kindOf(raw); came != scalar {
		return fmt.Sprintf("must be %s, not %s", expected, came)
	}
	return fmt.Sprintf("%s is not %s", excerpt(string(raw)), expected)
}

// expectation says in words what a T is, and the kind of JSON value that it is written as.
func expectation[T any]() (words, kind string) {
	var zero T
	switch any(zero).(type) {
	case uuid.UUID:
		return "a UUID", "a text"
	case time.Time:
		return `a time in RFC 3339, such as "2025-12-10T10:00:00Z"`, "a text"
	}
	switch reflect.TypeFor[T]().Kind() {
	case reflect.String:
		return "a text", "a text"
	case reflect.Int32:
		return "a whole number of at most 32 bits", "a number"
	case reflect.Float64:
		return "a number that a 64-bit float can hold", "a number"
	case reflect.Bool:
		return "true or false", "true or false"
	case reflect.Slice:
		return "a list", "a list"
	default:
		return "an object", "an object"
	}
}

// kindOf names the kind of a valid JSON value other than null.
func kindOf(raw []byte) string {
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a text"
	case 't', 'f':
		return "true or false"
	default:
		return "a number"
	}
}

// unacceptable says what is wrong with a value of the right type, to which it is given a pointer, or nothing.
func unacceptable(value any, raw []byte) string {
	switch v := value.(type) {
	case *catalog.Level:
		return notOneOf(*v, catalog.Levels)
	case *catalog.SentenceType:
		return notOneOf(*v, catalog.SentenceTypes)
	case *practice.Mode:
		return notOneOf(*v, practice.Modes)
	case *practice.Response:
		return notOneOf(*v, practice.Responses)
	case *uuid.UUID:
		if len(raw) != len(`""`)+uuidLength { // other forms of writing one ("urn:uuid:…", "{…}") have no place in an API
			return excerpt(string(raw)) + " is not a UUID"
		}
	case *string:
		if halfCharacter(*v, raw) {
			return `has half a character in it (a lone \ud800 to \udfff)`
		}
	}
	return ""
}

// uuidLength is the length of a UUID as text (RFC 9562, section 4).
const uuidLength = 36

// parseID parses a UUID in its usual form only.
func parseID(text string) (uuid.UUID, bool) {
	id, err := uuid.Parse(text)
	return id, err == nil && len(text) == uuidLength
}

func notOneOf[T ~string](value T, allowed []T) string {
	if slices.Contains(allowed, value) {
		return ""
	}
	return fmt.Sprintf("%s is not allowed. Must be one of: %s", quoted(string(value)), catalog.OneOf(allowed))
}

// halfCharacter reports whether encoding/json put U+FFFD in place of a lone surrogate: it is in the text, but the
// sender did not write it.
func halfCharacter(text string, raw []byte) bool {
	return strings.ContainsRune(text, utf8.RuneError) &&
		!bytes.ContainsRune(raw, utf8.RuneError) && !bytes.Contains(bytes.ToLower(raw), []byte(`\ufffd`))
}

// maxExcerpt is how many characters of a wrong value an answer repeats.
const maxExcerpt = 60

func quoted(text string) string { return fmt.Sprintf("%q", excerpt(text)) }

func excerpt(text string) string {
	if utf8.RuneCountInString(text) <= maxExcerpt {
		return text
	}
	return string([]rune(text)[:maxExcerpt]) + "…"
}
