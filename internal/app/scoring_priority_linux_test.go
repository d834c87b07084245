package app

import (
	"os/exec"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// priority is whose turn it is when others want the processor as well.
type priority unix.SchedAttr

var (
	first = priority{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 10}
	last  = priority{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL, Nice: 19}
)

// start starts a program with the priority, which processes have from the thread that starts them. Who may not go first (that takes
// CAP_SYS_NICE) goes with all others.
func (p priority) start(b *testing.B, cmd *exec.Cmd) error {
	b.Helper()
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // and no unlocking: the thread ends with the goroutine
		attr := unix.SchedAttr(p)
		if err := unix.SchedSetAttr(0, &attr, 0); err != nil {
			b.Logf("priority of a process of the benchmark: %v", err)
		}
		started <- cmd.Start()
	}()
	return <-started
}
