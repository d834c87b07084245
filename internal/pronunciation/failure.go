package pronunciation

import (
	"errors"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

// What a provider says that could make nothing of the sound. Each is a sentence for the learner.
var (
	ErrNoWords = fault.Unsuitable("some speech was heard, but no words of this language in it; please read the sentence again, a little more clearly").
			WithCode("speech_not_recognized")
	ErrSilent = fault.Unsuitable("nothing is to be heard in this recording; please check the microphone and try again").
			WithCode("audio_silent")
	ErrNoise = fault.Unsuitable("only noise is to be heard in this recording; please try again in a quieter place").
			WithCode("audio_noisy")
	ErrNothingHeard = fault.Unsuitable("no speech was found in this recording; please read the sentence again, close to the microphone").
			WithCode("speech_not_heard")
)

// Reason is why a provider did not do its work.
type Reason int

// The reasons.
const (
	Broken    Reason = iota + 1 // the provider or the way to it is out of order; trying again may help
	Throttled                   // it has had too many requests; trying again later helps
	Refused                     // it does not take our key or address: only an operator can help
	Rejected                    // it does not take this one request, which is our mistake
	TimedOut                    // it took too long
	Crowded                     // too many requests of our own are waiting for it, or it has asked for fewer
	Resting                     // it has failed again and again, or asked for it, and is left alone for a while
)

// String is the reason in one word, for programs.
func (r Reason) String() string {
	if r < Broken || r > Resting {
		return "unknown"
	}
	return [...]string{"broken", "throttled", "refused", "rejected", "timed_out", "crowded", "resting"}[r-Broken]
}

// Failure says that a provider did not do its work. Its text is for the log; the learner reads something else.
type Failure struct {
	Reason Reason
	// RetryAfter is when the provider wants to be asked again, or when it is asked again; 0 where nobody knows.
	RetryAfter time.Duration
	// Cause holds no secret.
	Cause error
}

// Error returns the cause, for the log.
func (f *Failure) Error() string { return f.Cause.Error() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Cause }

// temporary reports whether trying again soon may help.
func (f *Failure) temporary() bool { return f.Reason == Broken || f.Reason == Throttled }

// untold returns the failure that err is, unless its provider has said already what the learner is told, such as that it does not know their
// language: then the failure is the cause below, for the log and the numbers alone.
func untold(err error) (*Failure, bool) {
	f, failed := errors.AsType[*Failure](err)
	said, known := fault.As(err)
	if !failed || known && errors.Is(said, f) {
		return nil, false
	}
	return f, true
}

// told turns a failure into what the learner is told. Whose key is wrong is no learner's business.
func told(err error) error {
	f, ok := untold(err)
	if !ok {
		return err
	}
	switch f.Reason {
	case TimedOut:
		return fault.Unavailable("scoring took too long; please try again").WithCode("scoring_timeout").WithCause(f).WithRetryAfter(f.RetryAfter)
	case Throttled, Crowded:
		return fault.Unavailable("too many recordings are being scored at the moment; please try again a little later").
			WithCode("scoring_busy").WithCause(f).WithRetryAfter(f.RetryAfter)
	default:
		return fault.Unavailable("pronunciation cannot be scored at the moment; please try again later").
			WithCode("scoring_unavailable").WithCause(f).WithRetryAfter(f.RetryAfter)
	}
}
