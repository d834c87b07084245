package offline

import (
	"math"
	"slices"
)

// rhythmNumbers is how many numbers rhythm gives.
const rhythmNumbers = 25

// rhythm describes how fluently sounds follow each other: the gaps between words, the ear's silences, what else was heard, and which sounds are drawn out. What comes
// before the first sound and after the last one counts only where it is speech. All lengths are in frames.
func (r *Reading) rhythm(j *Judge, sounds []Sound) []float64 {
	if len(sounds) == 0 {
		return make([]float64, rhythmNumbers)
	}
	first, last := &sounds[0], &sounds[len(sounds)-1]
	length := float64(last.To - first.From)
	out := []float64{math.Log(length), math.Log(float64(len(sounds)) / length)}
	out = append(out, r.gaps()...)
	out = append(out, r.hush()...)
	out = append(out, j.besides(r, first.From, last.To)...)
	return append(out, drawn(column(sounds, func(s *Sound) float64 { return s.stretch(j.Lengths) }), sounds)...)
}

// gaps are about the times between words: which shares of them are longer than some bars, and how long they are.
func (r *Reading) gaps() []float64 {
	var gaps, logs []float64
	before := -1
	for i := range r.Words {
		sounds := r.Words[i].Sounds
		if len(sounds) == 0 {
			continue
		}
		if before >= 0 {
			gap := float64(sounds[0].From - before)
			gaps, logs = append(gaps, gap), append(logs, math.Log1p(gap))
		}
		before = sounds[len(sounds)-1].To
	}
	s := summarise(logs)
	return []float64{above(gaps, 5), above(gaps, 10), above(gaps, 25), above(gaps, 50), s.mean, s.deviation, s.most}
}

// hush is about the ear's silences: the sum of their logarithms, how many are long, and the longest.
func (r *Reading) hush() []float64 {
	var sum, most, long, longer float64
	for _, n := range r.Quiet {
		l := math.Log1p(float64(n))
		sum += l
		most = max(most, l)
		if n > 25 {
			long++
		}
		if n > 50 {
			longer++
		}
	}
	return []float64{sum, long, longer, most}
}

// besides is about what was heard by somebody who knows no words: the lengths of the sounds between two frames, and how much was said before and after them.
func (j *Judge) besides(r *Reading, from, to int) []float64 {
	var lengths []float64
	before, after := 0.0, 0.0
	for _, h := range r.Heard {
		spoken := !isFiller(j.Phones[h.Phone])
		switch {
		case h.From >= from && h.To <= to:
			lengths = append(lengths, float64(h.To-h.From))
		case spoken && h.From < from:
			before++
		case spoken && h.From >= to:
			after++
		}
	}
	s := summarise(lengths)
	return []float64{math.Log1p(s.mean), s.deviation, before, after}
}

// drawn is about how much longer than usual sounds are: the last ones, one against the next, and the longest.
func drawn(stretches []float64, sounds []Sound) []float64 {
	n := len(stretches)
	changes := make([]float64, 0, n)
	distance, longest := 0.0, 0
	for i, s := range stretches {
		if i > 0 {
			changes = append(changes, s-stretches[i-1])
		}
		distance += math.Abs(s) / float64(n)
		longest = max(longest, sounds[i].Frames())
	}
	sorted := slices.Sorted(slices.Values(stretches))
	return []float64{
		stretches[n-1], summarise(stretches[max(n-3, 0):]).mean, summarise(changes).deviation, sorted[(n-1)*9/10], math.Log(float64(longest)),
		above(stretches, math.Ln2), above(stretches, math.Log(3)), distance,
	}
}

// above is how many of some values are above a bar, as a share; 0 of none.
func above(of []float64, bar float64) (s float64) {
	for _, v := range of {
		if v > bar {
			s += 1 / float64(len(of))
		}
	}
	return s
}
