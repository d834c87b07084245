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

func TestMemoryAppends(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	m := cache.NewMemory(1000, func() time.Time { return now })
	add := func(tail string) {
		t.Helper()
		if err := m.Append(t.Context(), "x", []byte(tail), 6, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct{ tail, want string }{
		{"ab", "ab"}, {"cd", "abcd"}, {"", "abcd"}, {"ef", "abcdef"}, {"gh", "cdefgh"}, {"ijklmnop", "klmnop"}, {"q", "lmnopq"},
	} {
		add(step.tail)
		now = now.Add(30 * time.Minute) // each lengthens its life
		if got, ok, err := m.Get(t.Context(), "x"); string(got) != step.want || !ok || err != nil {
			t.Errorf("after %q there is %q, want %q", step.tail, got, step.want)
		}
	}
	now = now.Add(time.Hour)
	add("new")
	if got, _, _ := m.Get(t.Context(), "x"); string(got) != "new" {
		t.Errorf("after it has expired there is %q, want only what is new", got)
	}
}

// What grows by appending is counted with the room that it takes.
func TestMemoryThatIsAppendedToIsBounded(t *testing.T) {
	const most = 100_000
	m := cache.NewMemory(most, nil)
	for i := range 3000 {
		if err := m.Append(t.Context(), fmt.Sprint(i%300), make([]byte, 200), 10_000, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	held := 0
	for i := range 300 {
		value, _, _ := m.Get(t.Context(), fmt.Sprint(i))
		held += len(value)
	}
	if held > most || held < most/8 {
		t.Errorf("%d bytes are held in a memory of %d", held, most)
	}
}
