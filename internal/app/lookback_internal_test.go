package app

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/statistics"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// lively is a dashboard with something of everything.
func lively() *statistics.Dashboard {
	average, seconds := 41.5, 95.5
	sentence := statistics.Sentence{Average: &average, Incorrect: 3}
	return &statistics.Dashboard{
		RefreshedAt: time.Unix(1_700_000_000, 0), LearnersToday: 2, LearnersWeek: 3, LearnersMonth: 4, NewUsers: 5, Sessions: 6, AverageSeconds: &seconds,
		Days:          []statistics.Day{{Sessions: 5}, {Sessions: 1, NewUsers: 1}},
		Scores:        []statistics.Scores{{Source: "azure", Average: 41.5, Buckets: []int{0, 0, 0, 0, 8, 0, 0, 0, 0, 0}}},
		Hardest:       []statistics.Hardest{{Source: "azure", Sentences: []statistics.Sentence{sentence}}},
		MostIncorrect: []statistics.Sentence{sentence},
		Speeches:      []catalog.SpeechCount{{Level: "A1", Type: "question", Speeches: 7}},
		Endpoints:     []statistics.Endpoint{{Method: "POST", Route: "/score", ClientErrors: 2, ServerErrors: 1}},
	}
}

// TestGauges: the metrics say what the dashboard says, and nothing before there is something to say.
func TestGauges(t *testing.T) {
	l := &lookedBack{}
	if got := l.gauges(); got != nil {
		t.Errorf("before the first look: %v", got)
	}
	l.last.Store(lively())
	m := telemetry.NewMetrics()
	m.Gauges(l.gauges)
	answer := httptest.NewRecorder()
	m.Handler(slog.New(slog.NewTextHandler(t.Output(), nil))).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	const nobody = "00000000-0000-0000-0000-000000000000"
	for _, want := range []string{
		`learners_active{days="1"} 2`, `learners_active{days="7"} 3`, `learners_active{days="30"} 4`, `users_new{days="1"} 1`, `users_new{days="30"} 5`,
		`sessions_completed{days="1"} 1`, `sessions_completed{days="30"} 6`, `session_duration_average_seconds{days="30"} 95.5`,
		`score_average{source="azure"} 41.5`, `score_results{from="40",source="azure"} 8`, `hardest_speech_score{source="azure",speech_id="` + nobody + `"} 41.5`,
		`most_incorrect_speech_answers{speech_id="` + nobody + `"} 3`, `endpoint_errors{kind="client",method="POST",route="/score"} 2`,
		`endpoint_errors{kind="server",method="POST",route="/score"} 1`, `statistics_refreshed_timestamp_seconds 1.7e+09`,
	} {
		if !strings.Contains(answer.Body.String(), "\nenglishctl_"+want+"\n") {
			t.Errorf("there is no %s in\n%s", want, answer.Body)
		}
	}
	if strings.Contains(answer.Body.String(), `session_duration_average_seconds{days="1"}`) {
		t.Error("a day without games has an average")
	}
}

// TestLookingBack: a turn of a daemon brings the roll-ups up to date, stores the requests and feeds the gauges.
func TestLookingBack(t *testing.T) {
	data := t.TempDir()
	cfg, _, err := config.Load(config.Options{Environ: []string{"DATA_DIR=" + data}, Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(t.Context(), cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	d := &Daemon{App: a, counted: telemetry.NewMetrics()}
	counters{d.counted, &d.lookedBack.requests}.Request("BREW", "/tea", 418, time.Second)

	d.refreshStatistics(t.Context())

	read := d.lookedBack.last.Load()
	if read == nil || read.RefreshedAt.IsZero() || read.Pending != 0 || len(read.Endpoints) != 1 || read.Endpoints[0].Method != "other" {
		t.Errorf("it has read %+v", read)
	}
}
