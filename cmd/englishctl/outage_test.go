package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// wire is a network connection to a service that can be cut and mended. The service itself does not notice.
type wire struct {
	t      *testing.T
	target string
	addr   string

	mu       sync.Mutex
	listener net.Listener
	conns    []net.Conn
}

// newWire returns a working wire to the service at the address of the URL.
func newWire(t *testing.T, service string) *wire {
	t.Helper()
	u, err := url.Parse(service)
	if err != nil {
		t.Fatal(err)
	}
	l := &wire{t: t, target: u.Host, addr: "127.0.0.1:0"}
	l.mend()
	t.Cleanup(l.cut)
	return l
}

// through returns the URL with the wire's address in place of the service's.
func (l *wire) through(service string) string {
	u, err := url.Parse(service)
	if err != nil {
		l.t.Fatal(err)
	}
	u.Host = l.addr
	return u.String()
}

// mend lets connections through again, at the same address.
func (l *wire) mend() {
	l.t.Helper()
	var lc net.ListenConfig
	listener, err := lc.Listen(context.Background(), "tcp", l.addr)
	if err != nil {
		l.t.Fatal(err)
	}
	l.mu.Lock()
	l.listener, l.addr = listener, listener.Addr().String()
	l.mu.Unlock()
	go l.accept(listener)
}

func (l *wire) accept(listener net.Listener) {
	for {
		near, err := listener.Accept()
		if err != nil {
			return // cut
		}
		var d net.Dialer
		far, err := d.DialContext(context.Background(), "tcp", l.target)
		if err != nil {
			_ = near.Close()
			continue
		}
		l.mu.Lock()
		l.conns = append(l.conns, near, far)
		l.mu.Unlock()
		go pipe(near, far)
		go pipe(far, near)
	}
}

func pipe(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
}

// cut ends all connections and refuses new ones.
func (l *wire) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.listener.Close()
	for _, c := range l.conns {
		_ = c.Close()
	}
	l.conns = nil
}

// setting returns the stack's value of a setting and how to replace it.
func (s *stack) setting(t *testing.T, name string) (value string, replace func(string)) {
	t.Helper()
	i := slices.IndexFunc(s.env, func(line string) bool { return strings.HasPrefix(line, name+"=") })
	if i < 0 {
		t.Fatalf("the stack has no %s", name)
	}
	return strings.TrimPrefix(s.env[i], name+"="), func(v string) { s.env[i] = name + "=" + v }
}

// behindWire puts a wire between the stack and the service that the setting names.
func (s *stack) behindWire(t *testing.T, name string) *wire {
	t.Helper()
	value, replace := s.setting(t, name)
	l := newWire(t, value)
	replace(l.through(value))
	return l
}

// Without its database the daemon says so, loses nothing that it has acknowledged, and goes on when the database is back.
func TestDatabaseOutage(t *testing.T) {
	s := production(t)
	s.must(t, "", starterPack(t)...)
	database := s.behindWire(t, "DATABASE_URL")
	d := s.serve(t)
	learner := d.learner()
	body := session(learner.drawAll("A2", "answer", 3))
	first := learner.want(http.StatusCreated, "POST", "/api/v1/game/sessions", body)["session_id"]

	database.cut()
	key := uuid.NewString()
	refused := learner.want(http.StatusServiceUnavailable, "POST", "/api/v1/game/sessions", body, "Idempotency-Key", key)
	if refused["code"] != "database_unavailable" || refused["request_id"] == "" {
		t.Errorf("problem %v, want the code database_unavailable and a request id", refused)
	}
	if ready := learner.want(http.StatusServiceUnavailable, "GET", "/readyz", nil); !strings.Contains(toJSON(t, ready), "database") {
		t.Errorf("readyz %v does not name the database", ready)
	}
	learner.want(http.StatusOK, "GET", "/healthz", nil)
	learner.want(http.StatusOK, "GET", "/api/v1/tags", nil) // the last snapshot goes on

	database.mend()
	var second any
	eventually(t, 15*time.Second, "the save is accepted again", func() bool {
		a, err := learner.try("POST", "/api/v1/game/sessions", body, "Idempotency-Key", key)
		second = a.body["session_id"]
		return err == nil && a.status == http.StatusCreated
	})
	for _, id := range []any{first, second} {
		learner.want(http.StatusOK, "GET", "/api/v1/game/sessions/"+id.(string), nil)
	}
	history := learner.want(http.StatusOK, "GET", "/api/v1/game/sessions", nil)
	if total := history["pagination"].(map[string]any)["total"].(float64); total != 2 {
		t.Errorf("%v sessions, want the two that were acknowledged", total)
	}
	learner.want(http.StatusOK, "GET", "/readyz", nil)
}

// Without the audio store play goes on; uploads are refused and leave nothing.
func TestAudioStoreOutage(t *testing.T) {
	s := production(t)
	s.must(t, "", starterPack(t)...)
	store := s.behindWire(t, "S3_ENDPOINT_URL")
	d := s.serve(t)
	admin := d.admin(s)
	learner := d.learner()
	recording, err := os.ReadFile("../../examples/starter-pack/audio/a1-question-001.mp3")
	if err != nil {
		t.Fatal(err)
	}

	store.cut()
	body := session(learner.drawAll("B2", "question", 3)) // links are signed without the store
	learner.want(http.StatusCreated, "POST", "/api/v1/game/sessions", body)
	if a := admin.upload("a.mp3", recording); a.status != http.StatusServiceUnavailable {
		t.Errorf("upload: %s, want 503", a)
	}
	if ready := learner.want(http.StatusServiceUnavailable, "GET", "/readyz", nil); !strings.Contains(toJSON(t, ready), "audio") {
		t.Errorf("readyz %v does not name the audio store", ready)
	}

	store.mend()
	eventually(t, 15*time.Second, "uploads are accepted again", func() bool {
		return admin.upload("a.mp3", recording).status == http.StatusOK
	})
}

// Without Redis nobody notices.
func TestRedisOutage(t *testing.T) {
	s := production(t)
	s.must(t, "", starterPack(t)...)
	redis := s.behindWire(t, "REDIS_URL")
	d := s.serve(t)
	learner := d.learner()

	redis.cut()
	body := session(learner.drawAll("C1", "answer", 3))
	learner.want(http.StatusCreated, "POST", "/api/v1/game/sessions", body)
	d.learner()
	learner.want(http.StatusOK, "GET", "/readyz", nil)
	if said := strings.Count(d.logged(), `"level":"WARN"`); said != 1 {
		t.Errorf("the log has %d warnings, want one for the whole outage:\n%s", said, d.logged())
	}
	redis.mend()
	learner.want(http.StatusOK, "GET", "/api/v1/users/me", nil)
}
