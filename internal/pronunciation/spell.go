package pronunciation

import (
	"strings"
	"unicode"
)

// spell gives the words the spelling that they have in the text: providers answer "what", where the text has "What".
func spell(words []Word, text string) {
	written := strings.Fields(text)
	for i := range written {
		written[i] = strings.TrimFunc(written[i], func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	}
	at := 0
	for i, w := range words {
		if w.Error == Insertion {
			continue // it is not in the text
		}
		for j := at; j < len(written); j++ {
			if strings.EqualFold(written[j], w.Text) {
				words[i].Text, at = written[j], j+1
				break
			}
		}
	}
}
