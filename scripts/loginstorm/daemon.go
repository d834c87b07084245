package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// daemon is the running program.
type daemon struct {
	cmd     *exec.Cmd
	dir     string
	address string
	client  *http.Client
}

// environment is what both commands get: the caller's settings, over those that the measurement needs.
func environment(dir string) []string {
	return append([]string{
		"DATA_DIR=" + dir, "API_PORT=0", "API_HOST=127.0.0.1", "LOG_FORMAT=json", "AUTO_MIGRATE=true",
		"TRUSTED_PROXIES=127.0.0.1", "RATE_LIMITS=random=1000000",
	}, os.Environ()...)
}

// newDaemon is a daemon at the address, which somebody else has started.
func newDaemon(address string) *daemon {
	return &daemon{address: address, client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 300}}}
}

// start fills a new daemon and returns it when it serves.
func start(ctx context.Context, program string) (*daemon, error) {
	dir, err := os.MkdirTemp("", "loginstorm")
	if err != nil {
		return nil, err
	}
	d := newDaemon("")
	d.dir = dir
	fill := exec.CommandContext(ctx, program, "import", "examples/starter-pack/lessons.csv", "--audio", "examples/starter-pack/audio", "--yes", "--quiet")
	fill.Env, fill.Stderr = environment(dir), os.Stderr
	if err := fill.Run(); err != nil {
		return nil, errors.Join(fmt.Errorf("import the starter pack: %w", err), os.RemoveAll(dir))
	}
	d.cmd = exec.Command(program, "serve") //nolint:noctx // ended by stop, in good order
	d.cmd.Env = environment(dir)
	log, err := d.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := d.cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if d.address = serving(log); d.address == "" {
		return nil, errors.Join(errors.New("the daemon did not start"), d.stop())
	}
	return d, nil
}

// serving reads the log until it names the address, "" if it never does, and leaves the rest to be thrown away.
func serving(log io.Reader) string {
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return line.Address
		}
		fmt.Fprintln(os.Stderr, lines.Text())
	}
	return ""
}

func (d *daemon) stop() error {
	err := d.cmd.Process.Signal(syscall.SIGTERM)
	return errors.Join(err, d.cmd.Wait(), os.RemoveAll(d.dir))
}

// post sends a body from the address, with a token or without, and decodes the answer into answer unless that is nil.
func (d *daemon) post(ctx context.Context, path, address, token string, body, answer any) (status int, err error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	method := http.MethodPost
	if body == nil {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, d.address+"/api/v1"+path, bytes.NewReader(encoded))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", address)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := d.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	if answer == nil {
		_, err = io.Copy(io.Discard, res.Body)
		return res.StatusCode, err
	}
	return res.StatusCode, json.NewDecoder(res.Body).Decode(answer)
}
