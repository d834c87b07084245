package cache_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/fault"
)

// failing is a cache that fails while err is set.
type failing struct {
	*cache.Memory
	err error
}

func (f *failing) Get(ctx context.Context, key string) ([]byte, bool, error) {
	if f.err != nil {
		return []byte("rubbish"), true, f.err
	}
	return f.Memory.Get(ctx, key)
}

func (f *failing) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return errors.Join(f.err, f.Memory.Set(ctx, key, value, ttl))
}

func (f *failing) Delete(ctx context.Context, keys ...string) error {
	return errors.Join(f.err, f.Memory.Delete(ctx, keys...))
}

func (f *failing) Ping(ctx context.Context) error { return errors.Join(f.err, f.Memory.Ping(ctx)) }

func newGuarded() (*cache.Guarded, *failing, *bytes.Buffer) {
	var log bytes.Buffer
	f := &failing{Memory: cache.NewMemory(1<<20, nil)}
	return cache.Guard(f, slog.New(slog.NewTextHandler(&log, nil))), f, &log
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
	g, _, log := newGuarded()
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
	g, f, log := newGuarded()
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
		use(t.Context(), t, g)
		use(t.Context(), t, g)
		if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=INFO") {
			t.Fatalf("log of the end:\n%s", got)
		}
	}
}

func TestACallerThatGaveUpIsNoOutage(t *testing.T) {
	g, _, log := newGuarded()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	use(ctx, t, g)
	if log.Len() != 0 {
		t.Fatalf("log:\n%s", log)
	}
}
