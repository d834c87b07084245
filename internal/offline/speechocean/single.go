package main

import (
	"math"
	"slices"
	"strings"
)

// single is what the five experts say, each for themselves.
type single struct {
	Text                                             string
	Accuracy, Fluency, Completeness, Prosodic, Total []float64
	Words                                            []struct {
		Text            string
		Accuracy, Total []float64
		Stress          []float64
		Misspelt        []float64 `json:"stess"` // so in a part of the file
		Phones          []string
	}
}

// utterance sums the experts up as the corpus does in scores.json: whole medians for sentences and words, means for phones.
func (s *single) utterance(phones [][]string) utterance {
	u := utterance{
		Text: s.Text, Experts: len(s.Total), Accuracy: median(s.Accuracy), Fluency: median(s.Fluency), Prosody: median(s.Prosodic), Total: median(s.Total),
	}
	u.Mean.Accuracy, u.Mean.Fluency, u.Mean.Prosody, u.Mean.Total = mean(s.Accuracy), mean(s.Fluency), mean(s.Prosodic), mean(s.Total)
	for _, share := range s.Completeness {
		u.Completeness += 10 * share / float64(len(s.Completeness))
	}
	for i, w := range s.Words {
		out := word{Text: w.Text, Accuracy: median(w.Accuracy), Mean: mean(w.Accuracy), Total: median(w.Total), Stress: median(append(w.Stress, w.Misspelt...))}
		if i < len(phones) && len(phones) == len(s.Words) {
			out.Phones = phones[i]
			out.Marks = phoneMarks(phones[i], w.Phones)
		}
		u.Words = append(u.Words, out)
	}
	return u
}

// median is the whole part of the median of the experts' marks, as in scores.json. A fifth of the sentences have those of four experts
// here: then it is between the two in the middle, where a fifth expert's would leave it on average.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 10
	}
	v = slices.Sorted(slices.Values(v))
	return math.Trunc((v[(len(v)-1)/2] + v[len(v)/2]) / 2)
}

// mean is that of the experts' marks; the best one where nobody gave any, as with the median.
func mean(v []float64) float64 {
	if len(v) == 0 {
		return 10
	}
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// phoneMarks is the experts' mean mark of each phone. One that an expert has not written down is taken to be right: the alphabets
// differ there.
func phoneMarks(phones []string, experts []string) []float64 {
	marks := make([]float64, len(phones))
	for _, text := range experts {
		heard := notation(text)
		names := make([]string, len(heard))
		for i, h := range heard {
			names[i] = h.phone
		}
		for i, at := range pairs(phones, names) {
			mark := 2.0
			if at >= 0 {
				mark = heard[at].mark
			}
			marks[i] += mark / float64(len(experts))
		}
	}
	return marks
}

// marked is a sound with its mark.
type marked struct {
	phone string
	mark  float64
}

// older are sounds of the alphabet that the experts wrote in, as CMU's.
var older = map[string]string{
	"AX": "AH", "AXR": "ER", "OO": "AA", "EE": "EH", "AR": "EH R", "IR": "IH R", "UR": "UH R", "TS": "T S", "DZ": "D Z", "TR": "T R", "DR": "D R",
}

// notation reads "B {EH} (R)": a heavy accent is 1, wrong or missing 0, and what is in [] was inserted.
func notation(text string) (out []marked) {
	for part := range strings.FieldsSeq(text) {
		mark := 2.0
		switch part[0] {
		case '{':
			mark = 1
		case '(':
			mark = 0
		case '[':
			continue
		}
		name := withoutStress(strings.Trim(part, "{}()"))
		if as, ok := older[name]; ok {
			name = as
		}
		for p := range strings.FieldsSeq(name) {
			out = append(out, marked{p, mark})
		}
	}
	return out
}

// pairs says for each sound of one sequence which one of the other it is in the cheapest edit of one into the other; -1 for none.
func pairs(of, in []string) []int {
	cost := make([][]float64, len(of)+1)
	for i := range cost {
		cost[i] = make([]float64, len(in)+1)
		for j := range cost[i] {
			switch {
			case i == 0:
				cost[i][j] = float64(j)
			case j == 0:
				cost[i][j] = float64(i)
			default:
				cost[i][j] = min(cost[i-1][j-1]+substitution(of[i-1], in[j-1]), cost[i-1][j]+1, cost[i][j-1]+1)
			}
		}
	}
	out := slices.Repeat([]int{-1}, len(of))
	for i, j := len(of), len(in); i > 0 && j > 0; {
		switch {
		case cost[i][j] == cost[i-1][j-1]+substitution(of[i-1], in[j-1]):
			i, j = i-1, j-1
			out[i] = j
		case cost[i][j] == cost[i-1][j]+1:
			i--
		default:
			j--
		}
	}
	return out
}

// substitution costs less between vowels, and between consonants: the experts' alphabet has other vowels than CMU's.
func substitution(a, b string) float64 {
	if a == b {
		return 0
	}
	if strings.ContainsAny(a[:1], "AEIOU") == strings.ContainsAny(b[:1], "AEIOU") {
		return 0.5
	}
	return 1.5
}
