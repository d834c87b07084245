// Package ratelimittest says what every limiter must do, as tests that all of them run.
package ratelimittest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/ratelimit"
)

// Limiter is what all of them can do.
type Limiter interface {
	Take(ctx context.Context, key string, l ratelimit.Limit) (ratelimit.Verdict, error)
}

// Opener returns a limiter that takes the time from now, and a prefix for keys that nobody else uses.
type Opener func(t testing.TB, now func() time.Time) (l Limiter, prefix string)

// ten is ten requests a minute: one comes back every six seconds.
var ten = ratelimit.Limit{Requests: 10, Per: time.Minute}

// bench is a limiter with a clock that stands still.
type bench struct {
	Limiter
	prefix string
	moment atomic.Int64
}

func newBench(t testing.TB, open Opener) *bench {
	t.Helper()
	b := &bench{}
	b.moment.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	b.Limiter, b.prefix = open(t, func() time.Time { return time.Unix(0, b.moment.Load()) })
	return b
}

func (b *bench) pass(d time.Duration) { b.moment.Add(int64(d)) }

func (b *bench) take(t testing.TB, key string, l ratelimit.Limit) ratelimit.Verdict {
	t.Helper()
	v, err := b.Take(t.Context(), b.prefix+key, l)
	if err != nil {
		t.Fatalf("Take(%.40q): %v", key, err)
	}
	return v
}

// allowed takes n times and returns how many were allowed.
func (b *bench) allowed(t testing.TB, key string, l ratelimit.Limit, n int) int {
	t.Helper()
	count := 0
	for range n {
		if b.take(t, key, l).Allowed {
			count++
		}
	}
	return count
}

// Run runs the whole contract.
func Run(t *testing.T, open Opener) {
	for name, test := range map[string]func(*testing.T, *bench){
		"a budget may be used at once, and says what is left":                runBurst,
		"a refused request says when to come again, and is right":            runRefusal,
		"at no edge do two bursts meet":                                      runEdge,
		"refused requests cost nothing":                                      runRefusedCostNothing,
		"a budget comes back whole and not more":                             runRefill,
		"limits of any size are exact":                                       runSizes,
		"a clock that is turned back costs one budget at most":               runClockBack,
		"keys of any bytes are kept apart":                                   runKeys,
		"of many at once exactly the budget gets through":                    runConcurrency,
		"a call in a context that has ended fails with it and costs nothing": runCancelled,
	} {
		t.Run(name, func(t *testing.T) { test(t, newBench(t, open)) })
	}
}

func runBurst(t *testing.T, b *bench) {
	for i := range 10 {
		want := ratelimit.Verdict{Allowed: true, Remaining: 9 - i, ResetAfter: time.Duration(i+1) * 6 * time.Second}
		if i == 9 {
			want.RetryAfter = 6 * time.Second
		}
		if got := b.take(t, "burst", ten); got != want {
			t.Fatalf("request %d: %+v, want %+v", i+1, got, want)
		}
	}
	want := ratelimit.Verdict{RetryAfter: 6 * time.Second, ResetAfter: time.Minute}
	if got := b.take(t, "burst", ten); got != want {
		t.Fatalf("request 11: %+v, want %+v", got, want)
	}
}

func runRefusal(t *testing.T, b *bench) {
	b.allowed(t, "refusal", ten, 10)
	b.pass(2 * time.Second)
	wait := b.take(t, "refusal", ten).RetryAfter
	if wait != 4*time.Second {
		t.Fatalf("RetryAfter = %s, want 4s", wait)
	}
	b.pass(wait - time.Microsecond)
	if b.take(t, "refusal", ten).Allowed {
		t.Fatal("a microsecond too early, it was allowed")
	}
	b.pass(time.Microsecond)
	if got := b.take(t, "refusal", ten); !got.Allowed || got.Remaining != 0 {
		t.Fatalf("in time: %+v, want allowed, and nothing more", got)
	}
}

func runEdge(t *testing.T, b *bench) {
	b.pass(59 * time.Second) // just before a minute of the clock ends
	if got := b.allowed(t, "edge", ten, 30); got != 10 {
		t.Fatalf("%d were allowed at once, want 10", got)
	}
	b.pass(2 * time.Second)
	if got := b.allowed(t, "edge", ten, 30); got != 0 {
		t.Fatalf("%d more were allowed two seconds later, want none", got)
	}
	total := 10
	for range 120 { // two minutes of asking every half second
		b.pass(500 * time.Millisecond)
		total += b.allowed(t, "edge", ten, 1)
	}
	if total != 10+10 { // 62 seconds after the burst, one every six
		t.Fatalf("%d were allowed in 62 seconds, want the burst and one every six seconds", total)
	}
}

func runRefusedCostNothing(t *testing.T, b *bench) {
	b.allowed(t, "hammer", ten, 1000)
	b.pass(6 * time.Second)
	if got := b.allowed(t, "hammer", ten, 5); got != 1 {
		t.Fatalf("%d were allowed after one interval, want 1", got)
	}
}

func runRefill(t *testing.T, b *bench) {
	for _, wait := range []time.Duration{time.Minute, time.Hour, 1000 * time.Hour} {
		if got := b.allowed(t, "refill", ten, 30); got != 10 {
			t.Fatalf("%d were allowed, want 10", got)
		}
		b.pass(wait)
	}
	b.allowed(t, "refill", ten, 7)
	b.pass(12 * time.Second)
	if got := b.take(t, "refill", ten); got.Remaining != 4 || got.ResetAfter != 36*time.Second {
		t.Fatalf("7 taken, 2 back, 1 taken: %+v, want 4 left, whole in 36s", got)
	}
}

func runSizes(t *testing.T, b *bench) {
	for _, l := range []ratelimit.Limit{
		{Requests: 1, Per: time.Minute},
		{Requests: 7, Per: time.Minute}, // no whole number of microseconds each
		{Requests: 200, Per: time.Minute},
		{Requests: 5, Per: time.Hour},
		{Requests: 30, Per: 10 * time.Second},
	} {
		key := fmt.Sprint("size", l)
		if got := b.allowed(t, key, l, l.Requests+10); got != l.Requests {
			t.Errorf("%d in %s: %d were allowed", l.Requests, l.Per, got)
		}
		b.pass(l.Per)
		if got := b.take(t, key, l); !got.Allowed || got.Remaining != l.Requests-1 {
			t.Errorf("%d in %s: after that time %+v, want a whole budget", l.Requests, l.Per, got)
		}
	}
	// Once only: a store forgets such a small debt by its own clock, which does not stand still.
	for _, requests := range []int{1_000_000, 60_000_000} {
		many := ratelimit.Limit{Requests: requests, Per: time.Minute}
		if got := b.take(t, fmt.Sprint("many", requests), many); !got.Allowed || got.Remaining != requests-1 {
			t.Errorf("%d a minute: %+v", requests, got)
		}
	}
}

func runClockBack(t *testing.T, b *bench) {
	b.allowed(t, "back", ten, 10)
	b.pass(-24 * time.Hour)
	if got := b.take(t, "back", ten); got.Allowed || got.RetryAfter != 6*time.Second {
		t.Fatalf("after the clock was turned back: %+v, want refused for one interval", got)
	}
}

func runKeys(t *testing.T, b *bench) {
	one := ratelimit.Limit{Requests: 1, Per: time.Minute}
	long := strings.Repeat("x", 1<<20)
	keys := []string{"", " ", "a", "A", "a:b", "a\x00b", "a\r\nSET x y", "日本 %s *?[a]", "\xff\xfe", "{a}", long, long + "y", strings.Repeat("x", 64)}
	for _, key := range keys {
		if !b.take(t, key, one).Allowed {
			t.Errorf("the key %.20q shares the budget of another", key)
		}
	}
	for _, key := range keys {
		if b.take(t, key, one).Allowed {
			t.Errorf("the key %.20q was forgotten", key)
		}
	}
}

func runConcurrency(t *testing.T, b *bench) {
	const goroutines, each = 20, 25
	limit := ratelimit.Limit{Requests: 100, Per: time.Minute}
	var allowed atomic.Int64
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for range each {
				v, err := b.Take(t.Context(), b.prefix+"crowd", limit)
				if err != nil {
					t.Error(err)
				}
				if v.Allowed {
					allowed.Add(1)
				}
			}
		})
	}
	all.Wait()
	if got := allowed.Load(); got != 100 {
		t.Fatalf("%d of %d were allowed, want 100", got, goroutines*each)
	}
}

func runCancelled(t *testing.T, b *bench) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Take(ctx, b.prefix+"cancelled", ten); !errors.Is(err, context.Canceled) {
		t.Fatalf("Take = %v, want context.Canceled", err)
	}
	if got := b.take(t, "cancelled", ten); got.Remaining != 9 {
		t.Fatalf("then %+v, want nothing taken before", got)
	}
}
