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
	// longestAsked is how long a provider is left alone at its own word, at most: a mistaken one must not end scoring for a day.
	longestAsked = time.Minute
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
	asked    time.Time     // the provider has asked to be left alone until then
	busy     bool          // because it has too many requests
}

func newBreaker(log *slog.Logger) *breaker { return &breaker{log: log} }

// allow returns nil if the provider may be asked now, and whether that finds out if it works again. Whoever asks it tells settle.
func (b *breaker) allow() (probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch left := time.Until(b.asked); {
	case left > 0:
		return false, b.spared(left)
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

// spared is what those are told who come before the time that the provider has named.
func (b *breaker) spared(left time.Duration) error {
	f := &Failure{Reason: Resting, RetryAfter: left, Cause: errors.New("the provider has asked to be left alone for a while")}
	if b.busy {
		f.Reason = Crowded
	}
	return f
}

// left is how long nobody will ask the provider; 0 if somebody may now.
func (b *breaker) left() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(0, time.Until(b.until), time.Until(b.asked))
}

// waited waits for the time that the provider has named, which it may put off meanwhile, and reports whether that came before the end of ctx.
func (b *breaker) waited(ctx context.Context) bool {
	for left := b.leftAsked(); left > 0; left = b.leftAsked() {
		if !sleep(ctx, left) {
			return false
		}
	}
	return true
}

func (b *breaker) leftAsked() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Until(b.asked)
}

// settle takes in how a call has ended that allow has let through.
func (b *breaker) settle(probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heed(err)
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
		b.log.Error("the speech provider cannot be used; pronunciation is not scored until its key, region and address are right "+
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

// heed notes when the provider wants to be asked again.
func (b *breaker) heed(err error) {
	f, failed := errors.AsType[*Failure](err)
	if !failed || !f.temporary() || f.RetryAfter <= 0 {
		return
	}
	if until := time.Now().Add(min(f.RetryAfter, longestAsked)); until.After(b.asked) {
		b.asked, b.busy = until, f.Reason == Throttled
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
