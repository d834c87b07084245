package config

import "strings"

// assignment is NAME=value, as the shell and other readers of .env have it.
var assignment = pattern(`\A(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)\z`)

// parseDotenv reads lines of NAME=value and returns the values, and the numbers (from 1) of lines that are none.
//
// Blank lines and lines that begin with # are passed over, as is a leading "export". A value may stand in single
// quotes, which keep all of it, or in double quotes, in which \n, \r, \t, \", \$ and \\ are what they are elsewhere.
// A value without quotes ends where a space and # begin a comment. $ means itself: password hashes are full of it.
// Of two lines with one name the later holds.
func parseDotenv(text string) (values map[string]string, bad []int) {
	values = map[string]string{}
	text = strings.TrimPrefix(text, "\ufeff") // written by some editors of Windows
	number := 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		parts := assignment().FindStringSubmatch(line)
		if parts == nil {
			bad = append(bad, number)
			continue
		}
		value, ok := unquote(parts[2])
		if !ok {
			bad = append(bad, number)
			continue
		}
		values[parts[1]] = value
	}
	return values, bad
}

// unquote returns the value without quotes and without the comment after it.
func unquote(text string) (value string, ok bool) {
	if text == "" {
		return "", true
	}
	switch text[0] {
	case '\'':
		value, rest, closed := strings.Cut(text[1:], "'")
		return value, closed && onlyComment(rest)
	case '"':
		return unquoteDouble(text[1:])
	case '#':
		return "", true
	}
	if i := strings.Index(text, " #"); i >= 0 {
		text = text[:i]
	}
	if i := strings.Index(text, "\t#"); i >= 0 {
		text = text[:i]
	}
	return strings.TrimSpace(text), true
}

func unquoteDouble(text string) (value string, ok bool) {
	escapes := map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', '"': '"', '$': '$', '\\': '\\'}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return b.String(), onlyComment(text[i+1:])
		case c == '\\' && i+1 < len(text) && escapes[text[i+1]] != 0:
			i++
			b.WriteByte(escapes[text[i]])
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

// onlyComment reports whether nothing but a comment stands behind a closing quote.
func onlyComment(rest string) bool {
	rest = strings.TrimSpace(rest)
	return rest == "" || rest[0] == '#'
}
