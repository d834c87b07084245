package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
)

// StartDaemon starts "englishctl serve", a process of its own, on a data directory, and returns its address once it
// serves; stop ends it.
func StartDaemon(ctx context.Context, data string, settings ...string) (address string, stop func(), err error) {
	cmd := exec.CommandContext(ctx, "englishctl", "serve")
	cmd.Dir = data
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + data, "DATA_DIR=" + data, "API_PORT=0", "LOG_FORMAT=json"}
	cmd.Env = append(cmd.Env, settings...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	lines := bufio.NewScanner(stderr)
	var said strings.Builder
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
			drained := make(chan struct{})
			go func() {
				_, _ = io.Copy(io.Discard, stderr)
				close(drained)
			}()
			return line.Address, func() {
				_ = cmd.Process.Kill()
				<-drained
				_ = cmd.Wait()
			}, nil
		}
	}
	return "", nil, errors.Join(errors.New("the daemon did not start: "+said.String()), cmd.Wait())
}
