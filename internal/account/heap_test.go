package account

import (
	"runtime"
	"runtime/metrics"
	"testing"
)

func TestRoomFor(t *testing.T) {
	for _, tt := range []struct {
		h    heap
		want bool
	}{
		{heap{objects: 100 << 20, live: 100 << 20, goal: 200 << 20}, true},
		{heap{objects: 145 << 20, live: 100 << 20, goal: 200 << 20}, true},
		{heap{objects: 147 << 20, live: 100 << 20, goal: 200 << 20}, false}, // with 19 and the margin it is 170
		{heap{objects: 300 << 20, live: 100 << 20, goal: 200 << 20}, false},
		{heap{objects: 100 << 20, live: 100 << 20, goal: 90 << 20}, false}, // GOMEMLIMIT
		{heap{objects: 300 << 20, live: 100 << 20, goal: 1<<64 - 1}, true}, // GOGC=off
	} {
		if got := tt.h.roomFor(19 << 20); got != tt.want {
			t.Errorf("%d MiB, %d live, goal %d: room %v, want %v", tt.h.objects>>20, tt.h.live>>20, tt.h.goal>>20, got, tt.want)
		}
	}
}

// However many passwords are hashed, the runtime never begins to collect garbage in the middle of one.
func TestHashingCollectsBetweenHashes(t *testing.T) {
	headroom := make([]byte, 128<<20) // as in a daemon
	runtime.GC()
	p := newPasswords()
	defer p.tidy.Stop()
	byItself, ours := cycles(t)
	for range 12 {
		if _, err := p.hash(t.Context(), goodPassword); err != nil {
			t.Fatal(err)
		}
	}
	byItselfNow, oursNow := cycles(t)
	if byItselfNow != byItself {
		t.Errorf("the runtime has collected %d times by itself", byItselfNow-byItself)
	}
	if n := oursNow - ours; n < 1 || n > 6 {
		t.Errorf("it was told to collect %d times, want about every fourth hash", n)
	}
	runtime.KeepAlive(headroom)
}

// cycles counts the collections that the runtime has begun by itself, and those that it was told to.
func cycles(t *testing.T) (byItself, ours uint64) {
	t.Helper()
	samples := []metrics.Sample{{Name: "/gc/cycles/automatic:gc-cycles"}, {Name: "/gc/cycles/forced:gc-cycles"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64(), samples[1].Value.Uint64()
}
