package azuretest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
)

// How well words are spoken here.
const (
	wellSpoken  = 95.0
	badlySpoken = 52.0 // below 60 is a mispronunciation
	fluent      = 90.0
	melodious   = 88.0
	certain     = 0.93
)

// spokenWord is a word of the transcript or of the reference.
type spokenWord struct {
	text  string // small letters, without punctuation
	bad   bool
	error string // Azure's word for what is wrong
}

// words splits a text as it is compared: small letters, no punctuation. A star after a word marks it as badly spoken.
func words(text string) []spokenWord {
	var out []spokenWord
	for part := range strings.FieldsSeq(strings.ToLower(text)) {
		bare := strings.TrimFunc(part, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if bare != "" {
			out = append(out, spokenWord{text: bare, bad: strings.HasSuffix(part, "*"), error: "None"})
		}
	}
	return out
}

// render is the answer to an honest request.
func (f *Fake) render(in input) []byte {
	if !in.ogg && silent(in.samples) {
		return []byte(mustJSON(map[string]any{"RecognitionStatus": "InitialSilenceTimeout", "Offset": 31_000_000, "Duration": 0}))
	}
	heard := f.cfg.Transcript
	if in.wanted != nil && (heard == "" || !bool(in.wanted.EnableMiscue)) {
		heard = in.wanted.ReferenceText // without miscues the text comes back, whatever was said
	}
	best := map[string]any{"Confidence": f.number(certain), "Lexical": lexical(heard), "ITN": lexical(heard), "MaskedITN": lexical(heard), "Display": display(heard)}
	if in.wanted != nil {
		f.score(best, *in.wanted, heard, in.language)
	}
	length := min(in.length(), maxSound)
	return []byte(mustJSON(map[string]any{
		"RecognitionStatus": "Success", "Offset": f.number(1_000_000), "Duration": f.number(float64(length.Nanoseconds() / 100)),
		"DisplayText": display(heard), "SNR": 24.6, "NBest": []any{best},
	}))
}

func display(heard string) string { return strings.ReplaceAll(heard, "*", "") }

func lexical(heard string) string {
	var out []string
	for _, w := range words(heard) {
		out = append(out, w.text)
	}
	return strings.Join(out, " ")
}

// score adds the scores to the best hypothesis.
func (f *Fake) score(best map[string]any, wanted Wanted, heard, language string) {
	reference := words(wanted.ReferenceText)
	aligned := align(reference, words(heard))
	matched, sum := 0, 0.0
	for _, w := range aligned {
		if w.error == "None" || w.error == "Mispronunciation" {
			matched++
			sum += w.score()
		}
	}
	accuracy := sum / float64(max(matched, 1))
	completeness := 100 * float64(matched) / float64(max(len(reference), 1))
	all := map[string]float64{"AccuracyScore": accuracy}
	if wanted.Dimension == "Comprehensive" {
		all["FluencyScore"], all["CompletenessScore"] = fluent, completeness
		if bool(wanted.EnableProsodyAssessment) && language == "en-US" {
			all["ProsodyScore"] = melodious
		}
		all["PronScore"] = overall(all)
	}
	f.put(best, all, nil, wanted)
	if wanted.Granularity != "FullText" {
		best["Words"] = f.wordList(aligned, wanted, language)
	}
}

// overall weighs the scores, the lowest most.
func overall(scores map[string]float64) float64 {
	var sorted []float64
	for _, s := range scores {
		sorted = append(sorted, s)
	}
	slices.Sort(sorted)
	weight := 1 - 0.2*float64(len(sorted)-1)
	sum := weight * sorted[0]
	for _, s := range sorted[1:] {
		sum += 0.2 * s
	}
	return math.Round(sum*10) / 10
}

func (w spokenWord) score() float64 {
	switch {
	case w.error == "Omission":
		return 0
	case w.bad:
		return badlySpoken
	}
	return wellSpoken
}

func (f *Fake) wordList(aligned []spokenWord, wanted Wanted, language string) []any {
	list := []any{}
	for i, w := range aligned {
		item := map[string]any{"Word": w.text}
		f.put(item, map[string]float64{"AccuracyScore": w.score()}, &w.error, wanted)
		if w.error != "Omission" { // one that was not said is nowhere
			item["Offset"], item["Duration"] = f.number(float64(1_000_000+i*4_000_000)), f.number(3_000_000)
			if wanted.Granularity == "Phoneme" {
				item["Phonemes"] = f.phonemes(w, wanted, language)
			}
		}
		list = append(list, item)
	}
	return list
}

// phonemes takes a letter for a sound. Outside of en-US and zh-CN sounds have no name.
func (f *Fake) phonemes(w spokenWord, wanted Wanted, language string) []any {
	var list []any
	for _, letter := range w.text {
		name := string(letter)
		if language != "en-US" && language != "zh-CN" {
			name = ""
		}
		item := map[string]any{"Phoneme": name}
		f.put(item, map[string]float64{"AccuracyScore": w.score()}, nil, wanted)
		list = append(list, item)
	}
	return list
}

// put writes scores where the form of the answer has them.
func (f *Fake) put(item map[string]any, scores map[string]float64, errorType *string, wanted Wanted) {
	at := item
	if f.cfg.Nested {
		at = map[string]any{}
		item["PronunciationAssessment"] = at
	}
	for name, score := range scores {
		if wanted.GradingSystem == "FivePoint" {
			score /= 20
		}
		at[name] = f.number(score)
	}
	if errorType != nil {
		at["ErrorType"] = *errorType
	}
}

func (f *Fake) number(v float64) any {
	if f.cfg.Strings {
		return fmt.Sprint(v)
	}
	return v
}

// align compares the words: the longest common row of them was said, the others were left out or put in.
func align(reference, heard []spokenWord) []spokenWord {
	n, m := len(reference), len(heard)
	longest := make([][]int, n+1)
	for i := range longest {
		longest[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			if reference[i].text == heard[j].text {
				longest[i][j] = longest[i+1][j+1] + 1
			}
		}
	}
	var out []spokenWord
	i, j := 0, 0
	for i < n || j < m {
		switch {
		case i < n && j < m && reference[i].text == heard[j].text:
			w := heard[j]
			if w.bad {
				w.error = "Mispronunciation"
			}
			out = append(out, w)
			i, j = i+1, j+1
		case j < m && (i == n || longest[i][j+1] >= longest[i+1][j]):
			out = append(out, spokenWord{heard[j].text, heard[j].bad, "Insertion"})
			j++
		default:
			out = append(out, spokenWord{reference[i].text, false, "Omission"})
			i++
		}
	}
	return out
}
