package pronunciation

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// recentCalls is how many calls the usual time is drawn from, and enoughCalls how many of them must be there before it is trusted.
	recentCalls = 128
	enoughCalls = 20
	// slowShare is how many of 100 calls are faster than one that is called slow.
	slowShare = 95
)

// pace knows how long a provider has taken lately. It is safe for concurrent use.
type pace struct {
	mu    sync.Mutex
	times []time.Duration // a ring
	next  int
}

// note takes in how long a call took that was answered.
func (p *pace) note(took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.times) < recentCalls {
		p.times = append(p.times, took)
		return
	}
	p.times[p.next] = took
	p.next = (p.next + 1) % recentCalls
}

// slow returns the time that 95 of the last 100 calls did not take; known is false before there were enough.
func (p *pace) slow() (limit time.Duration, known bool) {
	p.mu.Lock()
	sorted := slices.Clone(p.times)
	p.mu.Unlock()
	if len(sorted) < enoughCalls {
		return 0, false
	}
	slices.Sort(sorted)
	return sorted[len(sorted)*slowShare/100], true
}

// answer is how a call has ended.
type answer struct {
	assessment Assessment
	err        error
	second     bool // of two that race
	panicked   any
}

// hedged asks once, and a second time beside the first call where that takes longer than nearly all did lately and a place is free. The
// first answer counts; the other call is cancelled, and keeps its place until it has ended.
func (p *patient) hedged(ctx context.Context, u Utterance) (Assessment, error) {
	leave, err := p.gate.enter(ctx)
	if err != nil {
		return Assessment{}, err
	}
	racing, stop := context.WithCancel(ctx)
	defer stop()
	answers := make(chan answer, 2)
	start := func(leave func(), second bool) {
		got := caught(racing, func(ctx context.Context) (Assessment, error) { return p.call(ctx, u, leave) })
		got.second = second
		answers <- got
	}
	go start(leave, false)
	limit, known := p.pace.slow()
	if !known {
		return p.first(answers, 1)
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case got := <-answers:
		return got.result()
	case <-timer.C:
	}
	leave, free := p.gate.tryEnter()
	if !free {
		return p.first(answers, 1)
	}
	p.meter.hedged.Add(1)
	go start(leave, true)
	return p.first(answers, 2)
}

// first returns the first of the answers that says something, or the last one.
func (p *patient) first(answers <-chan answer, calls int) (Assessment, error) {
	for {
		got := <-answers
		calls--
		f, failed := errors.AsType[*Failure](got.err)
		if calls > 0 && failed && (f.temporary() || f.Reason == Resting || f.Reason == Crowded) {
			continue
		}
		if got.second && got.err == nil {
			p.meter.hedgeWon.Add(1)
		}
		return got.result()
	}
}

func (a answer) result() (Assessment, error) {
	if a.panicked != nil {
		panic(a.panicked)
	}
	return a.assessment, a.err
}

// answered reports whether the provider has said what it thinks of the sound.
func answered(err error) bool {
	f, ok := fault.As(err)
	return err == nil || ok && f.Kind == fault.KindUnsuitable
}
