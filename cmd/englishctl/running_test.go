package main

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// running is a command that has been started, and may be stopped.
type running struct {
	t     *testing.T
	cmd   *exec.Cmd
	talk  transcript
	ended chan struct{}
}

// transcript is what a command has said so far.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// start starts a command. The test ends it if it does not end itself.
func (s stack) start(t *testing.T, args ...string) *running {
	t.Helper()
	r := &running{t: t, cmd: s.command(t, args...), ended: make(chan struct{})}
	r.cmd.Stderr = &r.talk
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = r.cmd.Wait() // how it ended stands in its state
		close(r.ended)
	}()
	t.Cleanup(r.kill)
	return r
}

// kill is kill -9.
func (r *running) kill() {
	_ = r.cmd.Process.Kill()
	<-r.ended
}

// interrupt is Ctrl-C.
func (r *running) interrupt() {
	r.t.Helper()
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		r.t.Fatal(err)
	}
}

// wait waits for the end and returns the exit code and what was said.
func (r *running) wait() (talk string, code int) {
	r.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(5 * time.Minute): // a busy machine with the race detector
		r.kill()
		r.t.Fatalf("it does not end:\n%s", &r.talk)
	}
	return r.talk.String(), r.cmd.ProcessState.ExitCode()
}

// reaches waits until something holds or the command has ended, and reports whether it holds. It looks as often as it
// can: what is waited for may be over in a moment.
func (r *running) reaches(holds func() bool) bool {
	for {
		if holds() {
			return true
		}
		select {
		case <-r.ended:
			return holds()
		default:
		}
	}
}

// stepsTo lets the command run a little at a time and looks while it stands still, until something holds, and leaves it
// standing there; or until it has ended. What holds for a few milliseconds only is not missed that way. It reports whether
// it holds.
func (r *running) stepsTo(holds func() bool) bool {
	for {
		_ = freeze(r.cmd.Process) // of one that has ended, the next lines know
		if holds() {
			return true
		}
		_ = r.cmd.Process.Signal(syscall.SIGCONT)
		select {
		case <-r.ended:
			return holds()
		case <-time.After(time.Millisecond):
		}
	}
}

// caught waits until a trap has caught a message of the command.
func (r *running) caught(tr *trap) {
	r.t.Helper()
	select {
	case <-tr.caught:
	case <-r.ended:
		r.t.Fatalf("it ended before it said %q for the %d. time:\n%s", tr.text, tr.nth, &r.talk)
	case <-time.After(5 * time.Minute): // a busy machine with the race detector
		r.t.Fatalf("it does not say %q for the %d. time:\n%s", tr.text, tr.nth, &r.talk)
	}
}
