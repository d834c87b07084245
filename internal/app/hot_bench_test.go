package app

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/httpapi"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// hotSpeeches is how many sentences the benchmarked catalogue has.
const hotSpeeches = 1000

// hot is a daemon for benchmarks, whose log goes where it costs what a log costs.
type hot struct {
	*Daemon
	token string
	tag   uuid.UUID
}

func openHot(b *testing.B, settings ...string) *hot {
	b.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	cfg := schoolhouse(b, append(settings, "RATE_LIMIT_PER_MINUTE=1000000", "RATE_LIMITS=random=1000000")...)
	ctx, stop := context.WithCancel(b.Context())
	d, err := OpenDaemon(ctx, cfg, telemetry.NewLogger(null, slog.LevelInfo, telemetry.FormatJSON, false))
	if err != nil {
		b.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- d.Serve(ctx) }()
	b.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			b.Error(err)
		}
		_ = d.Close()
		_ = null.Close()
	})
	h := &hot{Daemon: d}
	h.fill(b)
	return h
}

// fill makes a learner, 20 tags and the sentences, all of the first tag.
func (h *hot) fill(b *testing.B) {
	b.Helper()
	learner, err := h.Accounts.Register(b.Context(), account.Registration{Email: "ada@example.com", Password: "SecurePass123", Name: "Ada"})
	if err != nil {
		b.Fatal(err)
	}
	h.token = learner.AccessToken
	for i := range 20 {
		tag, err := h.Catalog.CreateTag(b.Context(), catalog.NewTag{Name: fmt.Sprint("Tag ", i), Category: "Everyday life"})
		if err != nil {
			b.Fatal(err)
		}
		if i == 0 {
			h.tag = tag.ID
		}
	}
	for i := range hotSpeeches {
		if _, err := h.recordings.Put(b.Context(), fmt.Sprintf("audio/a1/%d.mp3", i), strings.NewReader("sound"), "audio/mpeg"); err != nil {
			b.Fatal(err)
		}
		if _, err := h.Catalog.CreateSpeech(b.Context(), catalog.NewSpeech{
			AudioURL: fmt.Sprintf("audio/a1/%d.mp3", i), Text: fmt.Sprintf("What do you usually eat for breakfast on day %d?", i), Level: "A1", Type: catalog.Question,
			TagIDs: []uuid.UUID{h.tag},
		}); err != nil {
			b.Fatal(err)
		}
	}
}

// bare is the least that answers a request: it verifies the token, reads the body, writes an answer that was given before.
type bare struct {
	parser *jwt.Parser
	key    []byte
	answer *http.Response
	body   []byte
}

func (s *bare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		var claims jwt.RegisteredClaims
		if _, err := s.parser.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return s.key, nil }); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		if _, err := io.ReadAll(r.Body); err != nil {
			return
		}
	}
	for name, values := range s.answer.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(s.answer.StatusCode)
	_, _ = w.Write(s.body)
}

// caller sends one request again and again, on one connection and one thread, by system calls alone: so the processor time of
// its thread is the caller's, and all the rest of the process is the server's.
type caller struct {
	socket  int
	request []byte
	answer  int // bytes of each answer
	buffer  []byte
}

func newCaller(tb testing.TB, address string, request []byte) *caller {
	tb.Helper()
	to := netip.MustParseAddrPort(address)
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		err = syscall.Connect(socket, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
	}
	if err == nil {
		err = syscall.SetsockoptInt(socket, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = syscall.Close(socket) })
	return &caller{socket: socket, request: request, buffer: make([]byte, 1<<20)}
}

// first sends the request and returns the answer.
func (c *caller) first(tb testing.TB) (*http.Response, []byte) {
	tb.Helper()
	if _, err := syscall.Write(c.socket, c.request); err != nil {
		tb.Fatal(err)
	}
	n, err := syscall.Read(c.socket, c.buffer)
	if err != nil {
		tb.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(c.buffer[:n])), nil)
	if err != nil {
		tb.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		tb.Fatal(err)
	}
	c.answer = n
	return resp, body
}

// ask sends the request and waits for an answer that is about as long as the first one.
func (c *caller) ask(tb testing.TB) {
	if _, err := syscall.Write(c.socket, c.request); err != nil {
		tb.Fatal(err)
	}
	for got := 0; got < c.answer*9/10; {
		n, err := syscall.Read(c.socket, c.buffer)
		if err != nil || n == 0 {
			tb.Fatalf("read %d, %v", n, err)
		}
		got += n
	}
}

// callers are so many that the server always has something to do: what it costs to fall asleep and wake up between single
// requests is nobody's code.
const callers = 4

// serverTime is the processor time, user and system, that each of n requests costs the server.
func serverTime(tb testing.TB, all []*caller, n int) time.Duration {
	const thread = 1 // RUSAGE_THREAD
	process := spent(tb, syscall.RUSAGE_SELF)
	var own atomic.Int64
	var group sync.WaitGroup
	for _, c := range all {
		group.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			before := spent(tb, thread)
			for range n / len(all) {
				c.ask(tb)
			}
			own.Add(int64(spent(tb, thread) - before))
		})
	}
	group.Wait()
	return (spent(tb, syscall.RUSAGE_SELF) - process - time.Duration(own.Load())) / time.Duration(n)
}

// several are callers of the same, and what the first was answered.
func several(tb testing.TB, address string, request []byte) (all []*caller, answer *http.Response, body []byte) {
	tb.Helper()
	for range callers {
		c := newCaller(tb, address, request)
		answer, body = c.first(tb)
		all = append(all, c)
	}
	return all, answer, body
}

func spent(tb testing.TB, who int) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(who, &usage); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkHotPaths compares what players ask for most with the least that a server can do for the same bytes, in one process and in
// turns: times-bare is the median of the ratios of processor time.
func BenchmarkHotPaths(b *testing.B) {
	h := openHot(b, "JWT_SECRET_KEY="+strings.Repeat("k", 32))
	address := strings.TrimPrefix(h.address, "http://")
	draw := fmt.Sprintf(`{"level":"A1","type":"question","tags":["%s"],"limit":10}`, h.tag)
	auth := "Authorization: Bearer " + h.token + "\r\n"
	resp, _ := newCaller(b, address, rawRequest("GET", "/api/v1/tags", "", "")).first(b) //nolint:bodyclose // first has
	for _, path := range []struct {
		name    string
		request []byte
		status  int
	}{
		{"tags", rawRequest("GET", "/api/v1/tags", "", ""), 200},
		{"tags_unchanged", rawRequest("GET", "/api/v1/tags", "If-None-Match: "+resp.Header.Get("ETag")+"\r\n", ""), 304},
		{"random", rawRequest("POST", "/api/v1/game/speeches/random", auth, draw), 200},
	} {
		b.Run(path.name, func(b *testing.B) { h.compare(b, address, path.request, path.status) })
	}
}

func rawRequest(method, path, header, body string) []byte {
	if body != "" {
		header += fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	return []byte(method + " " + path + " HTTP/1.1\r\nHost: api.example.com\r\nUser-Agent: bench\r\n" + header + "\r\n" + body)
}

func (h *hot) compare(b *testing.B, address string, request []byte, status int) {
	ours, answer, body := several(b, address, request) //nolint:bodyclose // first has
	if answer.StatusCode != status {
		b.Fatalf("%d %s", answer.StatusCode, body)
	}
	server := httpapi.NewServer(&bare{
		parser: jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired()), key: []byte(strings.Repeat("k", 32)), answer: answer, body: body,
	}, slog.New(slog.DiscardHandler))
	l, err := listen(b.Context(), "127.0.0.1:0", "bare")
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	b.Cleanup(func() { _ = server.Close() })
	least, resp, _ := several(b, l.Addr().String(), request) //nolint:bodyclose // first has
	if resp.StatusCode != status {
		b.Fatalf("the bare server answers %d", resp.StatusCode)
	}
	const turn = 2000
	serverTime(b, least, turn) // warm
	serverTime(b, ours, turn)
	var ratios, mine []float64
	for b.Loop() {
		base, own := serverTime(b, least, turn), serverTime(b, ours, turn)
		ratios, mine = append(ratios, float64(own)/float64(base)), append(mine, float64(own.Microseconds()))
	}
	slices.Sort(ratios)
	slices.Sort(mine)
	b.ReportMetric(ratios[len(ratios)/2], "times-bare")
	b.ReportMetric(mine[len(mine)/2], "µs/request")
	b.ReportMetric(0, "ns/op")
}
