package sqltest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/englishapp/englishctl/internal/testenv"
)

// Replica is a PostgreSQL server that follows another one, with all its databases.
type Replica struct {
	tb      testing.TB
	primary string
	port    int
	process *exec.Cmd
}

// NewReplica copies the server of TEST_POSTGRES_URL and starts the copy as its replica, until the test ends.
func NewReplica(tb testing.TB) *Replica {
	tb.Helper()
	return NewReplicaOf(tb, testenv.Required(tb, "TEST_POSTGRES_URL"))
}

// NewReplicaOf copies the server at a superuser's address and starts the copy as its replica, until the test ends.
func NewReplicaOf(tb testing.TB, server string) *Replica {
	tb.Helper()
	programs := postgresPrograms(tb)
	dir, err := os.MkdirTemp("", "replica") // not the test's own: another user must be able to pass through
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	who := unprivileged(tb, dir)
	data := filepath.Join(dir, "data")
	run := func(name string, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(context.WithoutCancel(tb.Context()), filepath.Join(programs, name), args...)
		cmd.Dir, cmd.Env, cmd.SysProcAttr = dir, []string{"HOME=" + dir, "LC_ALL=C.UTF-8"}, who
		return cmd
	}
	if out, err := run("pg_basebackup", "--dbname="+server, "--pgdata="+data, "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync").CombinedOutput(); err != nil {
		tb.Fatalf("copy the server: %v\n%s", err, out)
	}
	r := &Replica{tb: tb, primary: server, port: unusedPort(tb)}
	r.process = run("postgres", "-D", data, "-p", strconv.Itoa(r.port), "-c", "hot_standby=on")
	var log bytes.Buffer
	r.process.Stdout, r.process.Stderr = &log, &log
	if err := r.process.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		r.Kill()
		if tb.Failed() {
			tb.Logf("the replica's log:\n%s", log.String())
		}
	})
	r.await()
	return r
}

// URL is the address at the replica of the database that has another address at the primary.
func (r *Replica) URL(primary string) string {
	u, err := url.Parse(primary)
	if err != nil {
		r.tb.Fatal(err)
	}
	u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port))
	return u.String()
}

// Pause keeps the replica from repeating what the primary does, until Resume.
func (r *Replica) Pause() { r.exec(`SELECT pg_wal_replay_pause()`) }

// Resume lets it go on.
func (r *Replica) Resume() { r.exec(`SELECT pg_wal_replay_resume()`) }

// Promote makes the replica a primary, and returns when it takes writes.
func (r *Replica) Promote() { r.exec(`SELECT pg_promote(true, 60)`) }

// Kill ends the server at once; it may have ended already.
func (r *Replica) Kill() {
	_ = r.process.Process.Signal(syscall.SIGQUIT) // without a word to its clients, and with its children
	_ = r.process.Wait()
}

func (r *Replica) exec(statement string) {
	r.tb.Helper()
	pool, err := sqlx.Open("postgres", r.URL(r.primary))
	if err == nil {
		defer func() { _ = pool.Close() }()
		_, err = pool.ExecContext(r.tb.Context(), statement)
	}
	if err != nil {
		r.tb.Fatalf("%s: %v", statement, err)
	}
}

// await waits until the server answers.
func (r *Replica) await() {
	r.tb.Helper()
	pool, err := sqlx.Open("postgres", r.URL(r.primary))
	if err != nil {
		r.tb.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if err = pool.PingContext(r.tb.Context()); err == nil {
			return
		}
		if time.Now().After(end) {
			r.tb.Fatalf("the replica does not answer: %v", err)
		}
	}
}

// postgresPrograms is the folder of PostgreSQL's server programs, which Debian keeps out of PATH.
func postgresPrograms(tb testing.TB) string {
	tb.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_basebackup")
	if err == nil && len(found) > 0 {
		slices.Sort(found)
		return filepath.Dir(found[len(found)-1])
	}
	path, err := exec.LookPath("pg_basebackup")
	if err != nil {
		tb.Fatalf("PostgreSQL's server programs are not here: %v", err)
	}
	return filepath.Dir(path)
}

// unprivileged gives the folder to a user who may run PostgreSQL, which root may not.
func unprivileged(tb testing.TB, dir string) *syscall.SysProcAttr {
	tb.Helper()
	attr := &syscall.SysProcAttr{}
	if os.Geteuid() != 0 {
		return attr
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		tb.Fatal(err)
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	if uidErr != nil || gidErr != nil {
		tb.Fatal(uidErr, gidErr)
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		tb.Fatal(err)
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr
}

func unusedPort(tb testing.TB) int {
	tb.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	at, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		tb.Fatal(fmt.Errorf("%s is no port", l.Addr()))
	}
	return at.Port
}
