package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestCrowdOfIdleAndSlowClients lets a thousand connections say nothing and a thousand send their header a byte at a time (TEST_CROWD: how
// many in all), while somebody plays: play goes on, memory stays within bounds, and the slow ones are cut off.
func TestCrowdOfIdleAndSlowClients(t *testing.T) {
	t.Parallel()
	s := stack{env: []string{"DATA_DIR=" + t.TempDir()}}
	s.must(t, "", starterPack(t)...)
	d := s.serve(t)
	learner := d.learner()
	each := min(crowdSize(t), openFiles(t)-1000) / 2 // the daemon keeps 512 files for itself
	before := d.resident()

	idle, slow := d.crowd(each, "idle"), d.crowd(each, "slow")
	slowest := time.Duration(0)
	for range 50 {
		began := time.Now()
		learner.drawAll("A1", "answer", 5)
		learner.want(http.StatusCreated, "POST", "/api/v1/game/sessions", session(learner.drawAll("A1", "question", 3)))
		slowest = max(slowest, time.Since(began))
	}
	grown := d.resident() - before
	t.Logf("%d connections of each kind; a draw and a save took %s at most; %d MB more, %d KB each", each, slowest.Round(time.Millisecond), grown>>20, grown>>10/int64(2*each))
	if slowest > 5*time.Second { // a busy machine has its moments
		t.Errorf("a draw and a save took %s", slowest)
	}
	if grown > int64(2*each)*64<<10 {
		t.Errorf("%d connections take %d KB each", 2*each, grown>>10/int64(2*each))
	}
	if took := slow.cut(); took > 20*time.Second {
		t.Errorf("the last client that sends a byte at a time was cut off after %s, want about 5 s", took)
	}
	learner.want(http.StatusOK, "GET", "/readyz", nil)
	idle.leave()
}

// TestMoreClientsThanFiles lets more clients connect than the daemon may open files. Those who are connected are served as ever; who finds no
// place waits, and gets one when others leave.
func TestMoreClientsThanFiles(t *testing.T) {
	t.Parallel()
	s := stack{env: []string{"DATA_DIR=" + t.TempDir()}}
	s.must(t, "", starterPack(t)...)
	s.under = []string{"sh", "-c", `ulimit -n 256 && exec "$@"`, "sh"}
	d := s.serve(t)
	early, late := d.learner(), d.learner()
	early.over = &http.Client{Transport: d.connect()}
	early.want(http.StatusOK, "GET", "/api/v1/users/me", nil)
	kept := d.crowd(700, "kept") // more than take turns of two minutes while a busy machine plays below
	eventually(t, time.Minute, "all places are taken", func() bool {
		a, err := early.try("GET", "/metrics", nil)
		return err == nil && strings.Contains(a.raw, "\nenglishctl_http_connections 192\n")
	})
	late.over = &http.Client{Transport: d.connect()}
	answered := make(chan answer, 1)
	go func() {
		a, err := late.try("GET", "/api/v1/users/me", nil)
		if err != nil {
			t.Error(err)
		}
		answered <- a
	}()
	for range 20 {
		early.want(http.StatusCreated, "POST", "/api/v1/game/sessions", session(early.drawAll("A1", "question", 3)))
	}
	select {
	case a := <-answered:
		t.Fatalf("there was a place for one more: %s", a)
	default:
	}
	kept.leave()
	if a := <-answered; a.status != http.StatusOK {
		t.Errorf("who has waited: %s", a)
	}
	if log := d.logged(); strings.Contains(log, "too many open files") {
		t.Errorf("the daemon has used its last file:\n%s", log)
	}
}

// connection is one connection to a daemon, for one request at a time. An http.Transport keeps its connections only as a rule: where its own
// goroutine has not heard within 50 ms that the request was written, it makes another one (maxWriteWaitBeforeConnReuse), and whoever does so
// among more clients than there are places has lost its own.
type connection struct {
	net.Conn
	answers *bufio.Reader
}

// connect makes a connection, which ends with the test.
func (d *daemon) connect() *connection {
	d.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.address, "http://")) //nolint:noctx // of this machine
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = conn.Close() })
	return &connection{conn, bufio.NewReader(conn)}
}

// RoundTrip implements http.RoundTripper. An answer is to be read to its end before the next request.
func (c *connection) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := c.SetDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		return nil, err
	}
	if err := req.Write(c); err != nil {
		return nil, err
	}
	return http.ReadResponse(c.answers, req)
}

// crowdSize is how many connections the crowd has.
func crowdSize(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("TEST_CROWD"), "2000"))
	if err != nil {
		t.Fatalf("TEST_CROWD: %v", err)
	}
	return n
}

// openFiles is how many files a process may open, here and in the daemon.
func openFiles(t *testing.T) int {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	return int(min(limit.Cur, 1<<20)) //nolint:gosec // at most a million
}

// crowd is a process with many connections to a daemon: this one may not open as many files as both of its kind together.
type crowd struct {
	t        *testing.T
	process  *exec.Cmd
	commands io.WriteCloser
	said     *bufio.Reader
}

// crowd connects so many clients: "idle" ones say nothing and are soon cut off, "slow" ones send a byte at a time, "kept" ones have asked once
// and keep their connection, as the daemon lets them for two minutes.
func (d *daemon) crowd(size int, kind string) *crowd {
	d.t.Helper()
	c := &crowd{t: d.t, process: exec.CommandContext(context.WithoutCancel(d.t.Context()), os.Args[0])}
	c.process.Env = append(os.Environ(), crowdVariable+"="+fmt.Sprint(strings.TrimPrefix(d.address, "http://"), " ", size, " ", kind))
	c.process.Stderr = d.t.Output()
	var err error
	if c.commands, err = c.process.StdinPipe(); err != nil {
		d.t.Fatal(err)
	}
	said, err := c.process.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	c.said = bufio.NewReader(said)
	if err := c.process.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(c.leave)
	if said := c.hear(); said != "connected" {
		d.t.Fatalf("the crowd says %q", said)
	}
	return c
}

func (c *crowd) hear() string {
	c.t.Helper()
	line, err := c.said.ReadString('\n')
	if err != nil {
		c.t.Fatalf("the crowd is gone: %v", err)
	}
	return strings.TrimSpace(line)
}

// cut waits until all slow ones are cut off, and returns how long the last one was not.
func (c *crowd) cut() time.Duration {
	c.t.Helper()
	took, err := time.ParseDuration(c.hear())
	if err != nil {
		c.t.Fatal(err)
	}
	return took
}

// leave ends all connections.
func (c *crowd) leave() {
	_ = c.commands.Close()
	_ = c.process.Wait() // the second time an error
}

// crowdVariable says to this program that it is a crowd: the address, how many, and of which kind.
const crowdVariable = "TEST_CROWD_OF"

// beCrowd is what a crowd's process does: it connects, says so, and stays until its standard input ends. Slow ones say how long the last of
// them took until it was cut off.
func beCrowd(order string) error {
	var address, kind string
	var size int
	if _, err := fmt.Sscan(order, &address, &size, &kind); err != nil {
		return err
	}
	conns := make([]net.Conn, size)
	cut := make(chan time.Duration, size)
	for i := range conns {
		var err error
		if conns[i], err = net.Dial("tcp", address); err != nil { //nolint:noctx // of this machine
			return fmt.Errorf("connection %d: %w", i, err)
		}
		switch kind {
		case "slow":
			go func() { cut <- dribble(conns[i]) }()
		case "kept":
			if _, err := io.WriteString(conns[i], "GET /healthz HTTP/1.1\r\nHost: "+address+"\r\n\r\n"); err != nil {
				return fmt.Errorf("connection %d: %w", i, err)
			}
		}
	}
	fmt.Println("connected")
	if kind == "slow" {
		longest := time.Duration(0)
		for range conns {
			longest = max(longest, <-cut)
		}
		fmt.Println(longest)
	}
	_, err := io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(conns) // otherwise they are closed as garbage
	return err
}

// dribble sends a header that never ends, until it is cut off, and returns how long that took.
func dribble(conn net.Conn) time.Duration {
	began := time.Now()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	text := []byte("GET /healthz HTTP/1.1\r\nX-Slow: " + strings.Repeat("y", 100))
	for _, b := range text {
		if _, err := conn.Write([]byte{b}); err != nil {
			break
		}
		<-tick.C
	}
	return time.Since(began)
}

// resident is how much memory the daemon has, in bytes.
func (d *daemon) resident() int64 {
	d.t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", d.cmd.Process.Pid))
	if err != nil {
		d.t.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(raw))[1], 10, 64)
	if err != nil {
		d.t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// TestQueriesOfDeath sends what is meant to cost much: patterns, pages, lists, numbers and nesting at their limits and beyond.
// Each is answered soon, none of them as our own failure, and somebody plays meanwhile as if nothing were.
func TestQueriesOfDeath(t *testing.T) {
	onEachStack(t, func(t *testing.T, s stack) {
		s.must(t, "", "seed", "--speeches", "20000", "--users", "20", "--sessions", "500")
		d := s.serve(t)
		admin, learner := d.admin(s), d.learner()
		before := d.resident()
		done := make(chan struct{})
		var all sync.WaitGroup
		for _, q := range deadly() {
			all.Go(func() {
				for range 3 {
					began := time.Now()
					a, err := admin.try(q.method, q.path, q.body)
					switch {
					case err != nil:
						t.Errorf("%s %.60s: %v", q.method, q.path, err)
					case a.status >= 500 || !slices.Contains([]int{200, 400, 404, 413}, a.status):
						t.Errorf("%s %.60s: %.200s", q.method, q.path, a)
					case time.Since(began) > 15*time.Second:
						t.Errorf("%s %.60s took %s", q.method, q.path, time.Since(began))
					}
				}
			})
		}
		go func() { all.Wait(); close(done) }()
		plays, slowest := 0, time.Duration(0)
		for running := true; running; plays++ {
			began := time.Now()
			learner.drawAll("A1", "answer", 5)
			slowest = max(slowest, time.Since(began))
			select {
			case <-done:
				running = false
			default:
			}
		}
		t.Logf("%d draws meanwhile, %s at most; %d MB more", plays, slowest.Round(time.Millisecond), (d.resident()-before)>>20)
		if slowest > 5*time.Second {
			t.Errorf("a draw took %s", slowest)
		}
		// The daemon may grow by 64 MiB because of its headroom, before it collects garbage.
		if grown := d.resident() - before; grown > 300<<20 {
			t.Errorf("it has taken %d MB more", grown>>20)
		}
	})
}

type query struct {
	method, path string
	body         any
}

// deadly are requests of an administrator, who may ask for most.
func deadly() []query {
	tags := make([]string, 100)
	for i := range tags {
		tags[i] = fmt.Sprintf("00000000-0000-7000-8000-%012d", i)
	}
	nested := any("x")
	for range 5000 {
		nested = []any{nested}
	}
	var queries []query
	for _, search := range []string{"%25_%25_%25_%25_%25_%25_%25_%25a", strings.Repeat("%25a", 60), strings.Repeat("a+", 100), "(((((a%2B)%2B)%2B)%2B)%2B)%24", "e", "%27%22%5C%3B--"} {
		queries = append(queries,
			query{"GET", "/api/v1/admin/speeches?limit=100&search=" + search, nil},
			query{"GET", "/api/v1/admin/users?limit=100&search=" + search, nil},
		)
	}
	for _, page := range []string{"1000000", "2147483647", "9223372036854775807", "99999999999999999999"} {
		queries = append(queries,
			query{"GET", "/api/v1/admin/speeches?limit=100&page=" + page, nil},
			query{"GET", "/api/v1/game/sessions?limit=100&page=" + page, nil},
		)
	}
	return append(queries,
		query{"GET", "/api/v1/admin/speeches?tags=" + strings.Join(tags, ","), nil},
		query{"GET", "/api/v1/game/sessions?from_date=0001-01-01&to_date=9999-12-31", nil},
		query{"POST", "/api/v1/game/speeches/random", map[string]any{"level": "A1", "type": "answer", "tags": tags, "limit": 50}},
		query{"POST", "/api/v1/game/speeches/random", map[string]any{"level": "A1", "type": "answer", "tags": append(tags, tags...), "limit": 50}},
		query{"POST", "/api/v1/game/speeches/random", map[string]any{"level": "A1", "type": "answer", "tags": nested}},
		query{"POST", "/api/v1/game/sessions", map[string]any{"results": make([]map[string]any, 100_000)}},
		query{"POST", "/api/v1/game/sessions", map[string]any{"x": strings.Repeat("x", 2<<20)}},
	)
}
