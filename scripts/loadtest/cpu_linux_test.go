package main

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// used is the processor time of this process by another of the kernel's accounts.
func used(t *testing.T) time.Duration {
	t.Helper()
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func TestClock(t *testing.T) {
	before := used(t)
	got, err := clock(os.Getpid())
	if after := used(t); err != nil || got < before-tick || got > after+tick {
		t.Errorf("= %s, %v, want between %s and %s", got, err, before, after)
	}
	ended := exec.CommandContext(t.Context(), "true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	if got, err := clock(ended.Process.Pid); err == nil {
		t.Errorf("a process that has ended took %s, want an error", got)
	}
}
