package telemetry_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/telemetry"
)

func scrape(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("status %d", answer.Code)
	}
	return answer.Body.String()
}

func TestMetrics(t *testing.T) {
	m := telemetry.NewMetrics()
	for range 6 {
		m.Begin()
	}
	m.Request(http.MethodGet, "/api/v1/tags", 200, 150*time.Millisecond)
	m.Request(http.MethodGet, "/api/v1/tags", 200, 3*time.Minute)
	m.Request("PROPFIND", "unknown", 405, time.Millisecond)
	m.Request("MKCOL", "unknown", 405, time.Millisecond)
	m.Request(http.MethodGet, "/api/v1/tags", 0, time.Millisecond)
	colours := m.Counters("letters_by_colour_total", "Letters.", "colour")
	colours(2, "red")
	colours(1, "red")
	m.Histogram("letter_grams", "Weight.", []float64{10, 20}, "colour")(15, "blue")
	var letters uint64 = 7
	waiting := 2.5
	m.Counter("letters_total", "Letters.", func() uint64 { return letters })
	m.Gauge("letters_waiting", "Letters that wait.", func() float64 { return waiting })
	first := scrape(t, m)
	letters, waiting = 8, 0
	second := scrape(t, m)
	for _, tt := range []struct{ rule, text, want string }{
		{"below a bound", first, `englishctl_http_request_duration_seconds_bucket{class="2xx",method="GET",route="/api/v1/tags",le="0.1"} 0`},
		{"within a bound", first, `englishctl_http_request_duration_seconds_bucket{class="2xx",method="GET",route="/api/v1/tags",le="0.2"} 1`},
		{"beyond all bounds", first, `englishctl_http_request_duration_seconds_count{class="2xx",method="GET",route="/api/v1/tags"} 2`},
		{"methods of strangers are one", first, `englishctl_http_request_duration_seconds_count{class="4xx",method="other",route="unknown"} 2`},
		{"an error has its status", first, `englishctl_http_errors_total{method="other",route="unknown",status="405"} 2`},
		{"a cut connection is an error", first, `englishctl_http_errors_total{method="GET",route="/api/v1/tags",status="0"} 1`},
		{"a cut connection has a class", first, `englishctl_http_request_duration_seconds_count{class="cut",method="GET",route="/api/v1/tags"} 1`},
		{"of six requests five are done", first, "\nenglishctl_http_requests_in_flight 1\n"},
		{"a counter of several", first, `englishctl_letters_by_colour_total{colour="red"} 3`},
		{"a histogram", first, `englishctl_letter_grams_bucket{colour="blue",le="20"} 1`},
		{"a counter", first, "\nenglishctl_letters_total 7\n"},
		{"a gauge", first, "\nenglishctl_letters_waiting 2.5\n"},
		{"a counter is read anew", second, "\nenglishctl_letters_total 8\n"},
		{"a gauge is read anew", second, "\nenglishctl_letters_waiting 0\n"},
		{"the version", first, `englishctl_build_info{go="` + telemetry.Version().Go + `",revision="` + telemetry.Version().Commit + `",version="` + telemetry.Version().Version + `"} 1`},
		{"the process", first, "\nprocess_resident_memory_bytes "},
	} {
		if !strings.Contains(tt.text, tt.want) {
			t.Errorf("%s: no %q in\n%s", tt.rule, tt.want, tt.text)
		}
	}
}

func TestNoMetrics(t *testing.T) {
	var none *telemetry.Metrics
	none.Counters("letters_total", "Letters.", "colour")(1, "red")
	none.Histogram("letter_grams", "Weight.", []float64{10}, "colour")(1, "red")
}

func TestNames(t *testing.T) {
	m := telemetry.NewMetrics()
	m.Counters("letters_total", "Letters.", "colour") // without a value so far
	names := m.Names()
	for _, want := range []string{"englishctl_letters_total", "englishctl_http_request_duration_seconds", "process_resident_memory_bytes", "go_goroutines"} {
		if !slices.Contains(names, want) {
			t.Errorf("no %s in %v", want, names)
		}
	}
	if slices.Contains(names, "englishctl_http_request_duration_seconds_bucket") {
		t.Error("a part of a histogram counts as a metric")
	}
}

// What it costs to count a request, beside which a request takes some 50 µs.
func BenchmarkRequest(b *testing.B) {
	m := telemetry.NewMetrics()
	for b.Loop() {
		m.Begin()
		m.Request(http.MethodPost, "/api/v1/game/speeches/random", 200, 150*time.Microsecond)
	}
}
