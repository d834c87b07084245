package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// world is an API over fakes.
type world struct {
	*services
	rest    *API
	handler http.Handler
	log     *lines
	now     time.Time
}

func newWorld(tb testing.TB, checks ...Check) *world {
	tb.Helper()
	return newWorldWith(tb, Config{}, checks...)
}

// newWorldWith is newWorld with other surroundings; log, ids and clock are the world's.
func newWorldWith(tb testing.TB, cfg Config, checks ...Check) *world {
	tb.Helper()
	w := &world{services: newServices(), log: &lines{}, now: at}
	deps := Deps{
		Accounts: w, Catalog: w, Practice: w, Scores: w, Imports: w, Audit: w, Stats: w, Recordings: w, Checks: checks,
		Media: shelf{key: "audio/A1/a b.mp3", content: "0123456789"},
	}
	cfg.Log = w.log.logger()
	cfg.NewRequestID = func() string { return "request-1" }
	cfg.Now = func() time.Time { return w.now }
	w.rest = New(deps, cfg)
	w.handler = faked{w.rest.Handler(), w.services}
	return w
}

// request describes a request; zero fields are what most requests have.
type request struct {
	method string // GET
	path   string // below /api/v1, unless it begins with "//"
	token  string
	header map[string]string
	body   string
	reader io.Reader // instead of body
}

func (q request) build(tb testing.TB) *http.Request {
	tb.Helper()
	if q.method == "" {
		q.method = get
	}
	path, isRoot := strings.CutPrefix(q.path, "//")
	if isRoot {
		path = "/" + path
	} else {
		path = basePath + path
	}
	if q.reader == nil {
		q.reader = strings.NewReader(q.body)
	}
	r := httptest.NewRequestWithContext(tb.Context(), q.method, path, q.reader)
	if q.method == post || q.method == put {
		r.Header.Set("Content-Type", "application/json")
	}
	if q.token != "" {
		r.Header.Set("Authorization", "Bearer "+q.token)
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	return r
}

// answer is a response that has passed the checks that every response must pass.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request through the whole API.
func (w *world) do(tb testing.TB, q request) answer {
	tb.Helper()
	return send(tb, w.handler, q)
}

func send(tb testing.TB, handler http.Handler, q request) answer {
	tb.Helper()
	rec := httptest.NewRecorder()
	asDescribed(tb, handler).ServeHTTP(rec, q.build(tb))
	a := answer{rec.Code, rec.Header(), rec.Body.String()}
	a.mustBeClean(tb)
	return a
}

// leaks are words that only our insides use.
var leaks = regexp.MustCompile(`(?i)pq:|sqlite|sqlstate|constraint failed|no rows|json: (cannot|invalid|unknown)|cannot unmarshal|go value|httpapi|goroutine|\.go\b|main\.|runtime|panic|argon2|/internal/|multipart:|strconv|unexpected EOF|context (canceled|deadline)|%!`)

// mustBeClean checks what holds for every answer, whatever was asked.
func (a answer) mustBeClean(tb testing.TB) {
	tb.Helper()
	if found := leaks.FindString(a.body); found != "" {
		tb.Errorf("the answer leaks %q: %s", found, a.body)
	}
	for _, name := range []string{"X-Request-ID", "X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy", "X-Frame-Options", "Cache-Control"} {
		if a.header.Get(name) == "" {
			tb.Errorf("the answer lacks the header %s", name)
		}
	}
	if a.status < 400 || a.status == statusClientClosedRequest || a.header.Get("Content-Type") == "application/json" {
		return
	}
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		tb.Errorf("status %d has the type %q, want application/problem+json: %s", a.status, got, a.body)
	}
}

// problem decodes the body of a failure and checks what every problem has.
func (a answer) problem(tb testing.TB) problemBody {
	tb.Helper()
	var p problemBody
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		tb.Fatalf("status %d: not a problem: %v: %s", a.status, err, a.body)
	}
	if p.Type != "about:blank" || p.Status != a.status || p.Title == "" || p.Detail == "" || p.Code == "" ||
		p.RequestID != a.header.Get("X-Request-ID") {
		tb.Errorf("status %d: incomplete problem: %s", a.status, a.body)
	}
	return p
}

type problemBody struct {
	Type, Title, Detail, Code string
	Status                    int
	RequestID                 string `json:"request_id"`
	Errors                    []fieldProblem
}

// fields are the names of the fields in the problem.
func (p problemBody) fields() []string {
	return list(p.Errors, func(f fieldProblem) string { return f.Field })
}

// sameJSON compares decoded JSON.
func sameJSON(tb testing.TB, got, want string) {
	tb.Helper()
	if diff := cmp.Diff(decodeJSON(tb, want), decodeJSON(tb, got)); diff != "" {
		tb.Errorf("the answer differs (-want +got):\n%s", diff)
	}
}

func decodeJSON(tb testing.TB, text string) any {
	tb.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		tb.Fatalf("not JSON: %v: %s", err, text)
	}
	return v
}

// shelf is a media store with one recording.
type shelf struct{ key, content string }

type readSeekCloser struct{ *bytes.Reader }

func (readSeekCloser) Close() error { return nil }

func (m shelf) OpenSigned(_ context.Context, key, _, signature string) (io.ReadSeekCloser, MediaInfo, error) {
	switch {
	case signature != "genuine":
		return nil, MediaInfo{}, fault.Forbidden("this link is not genuine; ask for a new one").WithCode("link_forged")
	case key != m.key:
		return nil, MediaInfo{}, fault.NotFound("there is no such recording")
	}
	info := MediaInfo{ContentType: "audio/mpeg", Size: int64(len(m.content)), ModTime: at, ETag: `"e1"`}
	return readSeekCloser{bytes.NewReader([]byte(m.content))}, info, nil
}

// lines is a log that several goroutines may write to.
type lines struct {
	log *slog.Logger
	mu  sync.Mutex
	buf strings.Builder
}

// logger is the log whose lines these are.
func (l *lines) logger() *slog.Logger {
	l.log = telemetry.NewLogger(l, slog.LevelDebug, telemetry.FormatJSON, false)
	return l.log
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	telemetry.Flush(l.log)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
