package offline

import (
	"math"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// Who reads something else than the text is told so, and gets no marks.
const (
	// otherBelow is the goodness of a whole text below which it is another one: 1 % of the learners whom experts find acceptable are
	// below it, and nearly all who read another sentence.
	otherBelow = -6
	// doubt is how far from there one can be sure.
	doubt = 0.7
	// leastSpeech is how many frames of speech there must be.
	leastSpeech = 30
	// leastShare is the share of speech in a recording in which hardly anything but noise is heard.
	leastShare = 0.05
)

var (
	errOther     = fault.Unsuitable("this does not sound like the sentence; please read exactly what is written").WithCode("different_sentence")
	errTooLittle = fault.Unsuitable("there is too little speech for this sentence; please read all of it").WithCode("audio_too_short_for_text")
	errNoText    = fault.Invalid("reference_text", "has no word that is known here; this server scores English texts only")
)

// Check returns why a reading gets no marks: fault.Unsuitable or fault.Invalid, with a sentence for the learner.
func (m *Marks) Check(r *Reading) error {
	known := 0
	for _, w := range r.Words {
		known += len(w.Sounds)
	}
	switch {
	case known == 0:
		return errNoText
	case r.Speech < leastSpeech && float64(r.Speech) < leastShare*float64(r.Frames):
		return pronunciation.ErrNoise
	case r.Speech < leastSpeech:
		return pronunciation.ErrNothingHeard
	case m.other:
		return errOther
	}
	return nil
}

// confidence is a logistic function of the goodness.
func confidence(goodness float64) float64 { return 1 / (1 + math.Exp((otherBelow-goodness)/doubt)) }
