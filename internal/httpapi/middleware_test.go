package httpapi

import (
	"bufio"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/telemetry"
)

func newLogger(tb testing.TB) *slog.Logger {
	tb.Helper()
	log := telemetry.NewLogger(tb.Output(), slog.LevelDebug, telemetry.FormatJSON, false)
	tb.Cleanup(func() { telemetry.Flush(log) }) // after the test nobody may write there
	return log
}

// api is an API over the world's fakes, for tests that add a route of their own.
func (w *world) api(tb testing.TB) *API {
	tb.Helper()
	return New(Deps{Accounts: w}, Config{Log: newLogger(tb), NewRequestID: func() string { return "request-1" }})
}

// serve sends a request that the test has built itself.
func serve(tb testing.TB, handler http.Handler, r *http.Request) answer {
	tb.Helper()
	rec := httptest.NewRecorder()
	asDescribed(tb, handler).ServeHTTP(rec, r)
	a := answer{rec.Code, rec.Header(), rec.Body.String()}
	a.mustBeClean(tb)
	return a
}

// newTestServer runs the handler behind the real server's settings.
func newTestServer(tb testing.TB, handler http.Handler) *httptest.Server {
	tb.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.Config = NewServer(asDescribed(tb, handler), newLogger(tb))
	server.Start()
	tb.Cleanup(server.Close)
	return server
}

func TestRequestID(t *testing.T) {
	for offered, want := range map[string]string{
		"":                       "request-1",
		"abc-1.2_3":              "abc-1.2_3",
		"two words":              "request-1",
		"<script>":               "request-1",
		strings.Repeat("a", 129): "request-1",
	} {
		got := newWorld(t).do(t, request{path: "/tags/unknown", header: map[string]string{"X-Request-ID": offered}})
		if id := got.header.Get("X-Request-ID"); id != want || got.problem(t).RequestID != want {
			t.Errorf("offered %.20q: header %q, body %q, want %q", offered, id, got.problem(t).RequestID, want)
		}
	}
}

// TestAccessLog has one line per request, with what is needed to find it, and none of what must not be kept.
func TestAccessLog(t *testing.T) {
	for name, tc := range map[string]struct {
		in   request
		want map[string]any
	}{
		"a learner's request": {
			request{path: "/users/me", token: learnerToken},
			map[string]any{"level": "INFO", "method": "GET", "route": "/api/v1/users/me", "status": 200.0, "code": "", "user_id": learnerID.String()},
		},
		"a failure shows its code": {
			request{method: put, path: "/admin/tags/secret-id", token: adminToken},
			map[string]any{"level": "INFO", "method": "PUT", "route": "/api/v1/admin/tags/{tag_id}", "status": 404.0, "code": "not_found", "user_id": adminID.String()},
		},
		"an unknown path does not show": {
			request{path: "/secret-path?secret=1"},
			map[string]any{"level": "INFO", "method": "GET", "route": "unknown", "status": 404.0, "code": "unknown_path", "user_id": nil},
		},
		"a link's signature does not show": {
			request{path: "//media/secret.mp3?signature=secret"},
			map[string]any{"level": "INFO", "method": "GET", "route": "/media/{key:.+}", "status": 403.0, "code": "link_forged", "user_id": nil},
		},
		"health checks are quiet": {
			request{path: "//healthz"},
			map[string]any{"level": "DEBUG", "method": "GET", "route": "/healthz", "status": 200.0, "code": "", "user_id": nil},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			answered := w.do(t, tc.in)
			text := strings.TrimSpace(w.log.String())
			var line map[string]any
			if err := json.Unmarshal([]byte(text), &line); err != nil {
				t.Fatalf("want one line: %v: %s", err, text)
			}
			got := make(map[string]any)
			for name := range tc.want {
				got[name] = line[name]
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("the line differs (-want +got):\n%s", diff)
			}
			if line["bytes"] != float64(len(answered.body)) || line["request_id"] != "request-1" || line["duration_ms"] != 0.0 || line["address"] != "192.0.2.1" {
				t.Errorf("line: %s", text)
			}
			if strings.Contains(text, "secret") || strings.Contains(text, "token") {
				t.Errorf("the line says too much: %s", text)
			}
		})
	}
}

func TestCacheControl(t *testing.T) {
	w := newWorld(t)
	for path, want := range map[string]string{
		"/users/me": "no-store",
		"/tags":     "public, max-age=0, must-revalidate",
		"/unknown":  "no-store",
		"//healthz": "no-store",
	} {
		if got := w.do(t, request{path: path, token: learnerToken}).header.Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control = %q, want %q", path, got, want)
		}
	}
	w.err = http.ErrServerClosed
	if got := w.do(t, request{path: "/tags"}).header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("a failure: Cache-Control = %q", got)
	}
}

func TestTagsETag(t *testing.T) {
	w := newWorld(t)
	first := w.do(t, request{path: "/tags"})
	etag := first.header.Get("ETag")
	if len(etag) < 10 || etag[0] != '"' {
		t.Fatalf("ETag = %q, want a strong one", etag)
	}
	for header, want := range map[string]int{
		etag:                    304,
		"W/" + etag:             304,
		`"other", ` + etag:      304,
		"*":                     304,
		`"other"`:               200,
		strings.Trim(etag, `"`): 200,
	} {
		got := w.do(t, request{path: "/tags", header: map[string]string{"If-None-Match": header}})
		if got.status != want || got.header.Get("ETag") != etag || (want == 304) != (got.body == "") {
			t.Errorf("If-None-Match %s: status %d, ETag %s, %d bytes", header, got.status, got.header.Get("ETag"), len(got.body))
		}
	}
	w.tags = slices.Clone(w.tags) // as the catalogue, whose list is another one once it has changed
	w.tags[0].Name = "Renamed"
	if got := w.do(t, request{path: "/tags", header: map[string]string{"If-None-Match": etag}}); got.status != 200 || got.header.Get("ETag") == etag {
		t.Errorf("after a change: status %d, ETag %s", got.status, got.header.Get("ETag"))
	}
}

// TestDefaults: the zero Config works on a real connection.
func TestDefaults(t *testing.T) {
	server := newTestServer(t, New(Deps{}, Config{Log: newLogger(t)}).Handler())
	req, err := http.NewRequestWithContext(t.Context(), get, server.URL+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := bufio.NewReader(res.Body).ReadString('\n')
	if err != nil || body != `{"status":"ok"}`+"\n" || len(res.Header.Get("X-Request-ID")) != uuidLength {
		t.Errorf("status %d, body %q, header %v, err %v", res.StatusCode, body, res.Header, err)
	}
	if New(Deps{}, Config{}).log != slog.Default() {
		t.Error("without a log, the default one is used")
	}
}
