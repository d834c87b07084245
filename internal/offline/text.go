package offline

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// token is a word of a text as it is written, such as "7:30", and how it is read aloud.
type token struct {
	written string
	spoken  []string    // "seven", "thirty"
	sounds  [][][]phone // by spoken word: its pronunciations; none where nobody knows
}

// known reports whether the sounds of all of it are known.
func (t *token) known() bool {
	for _, variants := range t.sounds {
		if len(variants) == 0 {
			return false
		}
	}
	return true
}

// speak turns a text into words as they are read aloud, with their sounds.
func (m *Model) speak(text string) []token {
	words, written := split(text)
	var out []token
	for i, w := range words {
		preceding, following := neighbours(words, i)
		t := token{written: trimSigns(written[i]), spoken: m.letters.read(w, preceding, following)}
		if len(t.spoken) == 0 {
			continue // a dash, a bullet
		}
		if t.written == "" {
			t.written = w // "&"
		}
		for _, s := range t.spoken {
			t.sounds = append(t.sounds, m.letters.sounds(s))
		}
		out = append(out, t)
	}
	return out
}

// split returns the words of a text, in plain signs and as they are written there.
func split(text string) (plain, written []string) {
	for _, word := range strings.Fields(norm.NFC.String(text)) {
		parts := strings.Fields(plainSigns(word))
		plain = append(plain, parts...)
		if len(parts) == 1 {
			parts = []string{word}
		}
		written = append(written, parts...)
	}
	return plain, written
}

// neighbours are the words before and after the one at i, as far as no sign parts them from it. A point does only from the word before: it
// may be that of an abbreviation.
func neighbours(words []string, i int) (preceding, following string) {
	if i > 0 && !strings.ContainsAny(words[i-1][len(words[i-1])-1:], ".,:;!?") {
		preceding = words[i-1]
	}
	if i+1 < len(words) && !strings.ContainsAny(words[i][len(words[i])-1:], ",;!?") {
		following = words[i+1]
	}
	return preceding, following
}

// signs replaces what typesetters write by what is on a keyboard.
var signs = strings.NewReplacer(
	"’", "'", "‘", "'", "ʼ", "'", "ˈ", "'", "`", "'", "´", "'", "′", "'", "＇", "'", "“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`,
	"‐", "-", "‑", "-", "‒", "-", "−", "-", "–", " – ", "—", " – ", "…", " ", "½", " 1/2", "¼", " 1/4", "¾", " 3/4", "\u00ad", "", "\u200b", "", "\ufeff", "",
)

// plainSigns writes a text with the signs of a keyboard, and letters without their marks: "café" is "cafe".
func plainSigns(text string) string {
	text = signs.Replace(text)
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return strings.NewReplacer("ß", "ss", "æ", "ae", "Æ", "Ae", "œ", "oe", "ø", "o", "Ø", "O", "ł", "l", "đ", "d").Replace(b.String())
}

// trimSigns takes away what is around a word but is not part of it.
func trimSigns(word string) string {
	return strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
