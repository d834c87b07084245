package cli

import (
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible returns text in which nothing steers a terminal: control characters, what turns the direction of writing, and
// what is no UTF-8 are shown as an escape of Go's, `\n`, `\x1b`, `\u202e`. Characters that only join others stay.
func visible(text string) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, steers) {
		return text
	}
	return escape(text, steers)
}

// visibleLines is visible for text that may have several lines, and tabs.
func visibleLines(text string) string {
	steersMore := func(r rune) bool { return r != '\n' && r != '\t' && steers(r) }
	if utf8.ValidString(text) && !strings.ContainsFunc(text, steersMore) {
		return text
	}
	return escape(text, steersMore)
}

// visibleWriter prints text in which nothing steers a terminal.
type visibleWriter struct{ io.Writer }

func (w visibleWriter) Write(text []byte) (int, error) {
	_, err := io.WriteString(w.Writer, visibleLines(string(text)))
	return len(text), err
}

func escape(text string, which func(rune) bool) string {
	var out strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			out.WriteString(`\x` + strconv.FormatUint(uint64(text[0]), 16))
		case which(r):
			quoted := strconv.QuoteRuneToASCII(r)
			out.WriteString(quoted[1 : len(quoted)-1])
		default:
			out.WriteString(text[:size])
		}
		text = text[size:]
	}
	return out.String()
}

// steers reports whether a terminal does something else with the character than show it: C0 and C1 controls, line and
// paragraph separators, and the marks that override the direction of writing (Unicode Standard Annex 9, section 2).
func steers(r rune) bool {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029':
		return true
	}
	return '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}
