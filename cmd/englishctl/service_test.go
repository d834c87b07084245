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

// ownService starts the service that $3 names, which writes through to the disk, says its address, and then does what each
// line says: "stop SIGNAL", "start", "freeze", "thaw". It ends with its standard input.
//
// A frozen PostgreSQL is frozen with all its processes.
const ownService = `
set -euo pipefail
. "$1/services.sh"
services_init "$2" INT
frozen=
trap '[[ -z $frozen ]] || kill -s CONT $frozen; stop_services' EXIT
export SERVICES_DURABLE=1
name=$3
"start_$name"
case $name in
postgres) echo "$TEST_POSTGRES_URL" ;;
redis) echo "$TEST_REDIS_URL" ;;
minio) echo "$TEST_S3_ENDPOINT $TEST_S3_ACCESS_KEY $TEST_S3_SECRET_KEY" ;;
esac
while read -r what signal; do
	case $what in
	stop)
		all="$launched $(cat "/proc/$launched/task/$launched/children")"
		kill -s "$signal" "$launched"
		# A PostgreSQL does not start while a process of its killed predecessor lives.
		for pid in $all; do await_end "$pid"; done
		;;
	start)
		"launch_$name" "$started_port"
		service_pids[0]=$launched
		await_ready "$launched" "${name}_ready" "$started_port"
		;;
	freeze)
		frozen="$launched $(cat "/proc/$launched/task/$launched/children")"
		kill -s STOP $frozen
		;;
	thaw)
		kill -s CONT $frozen
		frozen=
		;;
	esac
	echo done
done`

// service is a PostgreSQL, Redis or MinIO of a test's own, which may be stopped and frozen.
type service struct {
	t    *testing.T
	name string
	// settings are those by which englishctl uses it; for postgres without a database.
	url      string
	settings []string
	commands io.Writer
	said     *bufio.Reader
}

// newService starts "postgres", "redis" or "minio" as the other services of tests are started: as a user who is not root, on
// a free port.
func newService(t *testing.T, name string) *service {
	t.Helper()
	scripts, err := filepath.Abs(filepath.Join(repository, "scripts"))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "service") // not the test's own folder, which other users may not enter
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "-c", ownService, "bash", scripts, dir, name) //nolint:noctx // it is stopped in good order
	cmd.Stderr = t.Output()
	commands, err := cmd.StdinPipe()
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
		_ = commands.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("stop %s: %v", name, err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	s := &service{t: t, name: name, commands: commands, said: bufio.NewReader(said)}
	address := strings.Fields(s.hear())
	s.url = address[0]
	switch name {
	case "redis":
		s.settings = []string{"REDIS_URL=" + s.url}
	case "minio":
		s.settings = []string{"S3_ENDPOINT_URL=" + s.url, "S3_ACCESS_KEY=" + address[1], "S3_SECRET_KEY=" + address[2]}
	}
	return s
}

func (s *service) hear() string {
	s.t.Helper()
	line, err := s.said.ReadString('\n')
	if err != nil {
		s.t.Fatalf("%s does not run: %v", s.name, err)
	}
	return strings.TrimSpace(line)
}

func (s *service) order(words string) {
	s.t.Helper()
	if _, err := fmt.Fprintln(s.commands, words); err != nil {
		s.t.Fatal(err)
	}
	if line := s.hear(); line != "done" {
		s.t.Fatal(line)
	}
}

// stop stops the server: PostgreSQL by INT as somebody does who wants it to shut down, by QUIT as somebody who cannot wait;
// any of them by TERM or KILL.
func (s *service) stop(signal string) { s.t.Helper(); s.order("stop " + signal) }

// begin starts it again, at the same address.
func (s *service) begin() { s.t.Helper(); s.order("start") }

// restart stops it by a signal and starts it again.
func (s *service) restart(signal string) {
	s.t.Helper()
	s.stop(signal)
	s.begin()
}

// freeze makes it stand still: connections stay, and nothing is answered.
func (s *service) freeze() { s.t.Helper(); s.order("freeze") }

// thaw ends that.
func (s *service) thaw() { s.t.Helper(); s.order("thaw") }

// on makes the stack use services of the test's own.
func (s *stack) on(t *testing.T, own ...*service) {
	t.Helper()
	for _, service := range own {
		settings := service.settings
		if service.name == "postgres" {
			settings = []string{"DATABASE_URL=" + freshDatabaseOn(t, service.url)}
		}
		for _, setting := range settings {
			name, value, _ := strings.Cut(setting, "=")
			_, replace := s.setting(t, name)
			replace(value)
		}
	}
}
