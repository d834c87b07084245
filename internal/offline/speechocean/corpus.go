package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// utterance is one sentence of the corpus, as one speaker has read it, and what the experts say of it.
type utterance struct {
	ID, Speaker, Path, Text string

	Accuracy, Fluency, Completeness, Prosody, Total float64 // 0 to 10
	Words                                           []word
	// Experts is how many have marked the sentence; 0 where single experts are not known.
	Experts int

	// Mean is what judges learn: the means of the experts' marks, which say more than their whole medians. Where single experts are not
	// known, it is the same.
	Mean struct{ Accuracy, Fluency, Prosody, Total float64 }
}

// word is a word with its marks. Phones are CMU's, without stress.
type word struct {
	Text            string
	Accuracy, Total float64 // 0 to 10
	Mean            float64 // of the experts' Accuracy; see utterance
	Stress          float64 // 5 or 10
	Phones          []string
	Marks           []float64 // by phone: 0 to 2
}

// readSplit reads "train" or "test" of the corpus.
func readSplit(dir, split string) ([]utterance, error) {
	paths, err := readPairs(filepath.Join(dir, split, "wav.scp"))
	if err != nil {
		return nil, err
	}
	speakers, err := readPairs(filepath.Join(dir, split, "utt2spk"))
	if err != nil {
		return nil, err
	}
	marks, err := readMarks(dir, split)
	if err != nil {
		return nil, err
	}
	var out []utterance
	for id, path := range paths {
		u, ok := marks[id]
		if !ok {
			return nil, fmt.Errorf("%s has no marks of %s", dir, id)
		}
		u.ID, u.Speaker, u.Path = id, speakers[id], filepath.Join(dir, path)
		u.Text = u.spaced()
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b utterance) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// spaced is the text with a space between any two words: a few texts have none after a full stop.
func (u *utterance) spaced() string {
	if len(strings.Fields(u.Text)) >= len(u.Words) {
		return u.Text
	}
	var words []string
	for _, w := range u.Words {
		words = append(words, w.Text)
	}
	return strings.Join(words, " ")
}

// readPairs reads lines of an id, white space and the rest.
func readPairs(path string) (map[string]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		if i := strings.IndexAny(line, " \t"); i > 0 {
			out[line[:i]] = strings.TrimSpace(line[i:])
		}
	}
	return out, nil
}

// readMarks reads the experts' marks: resource/scores.json of the corpus as it is published, or, where that is not there, the
// single experts' marks of the revision of December 2020, utt2score beside wav.scp, from which it was made.
func readMarks(dir, split string) (map[string]utterance, error) {
	out, err := readPublished(filepath.Join(dir, "resource", "scores.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return readSingle(dir, filepath.Join(dir, split, "utt2score"))
	}
	return out, err
}

// readPublished reads scores.json.
func readPublished(path string) (map[string]utterance, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all map[string]struct {
		Text                                             string
		Accuracy, Fluency, Completeness, Prosodic, Total float64
		Words                                            []struct {
			Text                    string
			Accuracy, Stress, Total float64
			Phones                  json.RawMessage
			Marks                   []float64 `json:"phones-accuracy"`
		}
	}
	if err := json.Unmarshal(content, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	out := make(map[string]utterance, len(all))
	for id, s := range all {
		u := utterance{Text: s.Text, Accuracy: s.Accuracy, Fluency: s.Fluency, Completeness: s.Completeness, Prosody: s.Prosodic, Total: s.Total}
		u.Mean.Accuracy, u.Mean.Fluency, u.Mean.Prosody, u.Mean.Total = u.Accuracy, u.Fluency, u.Prosody, u.Total
		for _, w := range s.Words {
			phones, err := phoneList(w.Phones)
			if err != nil || len(phones) != len(w.Marks) {
				return nil, fmt.Errorf("%s: %s has %d phones and %d marks in %q", path, id, len(phones), len(w.Marks), w.Text)
			}
			u.Words = append(u.Words, word{Text: w.Text, Accuracy: w.Accuracy, Mean: w.Accuracy, Total: w.Total, Stress: w.Stress, Phones: phones, Marks: w.Marks})
		}
		out[id] = u
	}
	return out, nil
}

// phoneList reads phones that are a list in one revision of the corpus and a string in another.
func phoneList(raw json.RawMessage) (phones []string, err error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		phones = strings.Fields(text)
	} else if err := json.Unmarshal(raw, &phones); err != nil {
		return nil, err
	}
	for i := range phones {
		phones[i] = withoutStress(phones[i])
	}
	return phones, nil
}

func withoutStress(phone string) string { return strings.TrimRight(phone, "012") }

// readSingle reads utt2score, and the phones that the marks are for from resource/text-phone.
func readSingle(dir, path string) (map[string]utterance, error) {
	phones, err := readPhones(filepath.Join(dir, "resource", "text-phone"))
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	out := map[string]utterance{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		id, rest, _ := strings.Cut(lines.Text(), "\t")
		var s single
		if err := json.Unmarshal([]byte(rest), &s); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, id, err)
		}
		out[id] = s.utterance(phones[id])
	}
	return out, lines.Err()
}

// readPhones reads lines such as "000010011.1	K_B AO0_I L_E": the phones of each word of each utterance.
func readPhones(path string) (map[string][][]string, error) {
	pairs, err := readPairs(path)
	if err != nil {
		return nil, err
	}
	out := map[string][][]string{}
	for key, text := range pairs {
		id, number, _ := strings.Cut(key, ".")
		var at int
		if _, err := fmt.Sscan(number, &at); err != nil || at < 0 || at > 1000 {
			return nil, fmt.Errorf("%s: %q is no number of a word", path, key)
		}
		for len(out[id]) <= at {
			out[id] = append(out[id], nil)
		}
		for p := range strings.FieldsSeq(text) {
			name, _, _ := strings.Cut(p, "_")
			out[id][at] = append(out[id][at], withoutStress(name))
		}
	}
	return out, nil
}

// readWave reads the samples of a WAV file of the corpus: 16 bits, mono, 16 kHz.
func readWave(path string) ([]int16, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for at := 12; at+8 <= len(content); {
		size := int(binary.LittleEndian.Uint32(content[at+4:]))
		if string(content[at:at+4]) == "data" {
			data := content[at+8:]
			data = data[:min(size, len(data))]
			samples := make([]int16, len(data)/2)
			for i := range samples {
				samples[i] = int16(binary.LittleEndian.Uint16(data[2*i:])) //nolint:gosec // the sign is wanted
			}
			return samples, nil
		}
		at += 8 + size + size&1
	}
	return nil, fmt.Errorf("%s has no sound in it", path)
}
