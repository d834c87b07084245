package offline

import (
	"context"
	"errors"
	"math"
	"slices"
)

// Reading is what was found of a text in a recording.
type Reading struct {
	Words  []Word
	Frames int // of 10 ms
	// Silences are the frames of the silences between words, in their order; not those at the ends.
	Silences []int
	// Speech is how many frames are not silence or noise for somebody who knows no words; Voiced from the first sound of the
	// text to the last one.
	Speech, Voiced int
	// Clearness is how much louder, in dB, the louder half of the recording is than its quietest moments: in a quiet room 20 and more.
	Clearness float64
	// Heard is what somebody would have heard who knows no words.
	Heard []Heard
	// Quiet are the lengths, in frames, of what the judge's ear takes for silence between the first sound of the text and the last one.
	Quiet []int
	// Melody is about the voice between the first sound of the text and the last one.
	Melody Melody
	// Narrow is whether the recording has nothing above 4 kHz; see narrow.go.
	Narrow bool
	// Factor is by how much the speaker's resonances are above those of the model's speakers; see tract.go.
	Factor float64
}

// Heard is a sound that fits some frames best.
type Heard struct {
	Phone    int
	From, To int
}

// Word is what was found of a word of the text, as it is written there.
type Word struct {
	Text string
	// Known is false where nobody knows how it is spoken; it has no sounds then.
	Known  bool
	Sounds []Sound
	From   int // frame
	To     int // the frame after the last one
}

// Sound is what was found of one sound. All scores are logarithms of likelihoods per frame.
type Sound struct {
	Phone    string
	Number   int // of the phone
	Place    int // in its spoken word: 0 inside, 1 first, 2 last, 3 alone
	From, To int
	States   [statesPerPhone]int // frames of its beginning, middle and end
	// Goodness is how much better the best other sound would have fitted: 0 is best, -20 the worst that counts.
	Goodness float64
	// Free is the same, against the best way through any sounds.
	Free float64
	// Posterior is the mean logarithm of its probability among all sounds.
	Posterior float64
	// Own is what the sound itself scores in its best contexts against the best one.
	Own float64
	// Rivals is, by the number of a phone, how much worse than the best one it fits: 0 for the best.
	Rivals []float32
	// Agreement is the share of its frames at which it is what was Heard.
	Agreement float64
	// Loudness is the mean of the zeroth cepstral coefficient over its frames, relative to the loudest frame of the recording.
	Loudness float64

	// What the judge's ear says (see Chances.Tell); nothing where there is no judge for the model.

	// Chances is, by the number of a phone, the mean logarithm of its probability.
	Chances []float32
	// Core is the same for the sound itself, in the middle half of its frames.
	Core float64
	// Share is the logarithm of its mean probability.
	Share float64
}

// Frames is how long the sound is, in units of 10 ms.
func (s *Sound) Frames() int { return s.To - s.From }

var (
	errTooShort = errors.New("the recording is too short for this text")
	errNoWords  = errors.New("the text has no words")
)

// Phones returns the names of the model's sounds, in the order of Sound.Rivals.
func (m *Model) Phones() []string { return slices.Clone(m.names) }

// Hearing is what the model makes of a recording, before it knows the text. It is read-only.
type Hearing struct {
	// Spectrum is what the judge's ear hears of it.
	Spectrum Spectrum
	*evidence
	loudness  []float64
	free      []float32 // by frame: score of the likeliest way through any sounds
	heard     []phone   // by frame: that way
	tones     []float32 // by frame: how high the voice is
	factor    float64   // see Reading.Factor
	clearness float64   // see Reading.Clearness
	narrow    bool      // see Reading.Narrow
	chances   *Chances  // what the judge's ear says; nil where no judge knows the model
}

// Listen prepares samples of 16 kHz. It returns the context's error, or one that says that there are too few.
func (m *Model) Listen(ctx context.Context, samples []int16) (*Hearing, error) {
	powers := m.filters.powers(samples)
	if len(powers) < minFrames {
		return nil, errTooShort
	}
	bands := m.filters.bands.spectra(powers)
	clearness := clearness(bands, &m.filters.audible)
	telephone := narrow(bands)
	speaker := newTract(m.factor(powers, bands, telephone))
	bands = speaker.bands.spectra(powers)
	raw := spectrumOf(bands)
	frames, loudness := m.filters.describe(bands, speaker.used(telephone)) // the ear has learned to hear through noise, and hears it
	e, err := m.listen(ctx, frames)
	if err != nil {
		return nil, err
	}
	h := &Hearing{
		Spectrum: raw, evidence: e, loudness: loudness, clearness: clearness, tones: tones(samples, len(bands)), factor: speaker.factor, narrow: telephone,
	}
	h.free, h.heard = e.free()
	if j := Trained(m); j != nil {
		h.chances = j.Ear.Hear(raw)
	}
	return h, nil
}

// Read finds the sounds of a text. It returns the context's error, or one that says that the recording is too short for the text.
func (h *Hearing) Read(ctx context.Context, text string) (*Reading, error) {
	return h.read(ctx, h.model.speak(text))
}

// spokenWords are the pronunciations of all spoken words, and which token each of them belongs to.
func spokenWords(tokens []token) (words [][][]phone, owner []int) {
	for i, token := range tokens {
		for _, variants := range token.sounds {
			words, owner = append(words, variants), append(owner, i)
		}
	}
	return words, owner
}

func (h *Hearing) read(ctx context.Context, tokens []token) (*Reading, error) {
	if len(tokens) == 0 {
		return nil, errNoWords
	}
	words, owner := spokenWords(tokens)
	found, err := h.align(ctx, words)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, errTooShort
	}
	r := h.reading(tokens, owner, found)
	if h.chances != nil {
		h.chances.Tell(h.model, r)
	}
	return r, nil
}

// reading gathers what the words and pauses of an alignment say.
func (h *Hearing) reading(tokens []token, owner []int, found []segment) *Reading {
	r := &Reading{Frames: h.frames, Heard: h.runs(), Clearness: h.clearness, Narrow: h.narrow, Words: make([]Word, len(tokens))}
	for i, t := range tokens {
		r.Words[i] = Word{Text: t.written, Known: t.known()}
	}
	for _, p := range h.heard {
		if !h.model.fillers[p] {
			r.Speech++
		}
	}
	begun, end := -1, 0
	for i, s := range found {
		if s.word == noWord {
			if i > 0 && i < len(found)-1 {
				r.Silences = append(r.Silences, s.frames())
			}
			continue
		}
		if begun < 0 {
			begun = s.from
		}
		end = s.to
		w := &r.Words[owner[s.word]]
		if w.To == 0 {
			w.From = s.from
		}
		w.To = s.to
		if w.Known && !s.filler {
			w.Sounds = append(w.Sounds, h.sound(&s, int(place(found, i))))
		}
	}
	r.Voiced = end - max(begun, 0)
	r.Melody, r.Factor = melody(h.tones[max(begun, 0):end], r.sounds()), h.factor
	return r
}

// sounds is how many there are.
func (r *Reading) sounds() (n int) {
	for i := range r.Words {
		n += len(r.Words[i].Sounds)
	}
	return n
}

// leastGoodness is where the scores of a sound are cut off: what is not there at all is not worse for being far from it.
const leastGoodness = -20

// runs joins frames at which the same sound was heard.
func (h *Hearing) runs() (out []Heard) {
	for t, p := range h.heard {
		if t == 0 || h.heard[t-1] != p {
			out = append(out, Heard{Phone: int(p), From: t})
		}
		out[len(out)-1].To = t + 1
	}
	return out
}

// sound compares a sound with all that could have been there.
func (h *Hearing) sound(s *segment, place int) Sound {
	n := float64(s.frames())
	out := Sound{
		Phone: h.model.names[s.phone], Number: int(s.phone), Place: place, From: s.from, To: s.to, States: s.states,
		Rivals: h.rivals(s.from, s.to), Posterior: h.posterior(s.phone, s.from, s.to),
	}
	best := impossible
	for p, score := range out.Rivals {
		if !h.model.fillers[p] || phone(p) == h.model.silence {
			best = max(best, score)
		}
	}
	var free float64
	for t := s.from; t < s.to; t++ {
		free += float64(h.free[t])
		out.Loudness += h.loudness[t] / n
		if h.heard[t] == s.phone {
			out.Agreement += 1 / n
		}
	}
	out.Loudness -= slices.Max(h.loudness)
	out.Goodness = clip(float64(s.score-best)/n, leastGoodness, 0)
	out.Free = clip((float64(s.score)-free)/n, leastGoodness, 1)
	out.Own = clip(float64(out.Rivals[s.phone]-best)/n, leastGoodness, 0)
	for p := range out.Rivals {
		out.Rivals[p] = float32(clip(float64(out.Rivals[p]-best)/n, leastGoodness, 0))
	}
	return out
}

func clip(x, low, high float64) float64 { return math.Min(math.Max(x, low), high) }
