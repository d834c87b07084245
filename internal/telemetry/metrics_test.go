package telemetry_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
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
	m.Request(http.MethodGet, "/api/v1/tags", 200, 150*time.Millisecond)
	m.Request(http.MethodGet, "/api/v1/tags", 200, 3*time.Minute)
	m.Request("PROPFIND", "unknown", 405, time.Millisecond)
	m.Request("MKCOL", "unknown", 405, time.Millisecond)
	var letters uint64 = 7
	waiting := 2.5
	m.Counter("letters_total", "Letters.", func() uint64 { return letters })
	m.Gauge("letters_waiting", "Letters that wait.", func() float64 { return waiting })
	first := scrape(t, m)
	letters, waiting = 8, 0
	second := scrape(t, m)
	for _, tt := range []struct{ rule, text, want string }{
		{"below a bound", first, `englishctl_http_request_duration_seconds_bucket{method="GET",route="/api/v1/tags",status="200",le="0.1"} 0`},
		{"within a bound", first, `englishctl_http_request_duration_seconds_bucket{method="GET",route="/api/v1/tags",status="200",le="0.2"} 1`},
		{"beyond all bounds", first, `englishctl_http_request_duration_seconds_count{method="GET",route="/api/v1/tags",status="200"} 2`},
		{"methods of strangers are one", first, `englishctl_http_request_duration_seconds_count{method="other",route="unknown",status="405"} 2`},
		{"a counter", first, "\nenglishctl_letters_total 7\n"},
		{"a gauge", first, "\nenglishctl_letters_waiting 2.5\n"},
		{"a counter is read anew", second, "\nenglishctl_letters_total 8\n"},
		{"a gauge is read anew", second, "\nenglishctl_letters_waiting 0\n"},
		{"the version", first, `englishctl_build_info{go="` + telemetry.Version().Go + `",version="` + telemetry.Version().Version + `"} 1`},
		{"the process", first, "\nprocess_resident_memory_bytes "},
	} {
		if !strings.Contains(tt.text, tt.want) {
			t.Errorf("%s: no %q in\n%s", tt.rule, tt.want, tt.text)
		}
	}
}
