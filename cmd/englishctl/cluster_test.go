package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// ownPostgres starts a PostgreSQL that writes through to the disk, says its address, and then, for each line, stops it
// with the signal that the line names and starts it again. It ends with its standard input.
const ownPostgres = `
set -euo pipefail
. "$1/services.sh"
services_init "$2" INT
trap stop_services EXIT
SERVICES_DURABLE=1 start_postgres
echo "$TEST_POSTGRES_URL"
while read -r signal; do
	kill -s "$signal" "$launched"
	await_end "$launched"
	launch_postgres "$started_port"
	service_pids[0]=$launched
	await_ready "$launched" postgres_ready "$started_port"
	echo restarted
done`

// cluster is a PostgreSQL of a test's own, which may be restarted.
type cluster struct {
	t       *testing.T
	url     string
	signals io.Writer
	said    *bufio.Reader
}

// newCluster starts one as the other services of tests are started: as a user who is not root, on a free port.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	scripts, err := filepath.Abs(filepath.Join(repository, "scripts"))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "cluster") // not the test's own folder, which other users may not enter
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "-c", ownPostgres, "bash", scripts, dir) //nolint:noctx // it is stopped in good order
	cmd.Stderr = t.Output()
	signals, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = signals.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("stop PostgreSQL: %v", err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	c := &cluster{t: t, signals: signals, said: bufio.NewReader(said)}
	c.url = c.hear()
	return c
}

func (c *cluster) hear() string {
	c.t.Helper()
	line, err := c.said.ReadString('\n')
	if err != nil {
		c.t.Fatalf("PostgreSQL does not run: %v", err)
	}
	return strings.TrimSpace(line)
}

// restart stops the server, by INT as somebody does who wants it to shut down, by QUIT as somebody who cannot wait, or by
// KILL, and starts it again.
func (c *cluster) restart(signal string) {
	c.t.Helper()
	if _, err := fmt.Fprintln(c.signals, signal); err != nil {
		c.t.Fatal(err)
	}
	if line := c.hear(); line != "restarted" {
		c.t.Fatal(line)
	}
}
