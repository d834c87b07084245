package cache_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/fault"
)

// failing is a cache that fails while err is set, and counts what it is asked.
type failing struct {
	*cache.Memory
	err   error
	asked atomic.Int64
}

func (f *failing) Get(ctx context.Context, key string) ([]byte, bool, error) {
	f.asked.Add(1)
	if f.err != nil {
		return []byte("rubbish"), true, f.err
	}
	return f.Memory.Get(ctx, key)
}

func (f *failing) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	f.asked.Add(1)
	return errors.Join(f.err, f.Memory.Set(ctx, key, value, ttl))
}

func (f *failing) Run(ctx context.Context, _, _ string, _ ...any) ([]int64, error) {
	f.asked.Add(1)
	return []int64{7}, errors.Join(f.err, ctx.Err())
}

func (f *failing) Delete(ctx context.Context, keys ...string) error {
	return errors.Join(f.err, f.Memory.Delete(ctx, keys...))
}

func (f *failing) Ping(ctx context.Context) error { return errors.Join(f.err, f.Memory.Ping(ctx)) }

// newGuarded returns a guard over a cache that fails on demand, its log, and a function that lets time pass.
func newGuarded() (g *cache.Guarded, f *failing, log *bytes.Buffer, pass func(time.Duration)) {
	log, f = new(bytes.Buffer), &failing{Memory: cache.NewMemory(1<<20, nil)}
	var elapsed atomic.Int64
	now := func() time.Time { return time.Unix(1_800_000_000, elapsed.Load()) }
	g = cache.Guard(f, slog.New(slog.NewTextHandler(log, nil)), now)
	return g, f, log, func(d time.Duration) { elapsed.Add(int64(d)) }
}

// use calls every method that promises not to fail, from several goroutines.
func use(ctx context.Context, t *testing.T, g *cache.Guarded) {
	t.Helper()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			_, _, getErr := g.Get(ctx, "x")
			if err := errors.Join(getErr, g.Set(ctx, "x", []byte("value"), time.Hour), g.Delete(ctx, "y")); err != nil {
				t.Errorf("a guarded cache failed: %v", err)
			}
		})
	}
	all.Wait()
}

func TestGuardedPassesOnWhatWorks(t *testing.T) {
	g, _, log, _ := newGuarded()
	use(t.Context(), t, g)
	if got, ok, err := g.Get(t.Context(), "x"); string(got) != "value" || !ok || err != nil {
		t.Fatalf("Get = %q, %v, %v", got, ok, err)
	}
	if err := g.Delete(t.Context(), "x"); err != nil {
		t.Fatal(err)
	}
	if got, ok, _ := g.Get(t.Context(), "x"); ok {
		t.Fatalf("Get after Delete = %q", got)
	}
	if err := g.Ping(t.Context()); err != nil || log.Len() != 0 {
		t.Fatalf("Ping = %v; log:\n%s", err, log)
	}
}

func TestGuardedLogsAnOutageOnceAndItsEndOnce(t *testing.T) {
	g, f, log, pass := newGuarded()
	for range 2 {
		log.Reset()
		f.err = fault.Unavailable("no answer").WithCause(errors.New("connection refused"))
		use(t.Context(), t, g)
		use(t.Context(), t, g)
		if value, ok, err := g.Get(t.Context(), "x"); value != nil || ok || err != nil {
			t.Fatalf("Get in an outage = %q, %v, %v; want a miss", value, ok, err)
		}
		if err := g.Ping(t.Context()); !errors.Is(err, f.err) {
			t.Fatalf("Ping in an outage = %v, want the truth", err)
		}
		if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=WARN") || !strings.Contains(got, "connection refused") {
			t.Fatalf("log of the outage:\n%s", got)
		}
		log.Reset()
		f.err = nil
		pass(time.Second)
		use(t.Context(), t, g)
		use(t.Context(), t, g)
		if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=INFO") {
			t.Fatalf("log of the end:\n%s", got)
		}
	}
}

func TestACallerThatGaveUpIsNoOutage(t *testing.T) {
	g, _, log, _ := newGuarded()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	use(ctx, t, g)
	if log.Len() != 0 {
		t.Fatalf("log:\n%s", log)
	}
}

// A server that is out is asked once a second, whoever and how many want something of it.
func TestAnOutageCostsOneCallASecond(t *testing.T) {
	g, f, _, pass := newGuarded()
	f.err = fault.Unavailable("no answer")
	ask := func() {
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				_, _, _ = g.Get(t.Context(), "x")
				_ = g.Set(t.Context(), "x", nil, time.Hour)
				if _, err := g.Run(t.Context(), "script", "x"); !fault.Is(err, fault.KindUnavailable) {
					t.Errorf("Run in an outage = %v, want unavailable", err)
				}
			})
		}
		all.Wait()
	}
	_, _, _ = g.Get(t.Context(), "x") // the outage is noticed
	for second := range int64(3) {
		if ask(); f.asked.Load() != second+1 {
			t.Fatalf("asked %d times in second %d, want once a second", f.asked.Load(), second)
		}
		pass(time.Second)
	}
}

func TestADeleteIsTriedInAnOutage(t *testing.T) {
	g, f, _, _ := newGuarded()
	_ = g.Set(t.Context(), "x", []byte("value"), time.Hour)
	f.err = fault.Unavailable("no answer")
	_, _, _ = g.Get(t.Context(), "x")
	f.err = nil // back before anybody has noticed
	_ = g.Delete(t.Context(), "x")
	if got, ok, _ := g.Get(t.Context(), "x"); ok {
		t.Fatalf("Get after Delete = %q", got)
	}
}

func TestGuardedRuns(t *testing.T) {
	g, _, _, _ := newGuarded()
	if got, err := g.Run(t.Context(), "script", "x"); err != nil || len(got) != 1 || got[0] != 7 {
		t.Fatalf("Run = %v, %v, want what the cache behind has returned", got, err)
	}
}

// A server that is back is asked again within a second, also where the clock was set back by an hour meanwhile.
func TestGuardAndAClockThatJumps(t *testing.T) {
	for _, jump := range []time.Duration{-time.Hour, time.Hour} {
		g, f, _, pass := newGuarded()
		f.err = fault.Unavailable("no answer")
		use(t.Context(), t, g)
		f.err = nil
		pass(jump)
		use(t.Context(), t, g)
		if g.Out() {
			t.Errorf("after a jump of %s the server is left alone", jump)
		}
	}
}
