package main

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A server that stops for a moment keeps nobody from asking, and everybody who came meanwhile has waited: that is what an open
// model shows and a loop that waits for its answers hides.
func TestWaitingCountsFromTheMomentARequestShouldBegin(t *testing.T) {
	const stop = 300 * time.Millisecond
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if n.Add(1) == 20 {
			time.Sleep(stop)
		}
	}))
	defer s.Close()
	got, err := load{
		server: server{address: s.Listener.Addr().String()}, rate: 200, duration: 500 * time.Millisecond, wires: 1, regular: true,
		status: http.StatusOK, next: func(int) request { return newRequest(http.MethodGet, "/", "", nil) },
	}.run(t.Context())
	if err = errors.Join(err, got.failed()); err != nil {
		t.Fatal(err)
	}
	if sent := got.took.TotalCount(); sent != 99 {
		t.Errorf("%d requests in half a second at 200 a second, want 99, whatever the answers", sent)
	}
	waited := 0
	for _, bar := range got.took.Distribution() {
		if bar.From > (stop / 4).Microseconds() {
			waited += int(bar.Count)
		}
	}
	if waited < 40 {
		t.Errorf("%d requests waited long for a server that stood still for 300 ms, want about 45", waited)
	}
}

func TestWrongAnswersAreErrors(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) }))
	defer s.Close()
	there := server{address: s.Listener.Addr().String()}
	next := func(int) request { return newRequest(http.MethodPost, "/", "token", []byte("{}")) }
	got, err := throughput(t.Context(), there, 2, 500*time.Millisecond, http.StatusOK, next)
	if err != nil || got.errors == 0 || int64(got.errors) != got.took.TotalCount() {
		t.Errorf("%d of %d wrong answers were errors, %v", got.errors, got.took.TotalCount(), err)
	}
	if err := got.failed(); err == nil || !strings.Contains(err.Error(), "status 418: no") {
		t.Errorf("failed = %v, want the status and the body", err)
	}
	nobody, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		t.Fatal(err)
	}
	_ = nobody.Close()
	gone := load{server: server{address: nobody.Addr().String()}, rate: 100, duration: 50 * time.Millisecond, wires: 1, status: 200, next: next, regular: true}
	if got, err := gone.run(t.Context()); err != nil || got.failed() == nil {
		t.Errorf("nobody listens: %v, %v", got.failed(), err)
	}
}

func TestBareHandler(t *testing.T) {
	in, order := io.Pipe()
	out := make(chan string, 1)
	go func() {
		_ = beBare(in, writer(func(p []byte) { out <- strings.TrimSpace(string(p)) }))
	}()
	_, _ = order.Write([]byte(`{"Key": "secret", "Status": 200, "Body": "bytes", "Header": {"Content-Type": "text/x"}}` + "\n"))
	address := <-out
	defer order.Close()                        //nolint:errcheck // ends it
	token := "eyJhbGciOiJIUzI1NiJ9.e30.bm9uZQ" // with a signature that nobody has made
	if _, err := once(t.Context(), address, newRequest(http.MethodGet, "/", token, nil), http.StatusUnauthorized); err != nil {
		t.Error(err)
	}
	p, err := player{token: "eyJhbGciOiJIUzI1NiJ9.eyJ0eXAiOiJhY2Nlc3MiLCJleHAiOjQxMDI0NDQ4MDB9.bm9uZQ"}.as("somebody", "secret")
	if err != nil {
		t.Fatal(err)
	}
	got, err := once(t.Context(), address, newRequest(http.MethodGet, "/", p.token, nil), http.StatusOK)
	if err != nil || string(got.body) != "bytes" || got.header.Get("Content-Type") != "text/x" {
		t.Errorf("= %q %v, %v", got.body, got.header, err)
	}
	again := same(got, "secret")
	if want := map[string]string{"Content-Type": "text/x", "Content-Length": "5"}; again.Status != 200 || again.Body != "bytes" || !maps.Equal(again.Header, want) {
		t.Errorf("to answer the same is %+v", again)
	}
}

type writer func(p []byte)

func (w writer) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}

func TestStat(t *testing.T) {
	got, err := parseStat([]byte("17 (a) b (c)) S 4 17 17 0 -1 4194304 100 200 0 0 150 50 30 20 20 0 1 0 5 6 7"))
	if want := (stat{4, 500 * time.Millisecond}); err != nil || got != want {
		t.Errorf("= %+v, %v, want %+v", got, err, want)
	}
	for _, bad := range []string{"", "17 (a) S 4", "17 (a) S x 17 17 0 -1 4194304 100 200 0 0 150 50 30 20 20 0"} {
		if got, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q is %+v", bad, got)
		}
	}
}

// The statement that PostgreSQL's load generator runs is the daemon's own, with a value for each parameter.
func TestPgbenchScript(t *testing.T) {
	t.Chdir("../..")
	script, variables, err := pgbenchScript(saving{players: []player{{id: "P1"}, {id: "P2"}}, speeches: []string{"S1", "S2"}, tags: []string{"T1", "T2"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`\set n random(`, "unnest(", ":p9::uuid[]", "(:learners::uuid[])[:client_id::int % 2 + 1]", "INSERT INTO game_results"} {
		if !strings.Contains(script, want) {
			t.Errorf("it lacks %q", want)
		}
	}
	for _, want := range []string{"p9={S1,S2}", "p10={1,2}", "p11={correct,correct}", `p23={"[\"T1\",\"T2\"]"}`, "learners={P1,P2}"} {
		if !slices.Contains(variables, want) {
			t.Errorf("%q lack %q", variables, want)
		}
	}
	if strings.Contains(script, "$") || strings.Count(script, "\n") != 2 {
		t.Errorf("a parameter is left, or it is not one line:\n%s", script)
	}
	if _, err := stringConstant([]byte("package p"), "x"); err == nil {
		t.Error("a constant that is not there was found")
	}
}

func TestTargets(t *testing.T) {
	var out bytes.Buffer
	b := &bench{stack: "SQLite", out: &out}
	b.check(2.5, 2, "too much")
	b.check(1.5, 2, "little")
	b.check(99, 0, "for information")
	b.checkAtLeast(0.6, 0.7, "too little")
	if missed := b.missed(); len(missed) != 2 || missed[0].what != "too much" || missed[1].what != "too little" {
		t.Errorf("missed = %v", missed)
	}
	if got := b.checks[0].String(); got != "SQLite     MISSED      2.5  at most 2      too much" {
		t.Errorf("= %q", got)
	}
	if got := grouped(1234567) + " " + grouped(999); got != "1,234,567 999" {
		t.Errorf("= %q", got)
	}
}

func TestUnknownNames(t *testing.T) {
	for _, s := range []settings{{scenarios: "draw,dance", stacks: "sqlite"}, {scenarios: "draw", stacks: "oracle"}} {
		if err := run(t.Context(), s, "none", io.Discard); err == nil || !strings.Contains(err.Error(), "there is no") {
			t.Errorf("%+v: %v", s, err)
		}
	}
}
