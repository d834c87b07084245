package cli

import (
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
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

// toPeople prints text for people: nothing in it steers the terminal, and lines that are too long for it are broken
// between words.
type toPeople struct{ io.Writer }

func (w toPeople) Write(text []byte) (int, error) {
	_, err := io.WriteString(w.Writer, forPeople(w.Writer, string(text)))
	return len(text), err
}

// forPeople returns text as toPeople prints it to w.
func forPeople(w io.Writer, text string) string {
	text = visibleLines(text)
	width := terminalWidth(w)
	if width <= 0 {
		return text
	}
	var out strings.Builder
	for line := range strings.SplitAfterSeq(text, "\n") {
		out.WriteString(breakWords(line, width))
	}
	return out.String()
}

// labelled is a line for people that begins with a word in a colour.
func labelled(w io.Writer, colour, label, text string) string {
	return paint(w, colour, label) + strings.TrimPrefix(forPeople(w, label+" "+text+"\n"), label)
}

// breakWords breaks a line between words so that no part is wider than width, but for words that are; a command or a
// path can be copied as it is. It keeps all space that is not at a break.
func breakWords(line string, width int) string {
	var out strings.Builder
	used := 0
	for word := range strings.SplitAfterSeq(line, " ") {
		wide := twwidth.Width(strings.TrimRight(word, " \n"))
		if used > 0 && used+wide > width && wide > 0 {
			broken := strings.TrimRight(out.String(), " ") + "\n"
			out.Reset()
			out.WriteString(broken)
			used = 0
		}
		out.WriteString(word)
		used += twwidth.Width(strings.TrimRight(word, "\n"))
	}
	return out.String()
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
