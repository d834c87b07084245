package pronunciation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

// What is tried of one request (spec, "Performance": three attempts with exponential backoff).
const (
	maxAttempts = 3
	// firstPause is how long is waited before the second attempt, at most; the next pause is twice as long. Azure asks for
	// growing waits.
	firstPause = 400 * time.Millisecond
)

// Patience bounds what a learner waits, and what a provider is asked.
type Patience struct {
	Timeout time.Duration // of the whole call, with waiting for a place and all attempts
	Calls   int           // to the provider at a time; at least 1
	Hedge   bool          // whether a second call is made beside one that takes longer than nearly all did lately
	Meter   *Meter        // counts; nil means that nobody reads the numbers
	Log     *slog.Logger  // learns when the provider goes and comes back; nil means slog.Default()
}

// patient asks a provider within bounds. See Patient.
type patient struct {
	Assessor
	timeout time.Duration
	gate    *gate
	breaker *breaker
	pace    *pace // nil where calls are not hedged
	meter   *Meter
	random  func() float64 // 0 to 1
}

// Patient lets a provider score within bounds.
//
// One deadline holds for the whole call. Within it there are up to three attempts where trying again may help, with growing, random
// pauses, or after the time that the provider asks for; where that is not within the deadline, there is no further attempt. No
// more than p.Calls calls are in work; some more wait a while for their turn, the others are told at once. A provider that names a time is
// asked by nobody before, for a minute at most: those whom it has told so wait if they can, and those who come meanwhile are told at once. One that fails
// again and again, or does not take our key, is left alone for a while, until one call has shown that it works. A *Failure says when the
// provider is asked again, where that is known. Who hangs up
// ends their call. With p.Hedge an attempt that takes longer than 95 of the last 100 did gets a second call beside it, where a place
// is free; the first answer counts, and the other call is cancelled.
func Patient(provider Assessor, p Patience) Assessor {
	if p.Log == nil {
		p.Log = slog.Default()
	}
	if p.Meter == nil {
		p.Meter = &Meter{}
	}
	var lately *pace
	if p.Hedge {
		lately = &pace{}
	}
	return &patient{
		pace:     lately,
		Assessor: provider, timeout: p.Timeout, gate: newGate(p.Calls, p.Timeout/2), breaker: newBreaker(p.Log), meter: p.Meter, random: rand.Float64,
	}
}

// Assess implements Assessor.
func (p *patient) Assess(ctx context.Context, u Utterance) (Assessment, error) {
	bounded, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	a, err := p.try(bounded, u)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		a, err = Assessment{}, &Failure{Reason: TimedOut, Cause: fmt.Errorf("no answer within %s: %w", p.timeout, err)}
	}
	p.meter.end(err)
	return a, p.dated(err)
}

// dated returns a failure with when the provider is asked again, whoever has named the time: it, or the breaker after what has just
// happened.
func (p *patient) dated(err error) error {
	f, failed := untold(err)
	if !failed {
		return err
	}
	return &Failure{Reason: f.Reason, RetryAfter: p.breaker.left(), Cause: f.Cause}
}

// try makes attempts while they may help.
func (p *patient) try(ctx context.Context, u Utterance) (Assessment, error) {
	for attempt := 1; ; attempt++ {
		a, err := p.attempt(ctx, u)
		f, failed := errors.AsType[*Failure](err)
		if !failed || !f.temporary() || attempt == maxAttempts {
			return a, err
		}
		if !sleep(ctx, p.pause(attempt, f.RetryAfter)) || !p.breaker.waited(ctx) {
			return Assessment{}, err
		}
	}
}

var errPanicked = &Failure{Reason: Broken, Cause: errors.New("the provider's code panicked")}

// attempt asks once, when there is a place and the provider is not left alone; and once more beside it where that is wanted.
func (p *patient) attempt(ctx context.Context, u Utterance) (Assessment, error) {
	if p.pace != nil {
		return p.hedged(ctx, u)
	}
	leave, err := p.gate.enter(ctx)
	if err != nil {
		return Assessment{}, err
	}
	return p.call(ctx, u, leave)
}

// call asks once, and gives its place back.
func (p *patient) call(ctx context.Context, u Utterance, leave func()) (a Assessment, err error) {
	defer leave()
	probe, err := p.breaker.allow()
	if err != nil {
		return Assessment{}, err
	}
	err = errPanicked // unless it is replaced
	end, began := p.meter.begin(), time.Now()
	defer func() {
		end(err)
		if p.pace != nil && answered(err) {
			p.pace.note(time.Since(began))
		}
		p.breaker.settle(probe, err)
	}()
	a, err = p.Assessor.Assess(ctx, u)
	return a, err
}

// pause is how long to wait after the n-th attempt: a random time up to a bound that doubles, so that many who failed together do
// not come back together; or what the provider asks for, if that is longer.
func (p *patient) pause(n int, asked time.Duration) time.Duration {
	most := firstPause << (n - 1)
	return max(asked, most/2+time.Duration(p.random()*float64(most/2)))
}

// sleep waits and reports true, or false at once where the context will end before.
func sleep(ctx context.Context, d time.Duration) bool {
	if end, bounded := ctx.Deadline(); bounded && time.Until(end) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
