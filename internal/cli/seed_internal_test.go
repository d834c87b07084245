package cli

import (
	"os/exec"
	"strings"
	"testing"
)

// TestControlCInASeed: it ends soon, says what it leaves, and what it has added is there for the next run.
func TestControlCInASeed(t *testing.T) {
	data := t.TempDir()
	s := startOnTerminal(t, 80, []string{"DATA_DIR=" + data}, "seed", "--speeches", "1000000")
	s.sees("adding") // the first 5000 are written; all would take a minute and more
	s.press(controlC)
	if code := s.wait(); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	shown := strings.Join(strings.Fields(s.shown()), " ")
	if !strings.HasSuffix(shown, "englishctl: interrupted; what was added stays; the same command goes on where it stopped") {
		t.Errorf("the terminal shows\n%s", s.shown())
	}
	again := exec.CommandContext(t.Context(), "englishctl", "seed", "--speeches", "5000", "-o", "csv", "--data-dir", data)
	again.Dir = data
	out, err := again.Output()
	if err != nil || !strings.Contains(string(out), "speeches,0,5000\n") {
		t.Errorf("of the first 5000, the next run says\n%s(%v)", out, err)
	}
}
