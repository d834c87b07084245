package offline

import (
	"strings"

	"github.com/englishapp/englishctl/internal/pronunciation"
)

// Marks are what a reading is worth, 0 to 100.
type Marks struct {
	Accuracy, Fluency, Completeness, Overall float64
	// Prosody is nil where only formulas mark.
	Prosody *float64
	// Goodness is the mean of the sounds' goodness, 0 to -20.
	Goodness float64
	// Confidence is how likely it is that the text was read at all, 0 to 1.
	Confidence float64
	Words      []WordMark // of the words of the text, in their order

	other bool // whether another text was read
}

// WordMark is what a word is worth.
type WordMark struct {
	Text     string
	Known    bool    // whether anybody knows how it is spoken; what is not known has the mark of the whole
	Score    float64 // 0 to 100
	Goodness float64 // mean over its sounds
	Said     bool    // whether it, or something much like it, was heard; of what is not known nobody can tell
	Left     bool    // whether it was left out: its sounds have hardly any time
	Band     pronunciation.Band
}

// Recognized are the words that were said, of those of the text: what else was said, nobody knows.
func (m *Marks) Recognized() string {
	var said []string
	for _, w := range m.Words {
		if w.Said {
			said = append(said, w.Text)
		}
	}
	return strings.Join(said, " ")
}

const (
	// saidAbove is the goodness of a word that was said: below it are 5 % of the words that experts find good, and 39 % of the bad ones.
	saidAbove = -6
	// saidFrom is the judge's opinion from which on a word was said: below it are 1 % of the words of learners, and 84 % of unrelated words in
	// their places.
	saidFrom = 0.5
	// poorBelow and goodFrom are the judge's marks between which a word is doubtful. Of the words that experts find good, 1 % are below the
	// one and 5 % below the other; of the bad ones, 41 % and 69 %.
	poorBelow = 60
	goodFrom  = 80
	// goodAbove is the goodness of a good word, for the formulas.
	goodAbove = -4
	// sameFrom is the judge's opinion below which another text was read: 1.0 % of the learners are below it, and 96.0 % of other sentences.
	sameFrom = 0.35
	// sureFrom takes its place where the text covers less than mostCovered of what sounds like speech: much else was said there, or there is
	// much noise. With both, 1.1 % of the learners are told that they have read another text (through telephones 3.2 %), and 96.4 % of those who
	// have (95.3 %).
	sureFrom    = 0.7
	mostCovered = 0.7
	// fewSounds is how many sounds a text has at most of which the judge, who has learned from sentences, cannot tell whether it was read: the
	// formulas tell it.
	fewSounds = 2
	// shortSound is how long sounds are at most, in frames, where the aligner only squeezes a word in that is not there.
	shortSound = 4
)

// Mark marks a reading: as the trained judge does, or by formulas where that has learned with another model.
func (m *Model) Mark(r *Reading) Marks {
	marks := Linear(r)
	j := Trained(m)
	if j == nil {
		return marks
	}
	o := j.Hear(m, r)
	const scale = 10 // the judge's marks are 0 to 10
	prosody := scale * o.Prosody
	marks.Accuracy, marks.Fluency, marks.Prosody, marks.Overall = scale*o.Accuracy, scale*o.Fluency, &prosody, scale*o.Overall
	if r.sounds() > fewSounds {
		marks.Confidence, marks.other = o.Same, o.Same < r.sameBar()
	}
	for i := range marks.Words {
		w := &marks.Words[i]
		if !w.Known {
			w.Score = marks.Accuracy
			continue
		}
		w.Score, w.Said = scale*o.Words[i], o.Said[i] >= saidFrom
		if !w.Said { // the marks of what was said instead
			w.Score = min(w.Score, poorBelow)
		}
		w.Left = !w.Said && r.Words[i].squeezed()
		w.Band = band(w.Said, w.Score, poorBelow, goodFrom)
	}
	marks.Completeness = completeness(marks.Words)
	return marks
}

// completeness is the share of the words that were said, in percent, of those that are known: of the others nobody can tell.
func completeness(words []WordMark) float64 {
	known, said := 0.0, 0.0
	for _, w := range words {
		if w.Known {
			known++
		}
		if w.Said {
			said++
		}
	}
	return 100 * said / max(known, 1)
}

// sameBar is the judge's opinion from which on the text was read.
func (r *Reading) sameBar() float64 {
	if float64(r.Voiced) < mostCovered*float64(r.Speech) {
		return sureFrom
	}
	return sameFrom
}

// Linear marks a reading by formulas that were fitted to the marks of five experts for the train split of speechocean762.
func Linear(r *Reading) Marks {
	var m Marks
	var sounds float64
	for _, w := range r.Words {
		mark := WordMark{Text: w.Text, Known: w.Known, Band: pronunciation.Unscored}
		if w.Known {
			mark.Goodness = w.Goodness()
			mark.Score = accuracy(mark.Goodness)
			mark.Said = mark.Goodness >= saidAbove
			mark.Left = !mark.Said && w.squeezed()
			mark.Band = band(mark.Said, mark.Goodness, saidAbove, goodAbove)
			m.Goodness += mark.Goodness * float64(len(w.Sounds))
			sounds += float64(len(w.Sounds))
		}
		m.Words = append(m.Words, mark)
	}
	m.Goodness /= max(sounds, 1)
	m.Accuracy = accuracy(m.Goodness)
	m.Completeness = completeness(m.Words)
	p := r.pace()
	m.Fluency = percent(87.0 - 25.6*p.pause + 1.65*p.rate - 5.0*p.longest + 5.38*m.Goodness)
	m.Overall = percent(101.1 + 8.50*m.Goodness - 27.8*p.pause + 0.98*p.rate - 4.4*p.longest)
	m.Confidence, m.other = confidence(m.Goodness), m.Goodness < otherBelow
	for i := range m.Words {
		if !m.Words[i].Known {
			m.Words[i].Score = m.Accuracy
		}
	}
	return m
}

// band is poor for a word that was not said, or has less than poor; good from good on.
func band(said bool, value, poor, good float64) pronunciation.Band {
	switch {
	case !said || value < poor:
		return pronunciation.Poor
	case value < good:
		return pronunciation.Doubtful
	}
	return pronunciation.Good
}

func accuracy(goodness float64) float64 { return percent(112.3 + 10.08*goodness) }

func percent(x float64) float64 { return clip(x, 0, 100) }

// Goodness is the mean over the word's sounds; 0 where it has none.
func (w *Word) Goodness() float64 {
	sum := 0.0
	for i := range w.Sounds {
		sum += w.Sounds[i].Goodness
	}
	return sum / float64(max(len(w.Sounds), 1))
}

// squeezed reports whether the word has hardly any time.
func (w *Word) squeezed() bool { return w.To-w.From <= shortSound*len(w.Sounds) }

// pace is how fast and evenly a text was read.
type pace struct {
	pause   float64 // share of the time that is silence between words, at most 0.6
	rate    float64 // sounds a second, 3 to 16
	longest float64 // silence in seconds, at most 3
}

// pauseFrames is how long a silence is at least to be a pause; shorter ones belong to sounds such as T.
const pauseFrames = 10

func (r *Reading) pace() pace {
	silent, longest := 0, 0
	for _, s := range r.Silences {
		if s > pauseFrames {
			silent += s
			longest = max(longest, s)
		}
	}
	voiced := float64(max(r.Voiced, 1))
	return pace{
		pause:   min(float64(silent)/voiced, 0.6),
		rate:    clip(float64(r.sounds())*framesPerSecond/voiced, 3, 16),
		longest: min(float64(longest)/framesPerSecond, 3),
	}
}
