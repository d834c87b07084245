package offline

import (
	"math"
	"slices"
	"strings"
)

// What is said of sounds, words and sentences to those who judge them (see judge.go): numbers, always the same ones in the same order.

// How many numbers there are of each.
const (
	soundNumbers    = 32
	wordNumbers     = 29
	sentenceNumbers = 36
)

// vowels begin with one of these letters, consonants with others.
const vowelLetters = "AEIOU"

// confusions are what learners say in place of a sound, or what is hard to tell from it.
var confusions = map[string]string{
	"TH": "S T F D", "DH": "D Z L V", "V": "W F B", "W": "V", "Z": "S DH JH", "S": "TH Z SH", "SH": "S CH", "ZH": "SH Z JH", "CH": "SH T JH", "JH": "CH Z D ZH",
	"R": "L W ER", "L": "R N W", "N": "NG L M", "NG": "N", "M": "N NG", "B": "P V", "P": "B F", "D": "T DH", "T": "D TH CH", "G": "K", "K": "G", "F": "V HH", "HH": "F",
	"Y": "IY", "IY": "IH EY", "IH": "IY EH AH", "EH": "AE IH EY", "AE": "EH AA AH", "AA": "AO AH AE", "AO": "AA OW", "OW": "AO UW AW", "UH": "UW AH", "UW": "UH OW",
	"AH": "AA AE EH UH", "ER": "R AH AO", "EY": "EH AY IY", "AY": "AE AA EY", "AW": "AA OW AO", "OY": "AO AY",
}

// SoundFeatures describe one sound of a word. priors are the mean marks of the sounds, by their number.
func (m *Model) SoundFeatures(r *Reading, w *Word, i int, priors []float64) []float64 {
	s := &w.Sounds[i]
	n := float64(s.Frames())
	before, after := s, s
	if i > 0 {
		before = &w.Sounds[i-1]
	}
	if i+1 < len(w.Sounds) {
		after = &w.Sounds[i+1]
	}
	o := m.opponents(s)
	vowel := 0.0
	if strings.Contains(vowelLetters, s.Phone[:1]) {
		vowel = 1
	}
	mean := r.Goodness()
	return []float64{

		s.Goodness, s.Own, s.Free, s.Posterior, s.Agreement, s.Loudness, math.Log(n), math.Log(n / r.typical()),
		float64(s.States[0]) / n, float64(s.States[1]) / n, float64(s.States[2]) / n, float64(s.Place), float64(len(w.Sounds)), float64(i),
		before.Goodness, after.Goodness, before.Agreement, after.Agreement, w.Goodness(), mean, s.Goodness - mean, vowel, float64(s.Number), priors[s.Number],
		o.rank, o.vowel, o.consonant, o.silence, o.confused, o.first, o.second, o.third,
	}
}

// opponents is what the others score against a sound; more than 0 is better than it.
type opponents struct{ rank, vowel, consonant, silence, confused, first, second, third float64 }

func (m *Model) opponents(s *Sound) opponents {
	o := opponents{vowel: leastGoodness, consonant: leastGoodness, confused: leastGoodness}
	own := float64(s.Rivals[s.Number])
	likely := " " + confusions[s.Phone] + " "
	var all []float64
	for p, v := range s.Rivals {
		if p == s.Number || m.fillers[p] {
			continue
		}
		d := float64(v) - own
		all = append(all, d)
		if d > 0 {
			o.rank++
		}
		name := m.names[p]
		if strings.Contains(vowelLetters, name[:1]) {
			o.vowel = max(o.vowel, d)
		} else {
			o.consonant = max(o.consonant, d)
		}
		if strings.Contains(likely, " "+name+" ") {
			o.confused = max(o.confused, d)
		}
	}
	slices.Sort(all)
	k := len(all)
	o.first, o.second, o.third = all[k-1], all[k-2], all[k-3]
	o.silence = float64(s.Rivals[m.silence]) - own
	return o
}

// Goodness is the mean over all sounds.
func (r *Reading) Goodness() float64 {
	sum, n := 0.0, 0
	for i := range r.Words {
		sum += r.Words[i].Goodness() * float64(len(r.Words[i].Sounds))
		n += len(r.Words[i].Sounds)
	}
	return sum / float64(max(n, 1))
}

// typical is the mean length of a sound, in frames.
func (r *Reading) typical() float64 {
	frames, n := 0, 0
	for i := range r.Words {
		for k := range r.Words[i].Sounds {
			frames += r.Words[i].Sounds[k].Frames()
			n++
		}
	}
	return float64(max(frames, 1)) / float64(max(n, 1))
}

// summary is of some numbers.
type summary struct{ mean, least, most, deviation float64 }

func summarise(v []float64) (s summary) {
	if len(v) == 0 {
		return s
	}
	s.least, s.most = slices.Min(v), slices.Max(v)
	for _, x := range v {
		s.mean += x / float64(len(v))
	}
	for _, x := range v {
		s.deviation += (x - s.mean) * (x - s.mean) / float64(len(v))
	}
	s.deviation = math.Sqrt(s.deviation)
	return s
}

// column collects one number of each sound.
func column(sounds []Sound, of func(*Sound) float64) []float64 {
	out := make([]float64, len(sounds))
	for i := range sounds {
		out[i] = of(&sounds[i])
	}
	return out
}

// WordFeatures describe a word; marks are those of its sounds.
func WordFeatures(r *Reading, at int, marks []float64) []float64 {
	w := &r.Words[at]
	g := summarise(column(w.Sounds, func(s *Sound) float64 { return s.Goodness }))
	f := summarise(column(w.Sounds, func(s *Sound) float64 { return s.Free }))
	p := summarise(column(w.Sounds, func(s *Sound) float64 { return s.Posterior }))
	a := summarise(column(w.Sounds, func(s *Sound) float64 { return s.Agreement }))
	l := summarise(column(w.Sounds, func(s *Sound) float64 { return s.Loudness }))
	d := summarise(column(w.Sounds, func(s *Sound) float64 { return math.Log(float64(s.Frames()) / r.typical()) }))
	m := summarise(marks)
	all := r.Goodness()
	before, after := all, all
	if at > 0 {
		before = r.Words[at-1].Goodness()
	}
	if at+1 < len(r.Words) {
		after = r.Words[at+1].Goodness()
	}
	return []float64{
		m.mean, m.least, m.deviation, g.mean, g.least, g.most, g.deviation, f.mean, f.least, p.mean, p.least, a.mean, a.least, l.mean, l.least, l.deviation,
		d.mean, d.least, d.most, d.deviation, float64(len(w.Sounds)), float64(len(w.Text)), float64(at) / float64(len(r.Words)), float64(len(r.Words)),
		before, after, all, g.mean - all, r.heardWithin(w.From, w.To) / float64(max(len(w.Sounds), 1)),
	}
}

// heardWithin is how many sounds were heard between two frames by somebody who knows no words.
func (r *Reading) heardWithin(from, to int) (n float64) {
	for _, h := range r.Heard {
		if h.From >= from && h.From < to {
			n++
		}
	}
	return n
}

// SentenceFeatures describe a reading; sounds and words are the marks of its sounds and words.
func SentenceFeatures(r *Reading, sounds, words []float64) []float64 {
	var all []Sound
	var goodness, lengths []float64
	for i := range r.Words {
		all = append(all, r.Words[i].Sounds...)
		goodness = append(goodness, r.Words[i].Goodness())
		lengths = append(lengths, float64(r.Words[i].To-r.Words[i].From)/float64(max(len(r.Words[i].Sounds), 1)))
	}
	s, w, wg, wl := summarise(sounds), summarise(words), summarise(goodness), summarise(lengths)
	g := summarise(column(all, func(s *Sound) float64 { return s.Goodness }))
	f := summarise(column(all, func(s *Sound) float64 { return s.Free }))
	p := summarise(column(all, func(s *Sound) float64 { return s.Posterior }))
	a := summarise(column(all, func(s *Sound) float64 { return s.Agreement }))
	l := summarise(column(all, func(s *Sound) float64 { return s.Loudness }))
	d := summarise(column(all, func(s *Sound) float64 { return math.Log(float64(s.Frames())) }))
	pace := r.pace()
	return []float64{
		s.mean, s.least, s.deviation, w.mean, w.least, w.deviation, g.mean, g.least, g.deviation, f.mean, f.deviation, p.mean, p.deviation, a.mean,
		l.mean, l.deviation, d.mean, d.most, d.deviation, wg.least, wg.most, wg.deviation, wl.mean, wl.most, wl.deviation,
		pace.pause, pace.rate, pace.longest, float64(len(r.Silences)), r.pauses(), r.pauses() / float64(len(r.Words)), float64(len(r.Words)), float64(len(all)),
		float64(r.Speech) / float64(max(r.Voiced, 1)), float64(r.Voiced) / framesPerSecond, r.heardWithin(r.Words[0].From, r.Words[len(r.Words)-1].To) / float64(max(len(all), 1)), // silence at the ends is nobody's business
	}
}

// pauses counts the silences that are long enough.
func (r *Reading) pauses() (n float64) {
	for _, s := range r.Silences {
		if s > pauseFrames {
			n++
		}
	}
	return n
}
