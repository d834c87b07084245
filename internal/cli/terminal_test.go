package cli

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// onTerminal is the real program with a terminal at stdin, stdout and stderr.
type onTerminal struct {
	*emulator
	t       *testing.T
	control *os.File // the keyboard
	shell   *exec.Cmd
}

// terminalShell runs the program and tells its exit code to the emulator. It stays until its third file is closed: when
// a terminal's first process ends, Linux throws away what nobody has read of it so far.
const terminalShell = `trap : INT TERM; englishctl "$@"; printf '\033[%dn' $?; read -r _ <&3`

// startOnTerminal starts englishctl on a terminal of so many columns and 24 rows.
func startOnTerminal(t *testing.T, columns uint16, environ []string, args ...string) *onTerminal {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "sh", append([]string{"-c", terminalShell, "sh"}, args...)...)
	shell.Dir = t.TempDir()
	shell.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + shell.Dir, "TERM=xterm-256color"}, environ...)
	stay, leave, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	shell.ExtraFiles = []*os.File{stay}
	control, err := pty.StartWithSize(shell, &pty.Winsize{Cols: columns, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	s := &onTerminal{emulator: newEmulator(int(columns)), t: t, control: control, shell: shell}
	go func() { _, _ = io.Copy(s.emulator, control) }() // ends with EIO when the shell has gone
	t.Cleanup(func() {
		_, _ = leave.Close(), stay.Close()
		_ = shell.Wait()
		_ = control.Close()
	})
	return s
}

// runOnTerminal runs englishctl to its end.
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

// terminate tells the program to end, as a machine does that shuts down.
func (s *onTerminal) terminate() {
	s.t.Helper()
	if err := syscall.Kill(-s.shell.Process.Pid, syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
}

// sees waits until the text is seen.
func (s *onTerminal) sees(text string) {
	s.t.Helper()
	s.until(func() bool { return strings.Contains(s.shown(), text) }, text)
}

// wait waits for the program's end and returns its exit code.
func (s *onTerminal) wait() int {
	s.t.Helper()
	s.until(func() bool { return s.exitCode() >= 0 }, "the end")
	return s.exitCode()
}

// until waits until what is to be seen is there.
func (s *onTerminal) until(there func() bool, what string) {
	s.t.Helper()
	tooLate := time.After(time.Minute)
	for !there() {
		select {
		case <-s.changed:
		case <-tooLate:
			s.t.Fatalf("%q is not seen:\n%s", what, s.shown())
		}
		if s.exitCode() >= 0 && !there() {
			s.t.Fatalf("the program ended, and %q was not seen:\n%s", what, s.shown())
		}
	}
}
