package blob

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// maxKeyBytes keeps a key inside every store's limit (S3 takes 1,024 bytes) and inside a database column.
	maxKeyBytes = 512
	// maxNameBytes is what Linux file systems, and so MinIO, take between two slashes.
	maxNameBytes = 255
)

// CheckKey returns fault.Invalid unless key is one that every store takes and keeps apart from all others:
// at most 512 bytes of valid UTF-8, names of 1 to 255 bytes between single slashes, no name that begins with a dot
// (so neither ".." nor the stores' own files), no backslash, no control character.
func CheckKey(key string) error {
	if key == "" {
		return fault.Invalid("key", "an audio key must not be empty")
	}
	return check(key, strings.Split(key, "/"))
}

// checkPrefix is CheckKey for the beginning of a key, which may be empty or end anywhere.
func checkPrefix(prefix string) error {
	names := strings.Split(prefix, "/")
	if last := len(names) - 1; names[last] == "" {
		names = names[:last]
	}
	return check(prefix, names)
}

func check(key string, names []string) error {
	if why := unfit(key, names); why != "" {
		return fault.Invalid("key", "%.80q is no audio key: %s", key, why)
	}
	return nil
}

// unfit says why key, which is made of names, cannot be used; or nothing.
func unfit(key string, names []string) string {
	switch {
	case len(key) > maxKeyBytes:
		return "it is longer than 512 bytes"
	case !utf8.ValidString(key):
		return "it is not valid UTF-8"
	case strings.ContainsFunc(key, forbidden):
		return "it contains a backslash or a control character"
	}
	for _, name := range names {
		switch {
		case name == "":
			return "it has an empty name before, after or between slashes"
		case name[0] == '.':
			return "one of its names begins with a dot"
		case len(name) > maxNameBytes:
			return "one of its names is longer than 255 bytes"
		}
	}
	return ""
}

// forbidden reports the characters that no key has. U+FFFE and U+FFFF are among them because XML, in which S3
// lists and deletes objects, cannot express them.
func forbidden(r rune) bool {
	return r == '\\' || unicode.IsControl(r) || r == 0xFFFE || r == 0xFFFF
}

// keyOfPath returns the key that stands in a link after the store's own part, where it may have a query after it.
func keyOfPath(rest string) (key string, ok bool) {
	rest, _, _ = strings.Cut(rest, "?")
	key, err := url.PathUnescape(rest)
	if err != nil || CheckKey(key) != nil {
		return "", false
	}
	return key, true
}
