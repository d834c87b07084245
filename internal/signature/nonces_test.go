package signature_test

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/signature"
	"github.com/englishapp/englishctl/internal/testenv"
)

func openRedis(t *testing.T) *cache.Redis {
	t.Helper()
	address, err := url.Parse(testenv.Required(t, "TEST_REDIS_URL"))
	if err != nil {
		t.Fatal("TEST_REDIS_URL is no URL")
	}
	address.RawQuery = "read_timeout=10s&write_timeout=10s&dial_timeout=10s&pool_timeout=10s"
	r, err := cache.NewRedis(address.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// TestNonces is the contract of both memories.
func TestNonces(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) signature.Nonces{
		"memory": func(*testing.T) signature.Nonces { return signature.NewMemory(1000, nil) },
		"redis":  func(t *testing.T) signature.Nonces { return signature.NewShared(openRedis(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			nonces, mine := open(t), uuid.NewString()
			use := func(nonce string, keep time.Duration) bool {
				t.Helper()
				fresh, err := nonces.Use(t.Context(), nonce, keep)
				if err != nil {
					t.Fatal(err)
				}
				return fresh
			}
			for i, want := range []bool{true, false, false} {
				if got := use(mine, time.Minute); got != want {
					t.Errorf("use %d: %v, want %v", i, got, want)
				}
			}
			if !use(mine+"2", time.Minute) {
				t.Error("another nonce is not fresh")
			}
			t.Run("one of many at once", func(t *testing.T) {
				var fresh atomic.Int32
				var all sync.WaitGroup
				for range 20 {
					all.Go(func() {
						if ok, err := nonces.Use(t.Context(), mine+"race", time.Minute); err != nil {
							t.Error(err)
						} else if ok {
							fresh.Add(1)
						}
					})
				}
				all.Wait()
				if fresh.Load() != 1 {
					t.Errorf("%d of 20 were the first", fresh.Load())
				}
			})
		})
	}
}

// TestMemoryForgets: nonces go when they may, whatever the order in which they came, and not before.
func TestMemoryForgets(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	m := signature.NewMemory(2, func() time.Time { return now })
	for _, step := range []struct {
		wait  time.Duration
		nonce string
		keep  time.Duration
		fresh bool
		full  bool
	}{
		{0, "long", 10 * time.Minute, true, false},
		{0, "short", time.Minute, true, false},
		{0, "third", time.Minute, false, true},
		{0, "short", time.Minute, false, false}, // a replay is one, also when there is no room
		{time.Minute, "third", time.Minute, true, false},
		{0, "long", time.Minute, false, false},
		{10 * time.Minute, "long", time.Minute, true, false},
	} {
		now = now.Add(step.wait)
		fresh, err := m.Use(t.Context(), step.nonce, step.keep)
		if fresh != step.fresh || fault.Is(err, fault.KindUnavailable) != step.full {
			t.Errorf("%+v: %v, %v", step, fresh, err)
		}
	}
}

// flaky is a store whose answers get lost so many times.
type flaky struct {
	*cache.Redis
	lost int
}

func (f *flaky) Run(ctx context.Context, script, key string, args ...any) ([]int64, error) {
	numbers, err := f.Redis.Run(ctx, script, key, args...)
	if f.lost > 0 { // as go-redis does, ask again with the same words
		f.lost--
		return f.Redis.Run(ctx, script, key, args...)
	}
	return numbers, err
}

// TestSharedAsksTwice: a driver that repeats a script whose answer got lost does not make a replay of it.
func TestSharedAsksTwice(t *testing.T) {
	nonces, nonce := signature.NewShared(&flaky{openRedis(t), 1}), uuid.NewString()
	for i, want := range []bool{true, false} {
		if fresh, err := nonces.Use(t.Context(), nonce, time.Minute); fresh != want || err != nil {
			t.Errorf("use %d: %v, %v; want %v", i, fresh, err, want)
		}
	}
}

func TestSharedForgets(t *testing.T) {
	nonces, nonce := signature.NewShared(openRedis(t)), uuid.NewString()
	if fresh, err := nonces.Use(t.Context(), nonce, -time.Hour); !fresh || err != nil { // for the shortest time there is
		t.Fatal(fresh, err)
	}
	for end := time.Now().Add(10 * time.Second); ; {
		fresh, err := nonces.Use(t.Context(), nonce, time.Hour)
		if err != nil || time.Now().After(end) {
			t.Fatalf("never forgotten: %v", err)
		}
		if fresh {
			return
		}
	}
}

type answers struct {
	numbers []int64
	err     error
}

func (a answers) Run(context.Context, string, string, ...any) ([]int64, error) {
	return a.numbers, a.err
}

// TestSharedIsOut: without an answer no nonce is fresh.
func TestSharedIsOut(t *testing.T) {
	for name, store := range map[string]answers{
		"no answer": {nil, fault.Unavailable("the cache is out")}, "nonsense": {[]int64{1, 1}, nil}, "nothing": {nil, nil},
	} {
		fresh, err := signature.NewShared(store).Use(t.Context(), "n", time.Minute)
		if fresh || !fault.Is(err, fault.KindUnavailable) {
			t.Errorf("%s: %v, %v", name, fresh, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := signature.NewShared(answers{nil, fmt.Errorf("x")}).Use(ended, "n", time.Minute); fault.Is(err, fault.KindUnavailable) || err == nil {
		t.Errorf("who gave up is told %v", err)
	}
}
