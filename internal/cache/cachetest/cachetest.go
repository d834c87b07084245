// Package cachetest says what every cache must do, as tests that all of them run.
package cachetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

// Store is what all caches can do.
type Store interface {
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	Delete(ctx context.Context, keys ...string) error
	Ping(ctx context.Context) error
}

// Opener returns a cache, a prefix for keys that nobody else uses, and a function that lets time pass for the keys
// with this prefix.
type Opener func(t testing.TB) (s Store, prefix string, pass func(time.Duration))

// Run runs the whole contract.
func Run(t *testing.T, open Opener) {
	s, prefix, pass := open(t)
	t.Run("values", func(t *testing.T) { runValues(t, s, prefix) })
	t.Run("expiry", func(t *testing.T) { runExpiry(t, s, prefix, pass) })
	t.Run("concurrency", func(t *testing.T) { runConcurrency(t, s, prefix) })
	t.Run("a call in a context that has ended fails with it", func(t *testing.T) { runCancelled(t, s, prefix) })
	t.Run("a cache that works answers a ping", func(t *testing.T) {
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func runValues(t *testing.T, s Store, prefix string) {
	values := map[string][]byte{
		"empty":       {},
		"text":        []byte("speeches"),
		"any bytes":   {0, 1, 0xff, '\r', '\n', 0},
		"a big value": bytes.Repeat([]byte("x"), 300_000),
	}
	for name, want := range values {
		t.Run(name+" comes back", func(t *testing.T) {
			key := prefix + "value"
			set(t, s, key, want, time.Hour)
			wantValue(t, s, key, want)
		})
	}
	keys := []string{"", " ", "speeches:A1:question:9f\x00x", "日本 %s *?[a]\r\n", "UPPER", "upper"}
	t.Run("keys of any bytes are kept apart", func(t *testing.T) {
		for _, key := range keys {
			set(t, s, prefix+key, []byte("value of "+key), time.Hour)
		}
		for _, key := range keys {
			wantValue(t, s, prefix+key, []byte("value of "+key))
		}
	})
	t.Run("what was never set is a miss", func(t *testing.T) { wantMiss(t, s, prefix+"never") })
	t.Run("setting again replaces", func(t *testing.T) {
		set(t, s, prefix+"again", []byte("a long first value"), time.Hour)
		set(t, s, prefix+"again", []byte("second"), time.Hour)
		wantValue(t, s, prefix+"again", []byte("second"))
	})
	t.Run("what is deleted is a miss, and deleting it again is fine", func(t *testing.T) {
		for range 2 {
			if err := s.Delete(t.Context(), prefix+keys[0], prefix+keys[1], prefix+"never"); err != nil {
				t.Fatal(err)
			}
		}
		wantMiss(t, s, prefix+keys[0])
		wantMiss(t, s, prefix+keys[1])
		wantValue(t, s, prefix+keys[2], []byte("value of "+keys[2]))
		if err := s.Delete(t.Context()); err != nil {
			t.Fatalf("deleting nothing: %v", err)
		}
	})
	t.Run("neither the caller's slice nor the answer is shared", func(t *testing.T) {
		mine := []byte("mine")
		set(t, s, prefix+"copy", mine, time.Hour)
		mine[0] = 'X'
		got, _, _ := s.Get(t.Context(), prefix+"copy")
		if string(got) == "mine" {
			got[0] = 'X'
		}
		wantValue(t, s, prefix+"copy", []byte("mine"))
	})
}

func runExpiry(t *testing.T, s Store, prefix string, pass func(time.Duration)) {
	t.Run("a value lives as long as it was told", func(t *testing.T) {
		set(t, s, prefix+"short", []byte("x"), time.Minute)
		set(t, s, prefix+"long", []byte("x"), time.Hour)
		pass(30 * time.Second)
		wantValue(t, s, prefix+"short", []byte("x"))
		pass(30 * time.Second)
		wantMiss(t, s, prefix+"short")
		wantValue(t, s, prefix+"long", []byte("x"))
		pass(time.Hour)
		wantMiss(t, s, prefix+"long")
	})
	t.Run("setting again starts a new life", func(t *testing.T) {
		set(t, s, prefix+"renewed", []byte("x"), time.Minute)
		pass(50 * time.Second)
		set(t, s, prefix+"renewed", []byte("y"), time.Minute)
		pass(50 * time.Second)
		wantValue(t, s, prefix+"renewed", []byte("y"))
	})
	t.Run("reading does not lengthen a life", func(t *testing.T) {
		set(t, s, prefix+"read", []byte("x"), time.Minute)
		pass(50 * time.Second)
		wantValue(t, s, prefix+"read", []byte("x"))
		pass(50 * time.Second)
		wantMiss(t, s, prefix+"read")
	})
	for _, ttl := range []time.Duration{0, -1, -time.Hour} {
		t.Run(fmt.Sprintf("a life of %v only removes", ttl), func(t *testing.T) {
			set(t, s, prefix+"dead", []byte("old"), time.Hour)
			wantValue(t, s, prefix+"dead", []byte("old"))
			set(t, s, prefix+"dead", []byte("new"), ttl)
			wantMiss(t, s, prefix+"dead")
		})
	}
	t.Run("a life of less than a millisecond ends", func(t *testing.T) {
		set(t, s, prefix+"blink", []byte("x"), time.Microsecond)
		pass(time.Millisecond)
		wantMiss(t, s, prefix+"blink")
	})
}

func runConcurrency(t *testing.T, s Store, prefix string) {
	const workers, rounds = 8, 30
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range rounds {
				key := fmt.Sprint(prefix, "c", i%5)
				want := bytes.Repeat([]byte{byte('a' + w)}, 1000)
				if err := s.Set(t.Context(), key, want, time.Hour); err != nil {
					t.Error(err)
				}
				got, ok, err := s.Get(t.Context(), key)
				if err != nil || (ok && !bytes.Equal(got, bytes.Repeat(got[:1], 1000))) {
					t.Errorf("Get = %.20q…, %v", got, err)
				}
				if err := s.Delete(t.Context(), key); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func runCancelled(t *testing.T, s Store, prefix string) {
	set(t, s, prefix+"kept", []byte("kept"), time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, getErr := s.Get(ctx, prefix+"kept")
	for name, err := range map[string]error{
		"Get":    getErr,
		"Set":    s.Set(ctx, prefix+"kept", []byte("new"), time.Hour),
		"Delete": s.Delete(ctx, prefix+"kept"),
		"Ping":   s.Ping(ctx),
	} {
		if !errors.Is(err, context.Canceled) || fault.Is(err, fault.KindUnavailable) {
			t.Errorf("%s = %v, want context.Canceled, and nobody else blamed", name, err)
		}
	}
	wantValue(t, s, prefix+"kept", []byte("kept"))
}

func set(t testing.TB, s Store, key string, value []byte, ttl time.Duration) {
	t.Helper()
	if err := s.Set(t.Context(), key, value, ttl); err != nil {
		t.Fatalf("Set(%q): %v", key, err)
	}
}

func wantValue(t testing.TB, s Store, key string, want []byte) {
	t.Helper()
	got, ok, err := s.Get(t.Context(), key)
	if err != nil || !ok || got == nil || !bytes.Equal(got, want) {
		t.Fatalf("Get(%q) = %.40q, %v, %v; want %.40q", key, got, ok, err, want)
	}
}

func wantMiss(t testing.TB, s Store, key string) {
	t.Helper()
	if got, ok, err := s.Get(t.Context(), key); err != nil || ok || got != nil {
		t.Fatalf("Get(%q) = %.40q, %v, %v; want a miss", key, got, ok, err)
	}
}
