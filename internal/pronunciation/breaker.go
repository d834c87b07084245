package pronunciation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const (
	// tolerated is how many failures in a row are nothing yet.
	tolerated = 5
	// firstRest is how long a provider is left alone after them, and longestRest after a probe has failed again and again.
	firstRest   = 5 * time.Second
	longestRest = time.Minute
	// refusedRest is how long one is left alone that does not take our key: only an operator can help, and more wrong keys make
	// Azure count them.
	refusedRest = 30 * time.Second
)

// breaker spares learners the waiting for a provider that is out, and the provider their calls. It is safe for concurrent use.
type breaker struct {
	log *slog.Logger

	mu       sync.Mutex
	failures int           // in a row
	until    time.Time     // nobody asks before; zero while all is well
	rest     time.Duration // how long the last one was
	probing  bool          // one call is finding out whether all is well again
}

func newBreaker(log *slog.Logger) *breaker { return &breaker{log: log} }

// allow returns nil if the provider may be asked now, and whether that finds out if it works again. Whoever asks it tells settle.
func (b *breaker) allow() (probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.until.IsZero():
		return false, nil
	case time.Now().Before(b.until):
		return false, &Failure{
			Reason: Resting, RetryAfter: time.Until(b.until), Cause: fmt.Errorf("the provider has failed and is left alone for %s", b.rest),
		}
	case b.probing:
		return false, &Failure{Reason: Resting, Cause: errors.New("the provider has failed, and one call is finding out whether it works again")}
	}
	b.probing = true
	return true, nil
}

// settle takes in how a call has ended that allow has let through.
func (b *breaker) settle(probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if probe {
		b.probing = false
	}
	if !probe && !b.until.IsZero() {
		return // it began before the outage was noticed, and says nothing new
	}
	f, failed := errors.AsType[*Failure](err)
	switch {
	case errors.Is(err, context.Canceled): // the caller's doing, which says nothing
	case failed && f.Reason == Refused:
		b.open(refusedRest)
		b.log.Error("the speech provider refuses us; pronunciation is not scored until its key, region and address are right "+
			"(AZURE_SPEECH_KEY, AZURE_SPEECH_REGION, AZURE_SPEECH_ENDPOINT)", "error", err)
	case failed && f.Reason == Broken, errors.Is(err, context.DeadlineExceeded):
		b.failures++
		if probe || b.failures == tolerated {
			b.open(min(max(2*b.rest, firstRest), longestRest))
			b.log.Warn("the speech provider fails and is left alone", "rest", b.rest.String(), "error", err)
		}
	default:
		b.close()
	}
}

func (b *breaker) open(rest time.Duration) {
	b.rest, b.until = rest, time.Now().Add(rest)
}

func (b *breaker) close() {
	if !b.until.IsZero() {
		b.log.Info("the speech provider works again")
	}
	b.failures, b.rest, b.until = 0, 0, time.Time{}
}
