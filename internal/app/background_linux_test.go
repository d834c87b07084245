package app

import (
	"syscall"
	"testing"
)

// Only the thread of the work steps back.
func TestQuietThreadLowersItsOwnPriority(t *testing.T) {
	nice := func() int {
		t.Helper()
		value, err := syscall.Getpriority(syscall.PRIO_PROCESS, syscall.Gettid())
		if err != nil {
			t.Fatal(err)
		}
		return 20 - value // as the system call gives it
	}
	var during int
	before := nice()
	onQuietThread(func() { during = nice() })
	if during != lowPriority {
		t.Errorf("nice value %d during the work, want %d", during, lowPriority)
	}
	for range 100 {
		if got := nice(); got != before {
			t.Fatalf("nice value %d of a thread after the work, want %d", got, before)
		}
	}
}
