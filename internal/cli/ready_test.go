package cli_test

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSupervisorAndReady: systemd hears when a daemon serves and when it begins to stop, and "ready" says the same to health checks.
func TestSupervisorAndReady(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "notify")
	supervisor, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer supervisor.Close() //nolint:errcheck // the test is over
	port := freePort(t)
	settings := append(os.Environ(), "DATA_DIR="+dir, "API_PORT="+port, "NOTIFY_SOCKET="+socket, "SHUTDOWN_DELAY=10s")
	if code, said := ready(t, settings); code != 1 || !strings.Contains(said, "does not answer") {
		t.Errorf("nobody serves, and ready exits with %d: %s", code, said)
	}

	daemon := exec.CommandContext(t.Context(), "englishctl", "serve")
	daemon.Dir, daemon.Env = dir, settings
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	if got := heard(t, supervisor); got != "READY=1" {
		t.Errorf("the supervisor hears %q", got)
	}
	if code, said := ready(t, settings); code != 0 || !strings.Contains(said, `"status":"ready"`) {
		t.Errorf("ready exits with %d: %s", code, said)
	}
	if err := daemon.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := heard(t, supervisor); got != "STOPPING=1" {
		t.Errorf("the supervisor hears %q", got)
	}
	if err := daemon.Process.Kill(); err != nil { // instead of waiting for the delay
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("a daemon that was killed says that all is well")
	}
}

func heard(t *testing.T, supervisor *net.UnixConn) string {
	t.Helper()
	if err := supervisor.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	state := make([]byte, 100)
	n, err := supervisor.Read(state)
	if err != nil {
		t.Fatal(err)
	}
	return string(state[:n])
}

func ready(t *testing.T, environ []string) (code int, said string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "englishctl", "ready")
	cmd.Dir, cmd.Env = t.TempDir(), environ
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

func freePort(t *testing.T) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return port
}
