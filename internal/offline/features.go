package offline

import (
	"math"
	"slices"
	"strings"
)

// What is said of sounds, words and sentences to those who judge them (see judge.go): numbers, always the same ones in the same order.

// How many numbers there are of each.
const (
	soundNumbers    = 49 + circumstanceNumbers
	wordNumbers     = 37 + circumstanceNumbers
	sentenceNumbers = SameNumbers + rhythmNumbers + songNumbers + circumstanceNumbers
	songNumbers     = 3 // how the voice moves
	// circumstanceNumbers are about what the same reading is heard differently by.
	circumstanceNumbers = 3
)

// SameNumbers is how many of a sentence's numbers, the first ones, say whether it was read at all; how fluently is told by the others.
const SameNumbers = 57

// vowels begin with one of these letters, consonants with others.
const vowelLetters = "AEIOU"

// confusions are what learners say in place of a sound, or what is hard to tell from it.
var confusions = map[string]string{
	"TH": "S T F D", "DH": "D Z L V", "V": "W F B", "W": "V", "Z": "S DH JH", "S": "TH Z SH", "SH": "S CH", "ZH": "SH Z JH", "CH": "SH T JH", "JH": "CH Z D ZH",
	"R": "L W ER", "L": "R N W", "N": "NG L M", "NG": "N", "M": "N NG", "B": "P V", "P": "B F", "D": "T DH", "T": "D TH CH", "G": "K", "K": "G", "F": "V HH", "HH": "F",
	"Y": "IY", "IY": "IH EY", "IH": "IY EH AH", "EH": "AE IH EY", "AE": "EH AA AH", "AA": "AO AH AE", "AO": "AA OW", "OW": "AO UW AW", "UH": "UW AH", "UW": "UH OW",
	"AH": "AA AE EH UH", "ER": "R AH AO", "EY": "EH AY IY", "AY": "AE AA EY", "AW": "AA OW AO", "OY": "AO AY",
}

// SoundFeatures describe one sound of a word to a judge.
func (m *Model) SoundFeatures(r *Reading, w *Word, i int, j *Judge) []float64 {
	s := &w.Sounds[i]
	n := float64(s.Frames())
	before, after := s, s
	if i > 0 {
		before = &w.Sounds[i-1]
	}
	if i+1 < len(w.Sounds) {
		after = &w.Sounds[i+1]
	}
	o := m.opponents(s.Rivals, s.Number)
	c := m.opponents(s.Chances, s.Number)
	own, ownMean := s.chance(), r.chance()
	vowel := 0.0
	if isVowel(s.Phone) {
		vowel = 1
	}
	mean := r.Goodness()
	return append([]float64{
		s.Goodness, s.Own, s.Free, s.Posterior, s.Agreement, s.Loudness, math.Log(n), math.Log(n / r.typical()),
		float64(s.States[0]) / n, float64(s.States[1]) / n, float64(s.States[2]) / n, float64(s.Place), float64(len(w.Sounds)), float64(i),
		before.Goodness, after.Goodness, before.Agreement, after.Agreement, w.Goodness(), mean, s.Goodness - mean, vowel, float64(s.Number), j.Priors[s.Number],
		o.rank, o.vowel, o.consonant, o.silence, o.confused, o.first, o.second, o.third,
		own, c.rank, c.vowel, c.consonant, c.silence, c.confused, c.first, c.second, c.third, s.Core, s.Share, before.chance(), after.chance(), w.chance(), ownMean, own - ownMean,
		s.stretch(j.Lengths) - r.stretch(j.Lengths),
	}, r.circumstances()...)
}

// chance is the mean logarithm of the sound's probability for the judge's ear.
func (s *Sound) chance() float64 { return float64(s.Chances[s.Number]) }

// chance is the mean over the word's sounds; 0 where it has none.
func (w *Word) chance() float64 {
	sum := 0.0
	for i := range w.Sounds {
		sum += w.Sounds[i].chance()
	}
	return sum / float64(max(len(w.Sounds), 1))
}

// chance is the mean over all sounds.
func (r *Reading) chance() float64 {
	sum, n := 0.0, 0
	for i := range r.Words {
		sum += r.Words[i].chance() * float64(len(r.Words[i].Sounds))
		n += len(r.Words[i].Sounds)
	}
	return sum / float64(max(n, 1))
}

// opponents is what the others score against a sound, by their numbers; more than 0 is better than it.
type opponents struct{ rank, vowel, consonant, silence, confused, first, second, third float64 }

func (m *Model) opponents(scores []float32, number int) opponents {
	o := opponents{vowel: leastGoodness, consonant: leastGoodness, confused: leastGoodness}
	own := float64(scores[number])
	likely := " " + confusions[m.names[number]] + " "
	var all []float64
	for p, v := range scores {
		if p == number || m.fillers[p] {
			continue
		}
		d := float64(v) - own
		all = append(all, d)
		if d > 0 {
			o.rank++
		}
		name := m.names[p]
		if isVowel(name) {
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
	o.silence = float64(scores[m.silence]) - own
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

// stretch is the logarithm of how long the sound is, over its usual length.
func (s *Sound) stretch(lengths []float64) float64 {
	return math.Log(float64(s.Frames())) - lengths[s.Number]
}

// stretch is the mean over all sounds.
func (r *Reading) stretch(lengths []float64) float64 {
	sum, n := 0.0, 0
	for i := range r.Words {
		for k := range r.Words[i].Sounds {
			sum += r.Words[i].Sounds[k].stretch(lengths)
			n++
		}
	}
	return sum / float64(max(n, 1))
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
	c := summarise(column(w.Sounds, (*Sound).chance))
	k := summarise(column(w.Sounds, func(s *Sound) float64 { return s.Core }))
	h := summarise(column(w.Sounds, func(s *Sound) float64 { return s.Share }))
	m := summarise(marks)
	all := r.Goodness()
	before, after := all, all
	if at > 0 {
		before = r.Words[at-1].Goodness()
	}
	if at+1 < len(r.Words) {
		after = r.Words[at+1].Goodness()
	}
	return append([]float64{
		m.mean, m.least, m.deviation, g.mean, g.least, g.most, g.deviation, f.mean, f.least, p.mean, p.least, a.mean, a.least, l.mean, l.least, l.deviation,
		d.mean, d.least, d.most, d.deviation, float64(len(w.Sounds)), float64(len(w.Text)), float64(at) / float64(len(r.Words)), float64(len(r.Words)),
		before, after, all, g.mean - all, r.heardWithin(w.From, w.To) / float64(max(len(w.Sounds), 1)),
		c.mean, c.least, c.most, c.deviation, k.mean, k.least, h.least, c.mean - r.chance(),
	}, r.circumstances()...)
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

// SentenceFeatures describe a reading to a judge; sounds and words are the marks of its sounds and words.
func SentenceFeatures(r *Reading, j *Judge, sounds, words []float64) []float64 {
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
	c := summarise(column(all, (*Sound).chance))
	h := summarise(column(all, func(s *Sound) float64 { return s.Share }))
	var chances []float64
	for i := range r.Words {
		if len(r.Words[i].Sounds) > 0 {
			chances = append(chances, r.Words[i].chance())
		}
	}
	wc := summarise(chances)
	e := r.evenness(j.Lengths)
	out := append([]float64{
		s.mean, s.least, s.deviation, w.mean, w.least, w.deviation, g.mean, g.least, g.deviation, f.mean, f.deviation, p.mean, p.deviation, a.mean,
		l.mean, l.deviation, d.mean, d.most, d.deviation, wg.least, wg.most, wg.deviation, wl.mean, wl.most, wl.deviation,
		pace.pause, pace.rate, pace.longest, float64(len(r.Silences)), r.pauses(), r.pauses() / float64(len(r.Words)), float64(len(r.Words)), float64(len(all)),
		j.spokenWithin(r) / float64(max(r.Voiced, 1)), float64(r.Voiced) / framesPerSecond, r.heardWithin(r.Words[0].From, r.Words[len(r.Words)-1].To) / float64(max(len(all), 1)), // silence at the ends is nobody's business
		c.mean, c.least, c.deviation, h.mean, h.deviation, share(column(all, (*Sound).chance), unheard), wc.least, wc.deviation, share(chances, unheard),
		e.quiet, e.longest, e.runs, e.runs / float64(len(r.Words)), e.rate, e.syllables, e.words, e.change, e.vowels, e.deviation, e.long, float64(len(r.Quiet)),
	}, r.rhythm(j, all)...)
	out = append(out, r.Melody.Range, r.Melody.Voiced, r.Melody.Runs)
	return append(out, r.circumstances()...)
}

// clearFrom is the Clearness from which on noise changes nothing.
const clearFrom = 30

// circumstances are what the same reading is heard differently by: whose voice it is, what carries it, and how much noise there is.
func (r *Reading) circumstances() []float64 {
	narrow := 0.0
	if r.Narrow {
		narrow = 1
	}
	return []float64{r.Factor, narrow, min(r.Clearness, clearFrom)}
}

// unheard is the logarithm of a probability that is next to none.
const unheard = -4

// share is how many of some values are below a bar.
func share(of []float64, bar float64) (s float64) {
	for _, v := range of {
		if v < bar {
			s += 1 / float64(len(of))
		}
	}
	return s
}

// evenness is how fluently a text was read.
type evenness struct {
	quiet, longest, runs   float64 // what the ear takes for silence: share of the time, the longest in frames, how many are pauses
	rate, syllables, words float64 // a second of what is not silence
	change                 float64 // how much one vowel differs in length from the next, relative to their mean (the normalised pairwise variability index)
	vowels                 float64 // share of vowels in the length of all sounds
	deviation, long        float64 // of the logarithm of a sound's length over what is usual for it: deviation, and how many are twice as long
}

func (r *Reading) evenness(lengths []float64) (e evenness) {
	silent := 0
	for _, n := range r.Quiet {
		silent += n
		e.longest = max(e.longest, float64(n))
		if n > pauseFrames {
			e.runs++
		}
	}
	e.quiet = float64(silent) / float64(max(r.Voiced, 1))
	var relative []float64
	before, pairs, sounds, syllables, frames := 0.0, 0.0, 0.0, 0.0, 0.0
	for i := range r.Words {
		for k := range r.Words[i].Sounds {
			s := &r.Words[i].Sounds[k]
			n := float64(s.Frames())
			sounds++
			frames += n
			relative = append(relative, s.stretch(lengths))
			if !isVowel(s.Phone) {
				continue
			}
			syllables++
			e.vowels += n
			if before > 0 {
				e.change += math.Abs(n-before) / (n + before) * 2
				pairs++
			}
			before = n
		}
	}
	e.vowels /= max(frames, 1)
	e.change /= max(pairs, 1)
	spoken := max(float64(r.Voiced-silent), framesPerSecond/10) / framesPerSecond
	e.rate, e.syllables, e.words = sounds/spoken, syllables/spoken, float64(len(r.Words))/spoken
	s := summarise(relative)
	e.deviation = s.deviation
	for _, v := range relative {
		if v > s.mean+math.Ln2 {
			e.long += 1 / float64(len(relative))
		}
	}
	return e
}

func isVowel(phone string) bool { return strings.Contains(vowelLetters, phone[:1]) }

// spokenWithin is how many frames are not silence or noise, for somebody who knows no words, between the first sound of the text and the last.
func (j *Judge) spokenWithin(r *Reading) (n float64) {
	from, to := r.within()
	for _, h := range r.Heard {
		if !isFiller(j.Phones[h.Phone]) {
			n += float64(max(min(h.To, to)-max(h.From, from), 0))
		}
	}
	return n
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

func isFiller(phone string) bool { return phone == "SIL" || strings.HasPrefix(phone, "+") }
