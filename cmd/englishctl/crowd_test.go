package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestCrowdOfIdleAndSlowClients lets a thousand connections say nothing and a thousand send their header a byte at a time,
// while somebody plays: play goes on, memory stays within bounds, and the slow ones are cut off.
func TestCrowdOfIdleAndSlowClients(t *testing.T) {
	t.Parallel()
	s := stack{env: []string{"DATA_DIR=" + t.TempDir()}}
	s.must(t, "", starterPack(t)...)
	d := s.serve(t)
	learner := d.learner()
	each := min(1000, (openFiles(t)-500)/2)
	before := d.resident()

	var all sync.WaitGroup
	idle := make([]net.Conn, each)
	for i := range idle {
		idle[i] = d.dial()
	}
	cut := make(chan time.Duration, each)
	for range each {
		conn := d.dial()
		all.Go(func() { cut <- dribble(conn) })
	}
	slowest := time.Duration(0)
	for range 50 {
		began := time.Now()
		learner.drawAll("A1", "answer", 5)
		learner.want(http.StatusCreated, "POST", "/api/v1/game/sessions", session(learner.drawAll("A1", "question", 3)))
		slowest = max(slowest, time.Since(began))
	}
	if slowest > 5*time.Second { // a busy machine has its moments
		t.Errorf("a draw and a save took %s", slowest)
	}
	if grown := d.resident() - before; grown > int64(2*each)*64<<10 {
		t.Errorf("%d connections take %d KB each", 2*each, grown>>10/int64(2*each))
	}
	all.Wait()
	close(cut)
	for took := range cut {
		if took > 20*time.Second {
			t.Fatalf("a client that sends a byte at a time was cut off after %s, want about 5 s", took)
		}
	}
	learner.want(http.StatusOK, "GET", "/readyz", nil)
	for _, conn := range idle {
		_ = conn.Close()
	}
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

func (d *daemon) dial() net.Conn {
	d.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.address, "http://")) //nolint:noctx // of this machine
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = conn.Close() })
	return conn
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
		// The daemon may grow by 80 MiB because of its headroom, before it collects garbage.
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
