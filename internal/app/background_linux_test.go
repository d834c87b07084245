package app

import (
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// niceValue is the calling thread's.
func niceValue(t *testing.T) int {
	t.Helper()
	value, err := syscall.Getpriority(syscall.PRIO_PROCESS, syscall.Gettid())
	if err != nil {
		t.Error(err)
	}
	return 20 - value // as the system call gives it
}

// Only the thread of the work steps back.
func TestQuietThreadLowersItsOwnPriority(t *testing.T) {
	nice := func() int { return niceValue(t) }
	var during int
	before := nice()
	onQuietThread(func() { during = nice() })
	if want := max(before, lowPriority); during != want {
		t.Errorf("nice value %d during the work, want %d", during, want)
	}
	for range 100 {
		if got := nice(); got != before {
			t.Fatalf("nice value %d of a thread after the work, want %d", got, before)
		}
	}
}

// Where everything of the process is behind others, the work does not overtake the rest of it.
func TestQuietThreadOvertakesNobody(t *testing.T) {
	const behind = lowPriority + 5
	var got int
	onQuietThread(func() {
		if err := syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), behind); err != nil {
			t.Error(err)
		}
		lowerPriority()
		got = niceValue(t)
	})
	if got != behind {
		t.Errorf("nice value %d of a thread that had %d", got, behind)
	}
}

// TestQuietThreadHasLongTurns: whoever has shorter ones goes before it as soon as it wakes up.
func TestQuietThreadHasLongTurns(t *testing.T) {
	turn := func() uint64 {
		t.Helper()
		attr, err := unix.SchedGetAttr(0, 0)
		if err != nil {
			t.Error(err)
			return 0
		}
		return attr.Runtime
	}
	usual := turn()
	if usual == 0 {
		t.Skip("this Linux has turns of one length for all")
	}
	var during uint64
	onQuietThread(func() { during = turn() })
	if during < 2*usual {
		t.Errorf("turns of %d ns during the work, where others have %d", during, usual)
	}
	if after := turn(); after != usual {
		t.Errorf("turns of %d ns after the work, want %d", after, usual)
	}
}
