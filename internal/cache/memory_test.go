package cache_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/cache/cachetest"
)

func TestMemoryContract(t *testing.T) {
	cachetest.Run(t, func(testing.TB) (cachetest.Store, string, func(time.Duration)) {
		var elapsed atomic.Int64
		start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		now := func() time.Time { return start.Add(time.Duration(elapsed.Load())) }
		return cache.NewMemory(10<<20, now), "", func(d time.Duration) { elapsed.Add(int64(d)) }
	})
}

// present returns which of the keys are in the cache, without changing which was used last.
func present(t *testing.T, m *cache.Memory, keys ...string) string {
	t.Helper()
	var got string
	for _, key := range keys {
		_, ok, err := m.Get(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			got += key
		}
	}
	return got
}

func TestMemoryForgetsWhatWasUsedLongestAgo(t *testing.T) {
	value := make([]byte, 1000)
	m := cache.NewMemory(3_900, nil) // room for three values with what entries cost
	add := func(key string) {
		t.Helper()
		if err := m.Set(t.Context(), key, value, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	add("a")
	add("b")
	add("c")
	if got := present(t, m, "b", "c", "a"); got != "bca" {
		t.Fatalf("of three values that fit, %q are there", got)
	}
	add("d") // b was used before c and a
	if got := present(t, m, "a", "b", "c", "d"); got != "acd" {
		t.Fatalf("after a fourth, %q are there, want acd", got)
	}
	add("a") // replacing takes no room of another
	if got := present(t, m, "a", "c", "d"); got != "acd" {
		t.Fatalf("after replacing one, %q are there, want acd", got)
	}
}

func TestMemoryDoesNotKeepWhatDoesNotFit(t *testing.T) {
	m := cache.NewMemory(5_000, nil)
	for key, size := range map[string]int{"small": 10, "big": 10} {
		if err := m.Set(t.Context(), key, make([]byte, size), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Set(t.Context(), "big", make([]byte, 5_000), time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := present(t, m, "small", "big"); got != "small" {
		t.Fatalf("%q are there; want the small one, and not the old value of the big one", got)
	}
}

func TestMemoryGivesBackTheRoomOfWhatIsGone(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	m := cache.NewMemory(2_600, func() time.Time { return now })
	add := func(key string) {
		t.Helper()
		if err := m.Set(t.Context(), key, make([]byte, 1000), time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		add("deleted")
		if err := m.Delete(t.Context(), "deleted"); err != nil {
			t.Fatal(err)
		}
		add("expired")
		now = now.Add(time.Hour)
		if got := present(t, m, "expired"); got != "" {
			t.Fatal("it has not expired")
		}
	}
	add("a")
	add("b")
	if got := present(t, m, "a", "b"); got != "ab" {
		t.Fatalf("%q are there, want both", got)
	}
}

func BenchmarkMemoryGet(b *testing.B) {
	m := cache.NewMemory(64<<20, nil)
	keys := make([]string, 1000)
	for i := range keys {
		keys[i] = fmt.Sprintf("speeches:A1:question:%032x", i)
		if err := m.Set(b.Context(), keys[i], make([]byte, 2000), time.Hour); err != nil {
			b.Fatal(err)
		}
	}
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, ok, _ := m.Get(b.Context(), keys[i%len(keys)]); !ok {
				b.Error("a miss")
			}
		}
	})
}
