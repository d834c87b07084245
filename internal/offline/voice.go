package offline

import "strings"

// What the features are worth for a sentence is another thing where a child reads: experts mark children by other bars, and the model has heard grown-up people
// only. So the judge of sentences is told whose voice it is, by the spectra of some kinds of sounds (those of a child lie higher, as its throat is shorter) and
// by its pitch.

// kinds are sounds whose spectra are alike.
var kinds = [...]string{"IY IH EY Y", "EH AE AY", "AA AO AH AW OW", "UW UH W L R ER", "M N NG", "S Z SH ZH CH JH T",
	"AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW"}

const (
	voiceNumbers = len(kinds)*filters + 5 // those of Timbre and Melody
	// leastOfKind is how many frames of a kind there are at least.
	leastOfKind = 4
)

// Timbre is the mean spectrum of each of some kinds of sounds; nothing of those that are not there.
type Timbre [len(kinds)][filters]float32

// timbre is that of the sounds that were found in a recording.
func (s Spectrum) timbre(words []Word) (out Timbre) {
	level := s.Level()
	for k, kind := range kinds {
		n := 0
		for _, w := range words {
			for i := range w.Sounds {
				if !strings.Contains(" "+kind+" ", " "+w.Sounds[i].Phone+" ") {
					continue
				}
				for t := w.Sounds[i].From; t < w.Sounds[i].To; t++ {
					n++
					for b, v := range level[t] {
						out[k][b] += v
					}
				}
			}
		}
		for b := range out[k] {
			out[k][b] /= float32(max(n, 1))
		}
		if n < leastOfKind {
			out[k] = [filters]float32{}
		}
	}
	return out
}

// VoiceFeatures describe the voice of a reading.
func VoiceFeatures(r *Reading) []float64 {
	out := make([]float64, 0, voiceNumbers)
	for _, kind := range r.Timbre {
		for _, v := range kind {
			out = append(out, float64(v))
		}
	}
	m := r.Melody
	return append(out, m.Height, m.Range, m.Spread, m.Voiced, m.Runs)
}
