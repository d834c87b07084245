package scripts

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// TestBusy: a command has its arguments and its exit code, and nothing that made the machine busy outlives it.
func TestBusy(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "./busy", "sh", "-c", `printf '%s' "$1"; exit 3`, "sh", "a  b")
	cmd.Env = append(os.Environ(), "BUSY_LOOPS=2", "BUSY_PAUSE=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 3 || string(out) != "a  b" {
		t.Errorf("it prints %q and ends with %v, want its exit code 3", out, err)
	}
	if err := syscall.Kill(-cmd.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("processes are left: %v", err)
	}
	name := fmt.Sprintf("englishctl-busy-%d", cmd.Process.Pid)
	for _, parent := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/freezer"} {
		if _, err := os.Stat(filepath.Join(parent, name)); err == nil {
			t.Errorf("%s/%s is left", parent, name)
		}
	}
	if err := exec.CommandContext(t.Context(), "./busy").Run(); err == nil {
		t.Error("it does nothing, and is content with that")
	}
}
