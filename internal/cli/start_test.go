package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// TestStartIsLight: what a package makes before main begins, every command pays for, and every press of Tab.
func TestStartIsLight(t *testing.T) {
	const most = 200_000 // bytes
	cmd := exec.CommandContext(t.Context(), "englishctl", "version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var trace bytes.Buffer
	cmd.Stderr = &trace
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &trace)
	}
	made := regexp.MustCompile(`(?m)^init (github\.com/englishapp/\S+) .* (\d+) bytes,`).FindAllStringSubmatch(trace.String(), -1)
	if len(made) == 0 {
		t.Fatalf("the runtime tells of no package of ours:\n%s", &trace)
	}
	for _, of := range made {
		if n, err := strconv.Atoi(of[2]); err != nil || n > most {
			t.Errorf("%s makes %s bytes at every start, want at most %d: make it when it is needed", of[1], of[2], most)
		}
	}
}
