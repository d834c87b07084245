package pronunciation

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// fewWaiting is how many may wait where only one call or two are made at a time.
const fewWaiting = 4

// gate lets so many calls through at a time. It is safe for concurrent use.
type gate struct {
	places  chan struct{}
	longest time.Duration // that somebody waits
	queue   int64         // how many may wait
	waiting atomic.Int64
}

func newGate(calls int, longest time.Duration) *gate {
	calls = max(calls, 1)
	return &gate{places: make(chan struct{}, calls), longest: longest, queue: int64(max(calls, fewWaiting))}
}

// tryEnter takes a place if one is free, without waiting.
func (g *gate) tryEnter() (leave func(), free bool) {
	leave = func() { <-g.places }
	select {
	case g.places <- struct{}{}:
		return leave, true
	default:
		return leave, false
	}
}

// enter waits for a place. It returns *Failure where there are too many already, or none becomes free in time.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	leave, free := g.tryEnter()
	if free {
		return leave, nil
	}
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > g.queue {
		return nil, &Failure{Reason: Crowded, Cause: fmt.Errorf("%d calls are in work and %d are waiting", cap(g.places), g.queue)}
	}
	timer := time.NewTimer(g.longest)
	defer timer.Stop()
	select {
	case g.places <- struct{}{}:
		return leave, nil
	case <-timer.C:
		return nil, &Failure{Reason: Crowded, Cause: errors.New("no call was free for " + g.longest.String())}
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a free call: %w", ctx.Err())
	}
}
