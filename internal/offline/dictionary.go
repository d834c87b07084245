package offline

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// maxVariants is how many pronunciations of one word are tried. The dictionary has at most 5.
const maxVariants = 8

// dictionary knows the sounds of words. It keeps the text of its file, and reads the sounds of a word when it is asked for.
type dictionary struct {
	entries map[string]string // by word, in small letters, with (2), (3) … for further pronunciations; names of sounds
	phones  map[string]phone
}

// readDictionary reads lines of a word and its sounds, as in CMU's pronouncing dictionary. All of them have to be sounds of the model.
func readDictionary(content []byte, phones map[string]phone) (*dictionary, error) {
	text := string(content)
	d := &dictionary{entries: make(map[string]string, strings.Count(text, "\n")), phones: phones}
	for number := 1; text != ""; number++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		word, sounds, _ := strings.Cut(strings.TrimRight(line, " \r"), " ")
		if word == "" {
			continue
		}
		if strings.ContainsFunc(word, unicode.IsControl) {
			return nil, fmt.Errorf("line %d is no text: %q", number, shorten(line))
		}
		if !d.known(sounds) {
			return nil, fmt.Errorf("line %d has a sound that the model does not know: %q", number, shorten(line))
		}
		d.entries[word] = sounds
	}
	if len(d.entries) == 0 {
		return nil, errors.New("it has no word")
	}
	return d, d.complete(content)
}

// complete finds a dictionary that was cut off: its last line has no end, or, since words are sorted, the last letters have no words.
func (d *dictionary) complete(content []byte) error {
	if content[len(content)-1] != '\n' {
		return errors.New("it ends in the middle of a line")
	}
	var begun [256]bool
	for word := range d.entries {
		begun[word[0]] = true
	}
	for letter := 'a'; letter <= 'z'; letter++ {
		if !begun[letter] {
			return fmt.Errorf("it has no word that begins with %c", letter)
		}
	}
	return nil
}

// known reports whether there is a sound, and all are known.
func (d *dictionary) known(sounds string) bool {
	n := 0
	for name := range strings.FieldsSeq(sounds) {
		if _, ok := d.phones[name]; !ok {
			return false
		}
		n++
	}
	return n > 0
}

// has reports whether the word is in the dictionary.
func (d *dictionary) has(word string) bool { _, ok := d.entries[word]; return ok }

// variants returns the pronunciations of a word, the usual one first; none where the word is not there.
func (d *dictionary) variants(word string) (found [][]phone) {
	key := word
	for len(found) < maxVariants {
		sounds, ok := d.entries[key]
		if !ok {
			break
		}
		found = append(found, d.parse(sounds))
		key = word + "(" + strconv.Itoa(len(found)+1) + ")"
	}
	return found
}

// parse turns names of sounds into their numbers; unknown ones are left out.
func (d *dictionary) parse(sounds string) (out []phone) {
	for name := range strings.FieldsSeq(sounds) {
		if p, ok := d.phones[name]; ok {
			out = append(out, p)
		}
	}
	return out
}

// shorten keeps a line of a damaged file from filling the screen.
func shorten(line string) string { return line[:min(len(line), 60)] }
