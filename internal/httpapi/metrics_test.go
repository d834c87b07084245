package httpapi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/telemetry"
)

var metricsPage = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "numbers") })

func TestMetricsAreForThoseNearby(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}
	for _, tt := range []struct {
		rule, peer, header, value string
		page                      http.Handler
		status                    int
	}{
		{"this machine", "127.0.0.1:5000", "", "", metricsPage, 200},
		{"this machine by IPv6", "[::1]:5000", "", "", metricsPage, 200},
		{"a private network", "192.168.1.20:5000", "", "", metricsPage, 200},
		{"a private network of IPv6", "[fd00::1]:5000", "", "", metricsPage, 200},
		{"the internet", "203.0.113.9:5000", "", "", metricsPage, 404},
		{"the internet by IPv6", "[2001:db8::1]:5000", "", "", metricsPage, 404},
		{"somebody near, through a trusted proxy", "10.0.0.1:5000", "X-Forwarded-For", "192.168.1.20", metricsPage, 200},
		{"the internet, through a trusted proxy", "10.0.0.1:5000", "X-Forwarded-For", "203.0.113.9", metricsPage, 404},
		{"what a stranger says of himself to a trusted proxy", "10.0.0.1:5000", "X-Forwarded-For", "127.0.0.1, 203.0.113.9", metricsPage, 404},
		{"through a proxy of this machine that nobody trusts", "127.0.0.1:5000", "X-Forwarded-For", "203.0.113.9", metricsPage, 404},
		{"the same, in the words of RFC 7239", "127.0.0.1:5000", "Forwarded", "for=203.0.113.9", metricsPage, 404},
		{"a listener of their own", "127.0.0.1:5000", "", "", nil, 404},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			api := New(Deps{Metrics: tt.page}, Config{Log: newLogger(t), TrustedProxies: trusted}).Handler()
			r := request{path: "//metrics"}.build(t)
			r.RemoteAddr = tt.peer
			if tt.header != "" {
				r.Header.Set(tt.header, tt.value)
			}
			answer := httptest.NewRecorder()
			api.ServeHTTP(answer, r)
			if answer.Code != tt.status || (answer.Body.String() == "numbers") != (tt.status == 200) {
				t.Errorf("status %d, want %d: %s", answer.Code, tt.status, answer.Body)
			}
			if tt.status == 404 && !strings.Contains(answer.Body.String(), "unknown_path") {
				t.Errorf("the answer tells that there is something: %s", answer.Body)
			}
		})
	}
}

// told is what it was told of answers.
type told []string

func (c *told) Begin() { *c = append(*c, "a request") }

func (c *told) Request(method, route string, status int, took time.Duration) {
	*c = append(*c, fmt.Sprint(method, " ", route, " ", status, " ", took))
}

func TestAnswersAreCounted(t *testing.T) {
	var answers told
	now := time.Unix(0, 0)
	clock := func() time.Time { now = now.Add(time.Second); return now }
	api := New(Deps{Requests: &answers}, Config{Log: newLogger(t), Now: clock}).Handler()
	for _, q := range []request{{path: "//healthz"}, {method: post, path: "//healthz"}, {path: "/nothing/secret"}, {path: "/users/me"}} {
		api.ServeHTTP(httptest.NewRecorder(), q.build(t))
	}
	want := told{"a request", "GET /healthz 200 1s", "a request", "POST unknown 405 1s", "a request", "GET unknown 404 1s",
		"a request", "GET /api/v1/users/me 401 1s"}
	if diff := cmp.Diff(want, answers); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}

// reported is what was reported of failures.
type reported []telemetry.Failure

func (r *reported) Report(_ context.Context, f telemetry.Failure) { *r = append(*r, f) }

// TestFailuresAreReported: panics and answers of 500 and more, each once; what callers do wrong is nobody's business.
func TestFailuresAreReported(t *testing.T) {
	var failures reported
	page := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("out of numbers") })
	api := New(Deps{Metrics: page, Reports: &failures, Catalog: failingTags{}}, Config{Log: newLogger(t)}).Handler()
	for path, status := range map[string]int{"//metrics": 500, "/tags": 503, "/nothing": 404, "/users/me": 401} {
		answer := httptest.NewRecorder()
		r := request{path: path}.build(t)
		r.RemoteAddr = "127.0.0.1:5000"
		if api.ServeHTTP(answer, r); answer.Code != status {
			t.Errorf("%s: %d, want %d: %s", path, answer.Code, status, answer.Body)
		}
	}
	slices.SortFunc(failures, func(a, b telemetry.Failure) int { return a.Status - b.Status })
	if len(failures) != 2 || failures[0].Panic != "out of numbers" || failures[0].Route != "/metrics" || failures[1].Route != "/api/v1/tags" ||
		failures[1].Status != 503 || failures[1].Code != "database_unavailable" || failures[1].Err == nil {
		t.Errorf("reported: %+v", failures)
	}
}

// failingTags is a catalogue whose database is out.
type failingTags struct{ catalogue }

func (failingTags) Tags(context.Context) ([]catalog.Tag, error) {
	return nil, fault.Unavailable("no answer").WithCode("database_unavailable")
}
