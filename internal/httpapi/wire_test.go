package httpapi

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// dial connects to the server; whatever happens, the test ends.
func dial(tb testing.TB, address string) net.Conn {
	tb.Helper()
	var d net.Dialer
	c, err := d.DialContext(tb.Context(), "tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		tb.Fatal(err)
	}
	return c
}

var statusLine = regexp.MustCompile(`(?m)^HTTP/1\.[01] ([2-5]\d\d) `)

// TestOnTheWire sends bytes that no client should send, followed by a good request, and reads what is answered until the
// connection ends. net/http judges them; here stands how, and that nothing is taken for the beginning of another request.
func TestOnTheWire(t *testing.T) {
	const last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	login := func(header, body string) string {
		return "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\n" + header + "\r\n" + body
	}
	chunked := func(body string) string { return login("Transfer-Encoding: chunked\r\n", body) }
	health := func(header string) string { return "GET /healthz HTTP/1.1\r\n" + header + "\r\n" }
	refused, served := []int{400}, []int{400, 200} // {} is no login: 400, and the connection goes on
	tests := []struct {
		name, raw string
		want      []int
	}{
		{"a body", login("Content-Length: 2\r\n", "{}"), served},
		{"a chunked body", chunked("2\r\n{}\r\n0\r\n\r\n"), served},
		{"two lengths", login("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), refused},
		{"the same length twice", login("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), served},
		{"a list of lengths", login("Content-Length: 2, 2\r\n", "{}"), refused},
		{"a length with a sign", login("Content-Length: +2\r\n", "{}"), refused},
		{"a negative length", login("Content-Length: -2\r\n", "{}"), refused},
		{"a length in hexadecimal", login("Content-Length: 0x2\r\n", "{}"), refused},
		{"a length beyond all", login("Content-Length: 99999999999999999999\r\n", "{}"), refused},
		{"length and chunks: the chunks count", login("Content-Length: 500\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), served},
		{"… whichever comes first", login("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"), served},
		{"another coding", login("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), []int{501}},
		{"nearly chunked", login("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), []int{501}},
		{"chunked and identity", login("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"), []int{501}},
		{"chunked behind a control character", login("Transfer-Encoding: \x0bchunked\r\n", "0\r\n\r\n"), refused},
		{"a space before the colon", login("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), refused},
		{"a folded line is one line", login("X-A: a\r\n b\r\nContent-Length: 2\r\n", "{}"), served},
		{"… also for the coding", login("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"), served},
		{"a folded first line", "GET /healthz HTTP/1.1\r\n X-A: a\r\nHost: x\r\n\r\n", refused},
		{"a chunk's size that is none", chunked("zz\r\n{}\r\n0\r\n\r\n"), refused},
		{"a negative chunk", chunked("-2\r\n{}\r\n0\r\n\r\n"), refused},
		{"a chunk beyond all", chunked("fffffffffffffffff\r\n{}\r\n0\r\n\r\n"), refused},
		{"a chunk that is longer than it says", chunked("2\r\n{}XX0\r\n\r\n"), refused},
		{"chunks with bare line feeds", chunked("2\n{}\n0\n\n"), refused},
		{"a chunk with a long extension", chunked("2;" + strings.Repeat("a", 5000) + "\r\n{}\r\n0\r\n\r\n"), refused},
		{"a bare carriage return", health("Host: x\r\nX-A: a\rX-B: b\r\n"), refused},
		{"a NUL", health("Host: x\r\nX-A: \x00\r\n"), refused},
		{"a name with a space", health("Host: x\r\nX A: b\r\n"), refused},
		{"a name of nothing", health("Host: x\r\n: b\r\n"), refused},
		{"no host", health(""), refused},
		{"two hosts", health("Host: x\r\nHost: y\r\n"), refused},
		{"a host with a space", health("Host: x y\r\n"), refused},
		{"TLS where there is none", "\x16\x03\x01\x02\x00\r\n\r\n", refused},
		{"HTTP/0.9", "GET /healthz\r\n\r\n", refused},
		{"HTTP/3", "GET /healthz HTTP/3.0\r\nHost: x\r\n\r\n", []int{505}},
		{"a header over 64 KiB", health("Host: x\r\nX-A: " + strings.Repeat("a", 80<<10) + "\r\n"), []int{431}},
		{"a path over 64 KiB", "GET /" + strings.Repeat("a", 80<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", []int{431}},
		{"100 header lines", health("Host: x\r\n" + strings.Repeat("A: b\r\n", 100)), []int{200, 200}},
		{"101 header lines", health("Host: x\r\n" + strings.Repeat("A: b\r\n", 101)), []int{431, 200}},
		{"an expectation that nobody meets", login("Expect: nonsense\r\nContent-Length: 2\r\n", "{}"), []int{417}},
		{"an upgrade that there is not", health("Host: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"), []int{200, 200}},
		{"a tunnel", "CONNECT evil.example:80 HTTP/1.1\r\nHost: evil.example:80\r\n\r\n", []int{404, 200}},
		{"OPTIONS of the whole server", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", []int{404, 200}},
		{"an absolute address", "GET http://evil.example/healthz HTTP/1.1\r\nHost: x\r\n\r\n", []int{200, 200}},
	}
	server := newTestServer(t, newWorld(t).handler)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t, server.Listener.Addr().String())
			go func() { _, _ = io.WriteString(c, tt.raw+last) }() // the server need not read all of it
			answers, _ := io.ReadAll(c)                           // it may cut what it did not read
			var got []int
			for _, found := range statusLine.FindAllSubmatch(answers, -1) {
				status, _ := strconv.Atoi(string(found[1]))
				got = append(got, status)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("statuses (-want +got):\n%s\n%s", diff, answers)
			}
		})
	}
}

// TestContentEncoding: a small body may hold a very large one, so none is unpacked.
func TestContentEncoding(t *testing.T) {
	for encoding, want := range map[string]int{
		"": 200, "identity": 200, "Identity": 200, "gzip": 415, "GZIP": 415, "br": 415, "deflate": 415, "identity, gzip": 415, "x": 415,
	} {
		w := newWorld(t)
		got := w.do(t, request{method: post, path: "/auth/login", body: `{"email": "a@example.com", "password": "x"}`, header: map[string]string{"Content-Encoding": encoding}})
		if got.status != want || (want == 415) != (got.header.Get("Accept-Encoding") == "identity") {
			t.Errorf("%q: status %d, Accept-Encoding %q, want %d", encoding, got.status, got.header.Get("Accept-Encoding"), want)
		}
		if want == 415 && (got.problem(t).Code != "unsupported_encoding" || len(w.calls) > 0) {
			t.Errorf("%q: %s, calls %v", encoding, got.body, w.calls)
		}
	}
	t.Run("who somebody is comes first", func(t *testing.T) {
		got := newWorld(t).do(t, request{method: post, path: "/admin/import/audio", token: learnerToken, header: map[string]string{"Content-Encoding": "gzip"}})
		if got.status != 403 {
			t.Errorf("status %d, want 403", got.status)
		}
	})
}

// impatient is the real server with a hundredth of some of its patience.
func impatient(tb testing.TB, handler http.Handler, with func(*http.Server) []*time.Duration) string {
	tb.Helper()
	s := NewServer(handler, newLogger(tb))
	for _, patience := range with(s) {
		*patience /= 100
	}
	var lc net.ListenConfig
	l, err := lc.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	go func() { _ = s.Serve(l) }()
	tb.Cleanup(func() { // waits for handlers: they log to where nobody may write after the test
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), 20*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			tb.Error(err)
		}
	})
	return l.Addr().String()
}

// TestSlowClients: whoever sends or reads a byte now and then is cut off, and says nothing that counts.
func TestSlowClients(t *testing.T) {
	w := newWorld(t)
	address := impatient(t, w.handler, func(s *http.Server) []*time.Duration {
		return []*time.Duration{&s.ReadHeaderTimeout, &s.ReadTimeout, &s.WriteTimeout, &s.IdleTimeout}
	})
	for name, raw := range map[string]string{
		"a connection that says nothing": "",
		"half a header":                  "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ",
		"half a body":                    "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
		"half a chunk":                   "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{",
		// The door of an upload, which may take an hour, is not open for an hour to those who may not come in.
		"a stranger's upload": "POST /api/v1/admin/import/audio HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n-",
		"a learner's upload":  "POST /api/v1/admin/import/audio HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + learnerToken + "\r\nContent-Length: 100\r\n\r\n-",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := dial(t, address)
			_, err := io.WriteString(c, raw)
			if err == nil {
				_, err = io.Copy(io.Discard, c) // ends with the connection
			}
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the connection stands: %v", err)
			}
		})
	}
	t.Cleanup(func() {
		if len(w.calls) > 0 {
			t.Errorf("a service was called: %v", w.calls)
		}
	})
}

// TestSlowReader: a caller that does not read its answer keeps no handler.
func TestSlowReader(t *testing.T) {
	ended := make(chan struct{})
	a := newWorld(t).api(t)
	big := a.public(func(w http.ResponseWriter, _ *http.Request) error {
		block, err := make([]byte, 1<<20), error(nil)
		for err == nil {
			_, err = w.Write(block)
		}
		close(ended)
		return nil
	})
	c := dial(t, impatient(t, a.middleware(big), func(s *http.Server) []*time.Duration { return []*time.Duration{&s.WriteTimeout} }))
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		t.Log("it ended with", err)
	case <-time.After(20 * time.Second):
		t.Fatal("the handler is still writing")
	}
}

// TestPanicOnTheWire: one request's panic is its own affair.
func TestPanicOnTheWire(t *testing.T) {
	a := newWorld(t).api(t)
	server := newTestServer(t, a.middleware(a.public(func(http.ResponseWriter, *http.Request) error { panic("secret") })))
	c := dial(t, server.Listener.Addr().String())
	answers := bufio.NewReader(c)
	for range 2 { // on the same connection, by the same process
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != 500 || res.Header.Get("X-Request-ID") != "request-1" || !strings.Contains(string(body), "request-1") || strings.Contains(string(body), "secret") {
			t.Errorf("status %d, header %v, body %s", res.StatusCode, res.Header, body)
		}
	}
}
