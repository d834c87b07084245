package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/ratelimit"
	"github.com/englishapp/englishctl/internal/ratelimit/ratelimittest"
	"github.com/englishapp/englishctl/internal/testenv"
)

// openRedis returns the real server, patient since a test machine may be busy. What tests leave there vanishes by itself.
func openRedis(t testing.TB) *cache.Redis {
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

// broken is a store that does not answer.
type broken struct{}

func (broken) Run(ctx context.Context, _, _ string, _ ...any) ([]int64, error) {
	return nil, errors.Join(ctx.Err(), fault.Unavailable("no answer"))
}

// mute is a store that answers something else.
type mute struct{}

func (mute) Run(context.Context, string, string, ...any) ([]int64, error) { return []int64{1}, nil }

func TestMemoryContract(t *testing.T) {
	ratelimittest.Run(t, func(_ testing.TB, now func() time.Time) (ratelimittest.Limiter, string) {
		return ratelimit.NewMemory(1000, now), ""
	})
}

func TestSharedContract(t *testing.T) {
	ratelimittest.Run(t, func(t testing.TB, now func() time.Time) (ratelimittest.Limiter, string) {
		return ratelimit.NewShared(openRedis(t), 1000, now), uuid.NewString()
	})
}

func TestFallbackContract(t *testing.T) {
	t.Run("with the store", func(t *testing.T) {
		ratelimittest.Run(t, func(t testing.TB, now func() time.Time) (ratelimittest.Limiter, string) {
			return ratelimit.NewFallback(ratelimit.NewShared(openRedis(t), 1000, now), ratelimit.NewMemory(0, now)), uuid.NewString()
		})
	})
	t.Run("without", func(t *testing.T) {
		ratelimittest.Run(t, func(_ testing.TB, now func() time.Time) (ratelimittest.Limiter, string) {
			return ratelimit.NewFallback(ratelimit.NewShared(broken{}, 1000, now), ratelimit.NewMemory(1000, now)), ""
		})
	})
}

func TestFallbackCountsWhatItCountedAlone(t *testing.T) {
	ten := ratelimit.Limit{Requests: 10, Per: time.Minute}
	f := ratelimit.NewFallback(ratelimit.NewShared(broken{}, 1000, nil), ratelimit.NewMemory(10, nil))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, ctx := range []context.Context{t.Context(), t.Context(), ended} {
		_, _ = f.Take(ctx, "key", ten)
	}
	if got := f.Alone(); got != 2 {
		t.Errorf("Alone = %d, want 2: a caller that gave up is no outage", got)
	}
	f = ratelimit.NewFallback(ratelimit.NewShared(mute{}, 1000, nil), ratelimit.NewMemory(10, nil))
	if v, err := f.Take(t.Context(), "key", ten); err != nil || !v.Allowed || f.Alone() != 1 {
		t.Errorf("a store that answers nonsense: %+v, %v, %d alone; want the request counted here", v, err, f.Alone())
	}
}

// The store's own clock is the one that all daemons share.
func TestSharedTakesTheStoresTime(t *testing.T) {
	s := ratelimit.NewShared(openRedis(t), 1000, nil)
	key, hour := uuid.NewString(), ratelimit.Limit{Requests: 2, Per: time.Hour}
	var got []bool
	for range 3 {
		v, err := s.Take(t.Context(), key, hour)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, v.Allowed)
	}
	if fmt.Sprint(got) != "[true true false]" {
		t.Errorf("three requests of two an hour: %v", got)
	}
}

// Whoever invents keys by the million gains nothing: memory stays, and whoever is active is remembered.
func TestMemoryIsBounded(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	m := ratelimit.NewMemory(1000, func() time.Time { return now })
	one := ratelimit.Limit{Requests: 1, Per: time.Minute}
	take := func(key string) bool {
		v, err := m.Take(t.Context(), key, one)
		if err != nil {
			t.Fatal(err)
		}
		return v.Allowed
	}
	before := heap()
	take("active")
	for i := range 200_000 {
		take(fmt.Sprint("invented", i))
		if i%500 == 0 && take("active") {
			t.Fatalf("after %d invented keys the active one was forgotten", i)
		}
	}
	if grown := heap() - before; grown > 1<<20 {
		t.Errorf("a limiter for 1000 keys has grown by %d bytes", grown)
	}
	if !take("invented0") {
		t.Error("a key that was pushed out does not begin anew")
	}
	runtime.KeepAlive(m)
}

// Budgets that are whole are forgotten before any that is not.
func TestMemoryForgetsWholeBudgetsFirst(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	m := ratelimit.NewMemory(3, func() time.Time { return now })
	one := ratelimit.Limit{Requests: 1, Per: time.Minute}
	for _, step := range []struct {
		key     string
		allowed bool
	}{{"a", true}, {"b", true}, {"", false}, {"c", true}, {"d", true}, {"e", true}, {"c", false}, {"d", false}, {"e", false}} {
		if step.key == "" {
			now = now.Add(time.Minute) // a and b are whole
			continue
		}
		if v, _ := m.Take(t.Context(), step.key, one); v.Allowed != step.allowed {
			t.Errorf("%s: allowed = %v, want %v", step.key, v.Allowed, step.allowed)
		}
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkTake(b *testing.B) {
	million := ratelimit.Limit{Requests: 1_000_000, Per: time.Minute}
	bench := func(name string, open func(b *testing.B) ratelimittest.Limiter) {
		b.Run(name, func(b *testing.B) {
			l := open(b)
			keys := make([]string, 1000)
			for i := range keys {
				keys[i] = "other:" + uuid.NewString()
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					if _, err := l.Take(b.Context(), keys[i%len(keys)], million); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
	bench("memory", func(*testing.B) ratelimittest.Limiter { return ratelimit.NewMemory(100_000, nil) })
	bench("redis", func(b *testing.B) ratelimittest.Limiter { return ratelimit.NewShared(openRedis(b), 1000, nil) })
	bench("redis_out", func(*testing.B) ratelimittest.Limiter {
		return ratelimit.NewFallback(ratelimit.NewShared(broken{}, 1000, nil), ratelimit.NewMemory(100_000, nil))
	})
}
