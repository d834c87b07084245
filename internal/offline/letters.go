package offline

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// spelling is a rule: letters, in a context, and how they sound.
type spelling struct {
	letters     string
	left, right *regexp.Regexp // nil where anything may be there
	sounds      []phone
}

// newSpeller reads the rules. The model has to have their sounds.
func newSpeller(words *dictionary) (*speller, error) {
	s := &speller{words: words}
	for line := range strings.Lines(spellingRules) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "//") {
			continue
		}
		rule, sounds, _ := strings.Cut(line, "=")
		if strings.TrimSpace(sounds) != "" && !words.known(sounds) {
			return nil, fmt.Errorf("it lacks one of the sounds %s of American English", strings.TrimSpace(sounds))
		}
		before, rest, _ := strings.Cut(strings.TrimSpace(rule), "[")
		letters, after, _ := strings.Cut(rest, "]")
		r := spelling{letters: letters, sounds: words.parse(sounds)}
		if before != "" {
			r.left = regexp.MustCompile("(?:" + classes.Replace(before) + ")$")
		}
		if after != "" {
			r.right = regexp.MustCompile("^(?:" + classes.Replace(after) + ")")
		}
		s.rules = append(s.rules, r)
	}
	return s, nil
}

// classes are letters that stand for many in the context of a rule; _ is the word's beginning or end.
var classes = strings.NewReplacer("V", "[aeiouy]", "C", "[^aeiouy_]", "E", "[eiy]")

// sounds returns the pronunciations of a spoken word: the dictionary's, or else those of its parts, or else what the rules make of its
// letters. There are none for what has no Latin letters.
func (s *speller) sounds(word string) [][]phone {
	if found := s.words.variants(word); found != nil {
		return found
	}
	if found := s.derived(word); found != nil {
		return [][]phone{found}
	}
	if sounds := s.guess(word); len(sounds) > 0 {
		return [][]phone{sounds}
	}
	return nil
}

// Endings and beginnings whose sounds are known, for words that the dictionary has without them.
var (
	endings = []struct{ letters, sounds string }{
		{"'s", "Z"}, {"s'", "Z"}, {"ing", "IH NG"}, {"ed", "D"}, {"es", "IH Z"}, {"s", "Z"}, {"ly", "L IY"}, {"ness", "N AH S"}, {"er", "ER"}, {"less", "L AH S"},
	}
	beginnings = []struct{ letters, sounds string }{
		{"un", "AH N"}, {"re", "R IY"}, {"non", "N AA N"}, {"over", "OW V ER"}, {"under", "AH N D ER"}, {"out", "AW T"}, {"mis", "M IH S"},
	}
)

// leastPart is how many letters a word needs to be part of a longer one.
const leastPart = 3

// derived puts the sounds of a word together from those of a word that the dictionary has and an ending, a beginning or another such word.
func (s *speller) derived(word string) []phone {
	if sounds := s.inflected(word); sounds != nil {
		return sounds
	}
	for _, b := range beginnings {
		rest, ok := strings.CutPrefix(word, b.letters)
		if !ok || len(rest) < leastPart {
			continue
		}
		sounds := s.firstOf(rest)
		if sounds == nil {
			sounds = s.inflected(rest)
		}
		if sounds != nil {
			return append(s.words.parse(b.sounds), sounds...)
		}
	}
	for i := len(word) - leastPart; i >= leastPart; i-- {
		if head, tail := s.firstOf(word[:i]), s.firstOf(word[i:]); head != nil && tail != nil {
			return append(head, tail...)
		}
	}
	return nil
}

// inflected returns the sounds of a word of the dictionary with an ending.
func (s *speller) inflected(word string) []phone {
	for _, e := range endings {
		if stem, ok := strings.CutSuffix(word, e.letters); ok {
			if sounds := s.stem(stem, e.letters); sounds != nil {
				return append(sounds, s.ending(sounds, e.letters, e.sounds)...)
			}
		}
	}
	return nil
}

// stem returns the sounds of a word whose ending was cut off: with an e that has gone ("making"), or a letter that was doubled ("googling").
func (s *speller) stem(stem, ending string) []phone {
	if len(stem) < leastPart {
		return nil
	}
	if sounds := s.firstOf(stem); sounds != nil {
		return sounds
	}
	if strings.ContainsAny(ending[:1], "aei") {
		if sounds := s.firstOf(stem + "e"); sounds != nil {
			return sounds
		}
		if n := len(stem); n > leastPart && stem[n-1] == stem[n-2] {
			return s.firstOf(stem[:n-1])
		}
	}
	return nil
}

// ending returns the sounds of an ending, which depend on what is before it: "cats", "dogs", "buses".
func (s *speller) ending(before []phone, letters, usual string) []phone {
	final := ""
	for name, p := range s.words.phones {
		if p == before[len(before)-1] {
			final = name
		}
	}
	within := func(list string) bool { return strings.Contains(" "+list+" ", " "+final+" ") }
	switch letters {
	case "'s", "s'", "s", "es":
		switch {
		case within("S Z SH ZH CH JH"):
			usual = "IH Z"
		case within("P T K F TH"):
			usual = "S"
		default:
			usual = "Z"
		}
	case "ed":
		switch {
		case within("T D"):
			usual = "IH D"
		case within("P K F TH S SH CH"):
			usual = "T"
		}
	}
	return s.words.parse(usual)
}

// firstOf is the usual pronunciation of a word of the dictionary, or nil.
func (s *speller) firstOf(word string) []phone {
	sounds, ok := s.words.entries[word]
	if !ok {
		return nil
	}
	return s.words.parse(sounds)
}

// guess reads a word by rules: at each place the first that fits.
func (s *speller) guess(word string) (sounds []phone) {
	padded := "_" + strings.Map(latin, strings.ToLower(word)) + "_"
	for at := 1; at < len(padded)-1; {
		r := s.fitting(padded, at)
		if r == nil {
			at++
			continue
		}
		sounds = append(sounds, r.sounds...)
		at += len(r.letters)
	}
	return sounds
}

// latin keeps the letters from a to z.
func latin(r rune) rune {
	if r > unicode.MaxASCII || !unicode.IsLetter(r) {
		return -1
	}
	return r
}

func (s *speller) fitting(word string, at int) *spelling {
	for i := range s.rules {
		r := &s.rules[i]
		if !strings.HasPrefix(word[at:], r.letters) {
			continue
		}
		if (r.left == nil || r.left.MatchString(word[:at])) && (r.right == nil || r.right.MatchString(word[at+len(r.letters):])) {
			return r
		}
	}
	return nil
}
