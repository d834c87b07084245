package offline

import (
	"math"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// Who reads something else than the text is told so, and gets no marks.
const (
	// otherBelow is the goodness of a whole text below which it is another one: 3 % of the learners of the train split are below it, and
	// 94 % of those who read another sentence.
	otherBelow = -5.7
	// doubt is how far from there one can be sure.
	doubt = 0.7
	// leastSpeech is how many frames of speech there must be, where the text is not of a word or two.
	leastSpeech = 30
	// deaf is the Clearness below which nobody can be marked, in a recording that is long enough to tell: white noise 6 dB below the speech.
	deaf = 9
	// hardlyClear is the Clearness below which it may be the noise that makes the text another one, and marks are given only where the
	// confidence is sureInNoise at least: with the voices of others 5 dB below the speaker's, the other marks do not agree with experts at all.
	hardlyClear = 16
	sureInNoise = 0.5
	// leastShare is the share of speech in a recording in which hardly anything but noise is heard.
	leastShare = 0.05
)

var (
	errOther     = fault.Unsuitable("this does not sound like the sentence; please read exactly what is written").WithCode("different_sentence")
	errLoudRoom  = fault.Unsuitable("there is too much noise in this recording for fair marks; please try again in a quieter place, close to the microphone").WithCode("audio_noisy")
	errNotHeard  = fault.Unsuitable("through the noise in this recording it does not sound like the sentence; please read it again in a quieter place").WithCode("audio_noisy")
	errTooLittle = fault.Unsuitable("there is too little speech for this sentence; please read all of it").WithCode("audio_too_short_for_text")
	errNoText    = fault.Invalid("reference_text", "has no word that is known here; this server scores English texts only")
)

// Check returns why a reading gets no marks: fault.Unsuitable or fault.Invalid, with a sentence for the learner.
func (m *Marks) Check(r *Reading) error {
	known := r.sounds()
	least := min(leastSpeech, shortSound*known)
	switch {
	case known == 0:
		return errNoText
	case r.Speech < least && float64(r.Speech) < leastShare*float64(r.Frames):
		return pronunciation.ErrNoise
	case r.Speech < least:
		return pronunciation.ErrNothingHeard
	case r.Clearness < deaf && r.Frames >= leastRoom:
		return errLoudRoom
	case (m.other || m.Confidence < sureInNoise) && r.Clearness < hardlyClear && r.Frames >= leastRoom:
		return errNotHeard
	case m.other:
		return errOther
	}
	return nil
}

// confidence is a logistic function of the goodness.
func confidence(goodness float64) float64 { return 1 / (1 + math.Exp((otherBelow-goodness)/doubt)) }
