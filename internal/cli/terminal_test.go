package cli

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// onTerminal is the real program with a terminal at stdin, stdout and stderr.
type onTerminal struct {
	*emulator
	t       *testing.T
	cmd     *exec.Cmd
	control *os.File
	ended   chan struct{} // closed when all that was printed is on the emulator
}

// startOnTerminal starts englishctl on a terminal of so many columns and 24 rows.
func startOnTerminal(t *testing.T, columns uint16, environ []string, args ...string) *onTerminal {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "englishctl", args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + cmd.Dir, "TERM=xterm-256color"}, environ...)
	control, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: columns, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	s := &onTerminal{emulator: newEmulator(int(columns)), t: t, cmd: cmd, control: control, ended: make(chan struct{})}
	s.frames = make(chan struct{}, 1000)
	t.Cleanup(func() { _ = control.Close() })
	go func() {
		_, _ = io.Copy(s.emulator, control) // ends with EIO when the program has gone
		close(s.ended)
	}()
	return s
}

// runOnTerminal runs englishctl to its end and returns what is seen then.
func runOnTerminal(t *testing.T, columns uint16, environ []string, args ...string) *onTerminal {
	t.Helper()
	s := startOnTerminal(t, columns, environ, args...)
	s.wait()
	return s
}

// press types on the keyboard.
func (s *onTerminal) press(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.control, keys); err != nil {
		s.t.Fatal(err)
	}
}

// controlC is the key that interrupts.
const controlC = "\x03"

// sees waits until the text is seen.
func (s *onTerminal) sees(text string) {
	s.t.Helper()
	deadline := time.After(time.Minute)
	for !strings.Contains(s.shown(), text) {
		select {
		case <-s.frames:
		case <-s.ended:
			if !strings.Contains(s.shown(), text) {
				s.t.Fatalf("the program ended, and %q was not seen:\n%s", text, s.shown())
			}
		case <-deadline:
			s.t.Fatalf("%q is not seen:\n%s", text, s.shown())
		}
	}
}

// wait waits for the end and returns the exit code.
func (s *onTerminal) wait() int {
	s.t.Helper()
	for {
		select {
		case <-s.frames:
			continue
		case <-s.ended:
		}
		break
	}
	_ = s.cmd.Wait() // its error is the exit code
	return s.cmd.ProcessState.ExitCode()
}
