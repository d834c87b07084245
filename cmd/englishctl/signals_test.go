package main

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSecondSignalEndsTheDaemonAtOnce sends one while the daemon waits out its delay, as soon as it says that it does.
func TestSecondSignalEndsTheDaemonAtOnce(t *testing.T) {
	t.Parallel()
	d := stack{env: []string{"DATA_DIR=" + t.TempDir(), "SHUTDOWN_DELAY=10m"}}.serve(t)
	for _, by := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		if err := d.cmd.Process.Signal(by); err != nil {
			t.Fatal(err)
		}
		eventually(t, time.Minute, "the first signal is heard", func() bool { return strings.Contains(d.logged(), "sending everybody elsewhere") })
	}
	select {
	case <-d.exited:
	case <-time.After(time.Minute):
		t.Fatalf("it goes on:\n%s", d.logged())
	}
	if status, ok := d.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGINT {
		t.Errorf("it ends with %s, want the second signal", d.cmd.ProcessState)
	}
}
