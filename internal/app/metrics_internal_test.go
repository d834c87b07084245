package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/azure/azuretest"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/pronunciation"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// numbers are the lines of the page of metrics, by name and labels.
func (c *classroom) numbers(t testing.TB) map[string]float64 {
	t.Helper()
	answer := httptest.NewRecorder()
	c.counted.Handler(c.App.log).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	found := make(map[string]float64)
	for line := range strings.Lines(answer.Body.String()) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		space := strings.LastIndexByte(line, ' ')
		number, err := strconv.ParseFloat(line[space+1:], 64)
		if err != nil {
			t.Fatalf("%q is no line of metrics", line)
		}
		found[line[:space]] = number
	}
	return found
}

func (c *classroom) wantNumbers(t *testing.T, want map[string]float64) {
	t.Helper()
	got := c.numbers(t)
	for name, value := range want {
		if number, there := got["englishctl_"+name]; !there || number != value {
			t.Errorf("%s = %v (there: %v), want %v", name, number, there, value)
		}
	}
}

// TestWhatLearnersDoIsCounted: coming in, being scored, playing. What is refused or sent again is no game.
func TestWhatLearnersDoIsCounted(t *testing.T) {
	fake := azuretest.New(azuretest.Config{})
	c := openClassroom(t, "AZURE_SPEECH_KEY="+azuretest.Key, "AZURE_SPEECH_ENDPOINT="+fake.Serve(t).String())
	tag, err := c.Catalog.CreateTag(t.Context(), catalog.NewTag{Name: "Food"})
	if err != nil {
		t.Fatal(err)
	}
	speech := c.addSpeech(t, spokenText, tag.ID)
	ben := map[string]any{"email": "ben@example.com", "password": "SecurePass123", "name": "Ben"}
	game := gameOf(speech, "")
	draw := map[string]any{"level": "A1", "type": "question", "tags": []uuid.UUID{tag.ID}}
	for _, step := range []struct {
		path, key string
		body      any
		status    int
	}{
		{"/auth/register", "", ben, 201},
		{"/auth/register", "", ben, 409},
		{"/auth/login", "", ben, 200},
		{"/auth/login", "", map[string]any{"email": "ben@example.com", "password": "WrongPass123"}, 401},
		{"/auth/social", "", map[string]any{"provider": "invented", "token": "x"}, 400},
		{"/game/speeches/random", "", draw, 200},
		{"/game/speeches/random", "", draw, 200},
		{"/game/sessions", "k", game, 201},
		{"/game/sessions", "k", game, 201}, // the same one
		{"/game/sessions", "", gameOf(uuid.New(), ""), 404},
	} {
		if status, answer := c.send(t, http.MethodPost, step.path, c.token, step.key, step.body); status != step.status {
			t.Fatalf("%s: %d %s, want %d", step.path, status, answer, step.status)
		}
	}
	fake.Next(azuretest.Fault{Status: 503}, azuretest.Fault{})
	for range 2 { // the second one is remembered
		if status, got, err := c.score(t.Context(), spoken(t), spokenText); err != nil || status != 200 {
			t.Fatalf("%d %+v, %v", status, got, err)
		}
	}
	c.wantNumbers(t, map[string]float64{
		`registrations_total{provider="password"}`:                                                            1,
		`sign_ins_total{provider="password",result="ok"}`:                                                     1,
		`sign_ins_total{provider="password",result="unauthorized"}`:                                           1,
		`sign_ins_total{provider="social",result="invalid"}`:                                                  1,
		`sessions_saved_total{mode="listen_and_repeat"}`:                                                      1,
		`session_results_total{mode="listen_and_repeat"}`:                                                     1,
		`session_duration_seconds_sum{mode="listen_and_repeat"}`:                                              9,
		`session_score_points_count`:                                                                          1,
		`pronunciation_score_points_count{provider="azure"}`:                                                  2,
		`scoring_call_duration_seconds_count{provider="azure",result="broken"}`:                               1,
		`scoring_call_duration_seconds_count{provider="azure",result="ok"}`:                                   1,
		`cache_lookups_total{cache="scores",result="miss"}`:                                                   1,
		`cache_lookups_total{cache="scores",result="hit"}`:                                                    1,
		`cache_lookups_total{cache="roles",result="miss"}`:                                                    1,
		`http_errors_total{method="POST",route="/api/v1/auth/login",status="401"}`:                            1,
		`http_errors_total{method="POST",route="/api/v1/game/sessions",status="404"}`:                         1,
		`http_requests_in_flight`:                                                                             0,
		`http_request_duration_seconds_count{class="2xx",method="POST",route="/api/v1/game/speeches/random"}`: 2,
	})
	if got := c.numbers(t); got[`go_sql_open_connections{db_name="write"}`] < 1 || got[`go_sql_max_open_connections{db_name="read"}`] != 30 {
		t.Errorf("the pools are not counted: %v, %v", got[`go_sql_open_connections{db_name="write"}`], got[`go_sql_max_open_connections{db_name="read"}`])
	}
}

// TestImportsAreCounted: with what became of their rows.
func TestImportsAreCounted(t *testing.T) {
	c := openClassroom(t)
	c.counted = telemetry.NewMetrics() // the daemon has taken the names on its own
	imports := newCountedImports(c.Imports, c.counted)
	if _, err := imports.ImportCSV(t.Context(), importing.Request{SessionID: uuid.New(), Content: strings.NewReader("x")}); !fault.Is(err, fault.KindNotFound) {
		t.Fatalf("an import without uploads: %v", err)
	}
	if _, err := imports.ImportSheet(t.Context(), uuid.New(), importing.Abort, nil); !fault.Is(err, fault.KindNotFound) {
		t.Fatalf("an import in the panel without uploads: %v", err)
	}
	c.wantNumbers(t, map[string]float64{ // before the first failure, or else that would be no growth
		`imports_total{result="unavailable"}`: 0, `imports_total{result="timed_out"}`: 0, `imports_total{result="failed"}`: 0,
	})
	imports.count(importing.Report{SuccessCount: 7, UnchangedCount: 2, ErrorCount: 1}, nil)
	imports.count(importing.Report{}, fmt.Errorf("import: %w", &importing.Rejected{Report: importing.Report{ErrorCount: 5}}))
	if _, err := imports.Undo(t.Context(), uuid.New()); err == nil {
		t.Fatal("a batch that is not there was undone")
	}
	c.wantNumbers(t, map[string]float64{
		`imports_total{result="not_found"}`:      2,
		`imports_total{result="ok"}`:             1,
		`imports_total{result="rejected"}`:       1,
		`import_rows_total{outcome="created"}`:   7,
		`import_rows_total{outcome="unchanged"}`: 2,
		`import_rows_total{outcome="rejected"}`:  6,
	})
}

// TestStorageIsWatched: each operation under its name, with how it ended.
func TestStorageIsWatched(t *testing.T) {
	c := openClassroom(t)
	ctx := t.Context()
	before := c.numbers(t)
	if _, err := c.recordings.Put(ctx, "audio/a1/x.mp3", strings.NewReader("sound"), "audio/mpeg"); err != nil {
		t.Fatal(err)
	}
	if err := c.recordings.Copy(ctx, "audio/a1/x.mp3", "audio/a1/y.mp3"); err != nil {
		t.Fatal(err)
	}
	if content, err := c.recordings.Read(ctx, "audio/a1/y.mp3"); err != nil || content.Close() != nil {
		t.Fatal(err)
	}
	if there, err := c.recordings.Exists(ctx, "audio/a1/z.mp3"); there || err != nil {
		t.Fatal(there, err)
	}
	if err := c.recordings.Delete(ctx, "audio/a1/y.mp3"); err != nil {
		t.Fatal(err)
	}
	for _, prefix := range []string{"audio/a1/", "audio/none/"} {
		for _, err := range c.recordings.List(ctx, prefix) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	after := c.numbers(t)
	for labels, want := range map[string]float64{
		`operation="put",result="ok"`: 1, `operation="copy",result="ok"`: 1, `operation="open",result="ok"`: 1,
		`operation="open",result="not_found"`: 1, `operation="delete",result="ok"`: 1,
	} {
		name := "englishctl_storage_call_duration_seconds_count{" + labels + "}"
		if got := after[name] - before[name]; got != want {
			t.Errorf("%s: %v more, want %v", labels, got, want)
		}
	}
	lists := "englishctl_storage_call_duration_seconds_count{operation=\"list\",result=\"ok\"}"
	if got := after[lists] - before[lists]; got < 2 { // the daemon's own sweep lists, too
		t.Errorf("%v listings, want 2", got)
	}
}

func TestResultOf(t *testing.T) {
	for want, err := range map[string]error{
		"ok":          nil,
		"cancelled":   fmt.Errorf("read: %w", context.Canceled),
		"timed_out":   fmt.Errorf("read: %w", context.DeadlineExceeded),
		"throttled":   &pronunciation.Failure{Reason: pronunciation.Throttled, Cause: io.EOF},
		"unavailable": fault.Unavailable("no answer"),
		"failed":      errors.New("no idea"),
	} {
		if got := resultOf(err); got != want {
			t.Errorf("resultOf(%v) = %q, want %q", err, got, want)
		}
	}
	if got := pronunciation.Reason(99).String(); got != "unknown" {
		t.Errorf("a reason that there is not: %q", got)
	}
}

// TestStrangersFillNoMemory: whatever paths and methods they make up, they are two lines of each kind at most.
func TestStrangersFillNoMemory(t *testing.T) {
	c := openClassroom(t)
	series := func() (n int) {
		for name := range c.numbers(t) {
			if strings.HasPrefix(name, "englishctl_http_") {
				n++
			}
		}
		return n
	}
	visit := func(method, path string) {
		req := httptest.NewRequestWithContext(t.Context(), method, path, nil)
		c.server.Handler.ServeHTTP(httptest.NewRecorder(), req)
	}
	visit("GET", "/api/v1/nothing")
	visit("BREW", "/api/v1/nothing")
	visit("GET", "/api/v1/admin/speeches/"+uuid.NewString())
	before := series()
	for i := range 200 {
		visit("GET", fmt.Sprint("/api/v1/nothing/", i))
		visit(fmt.Sprint("BREW", i), fmt.Sprint("/coffee/", i))
		visit("GET", "/api/v1/admin/speeches/"+uuid.NewString())
	}
	// 429 comes in as a third status beside 404 and 401.
	if grown := series() - before; grown > 4 {
		t.Errorf("%d new lines after 600 requests of a stranger", grown)
	}
}

// TestProfilesAreNotPublic: on the listener of METRICS_ADDR only, which has nothing else but the metrics.
func TestProfilesAreNotPublic(t *testing.T) {
	c := openClassroom(t, "METRICS_ADDR=127.0.0.1:0")
	private := "http://" + c.metricsListener.Addr().String()
	for _, tt := range []struct {
		address string
		status  int
		says    string
	}{
		{c.address + "/debug/pprof/", 404, "unknown_path"},
		{c.address + "/debug/pprof/heap", 404, "unknown_path"},
		{c.address + "/debug/pprof/cmdline", 404, "unknown_path"},
		{c.address + "/metrics", 404, "unknown_path"},
		{private + "/metrics", 200, "englishctl_build_info"},
		{private + "/debug/pprof/", 200, "goroutine"},
		{private + "/debug/pprof/goroutine?debug=1", 200, "goroutine profile"},
		{private + "/debug/pprof/profile?seconds=1", 200, ""},
		{private + "/api/v1/tags", 404, ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.address, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != tt.status || !strings.Contains(string(body), tt.says) {
			t.Errorf("%s: %d %.200s, %v; want %d with %q", tt.address, resp.StatusCode, body, err, tt.status, tt.says)
		}
	}
}

// everyMetric is the names of all metrics of a daemon that uses everything it can.
func everyMetric(t *testing.T) []string {
	t.Helper()
	names := openClassroom(t, "REDIS_URL=redis://127.0.0.1:1/0", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1",
		"REQUEST_SIGNING_SECRET=a-signing-secret-of-this-test").counted.Names()
	var l lookedBack
	l.last.Store(lively())
	for _, gauge := range l.gauges() {
		names = append(names, "englishctl_"+gauge.Name)
	}
	return names
}

var ourMetric = regexp.MustCompile(`\b(englishctl|go_sql)_[a-z0-9_]+\b`)

// TestMetricsAreDocumented: operations.md has all of ours, and no other.
func TestMetricsAreDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## Metrics\n")
	if !found {
		t.Fatal("operations.md has no section about metrics")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	documented := ourMetric.FindAllString(section, -1)
	var exported []string
	for _, name := range everyMetric(t) {
		if ourMetric.MatchString(name) {
			exported = append(exported, name)
			if !slices.Contains(documented, name) {
				t.Errorf("%s is not in docs/operations.md", name)
			}
		}
	}
	for _, name := range documented {
		if !slices.Contains(exported, name) {
			t.Errorf("docs/operations.md tells of %s, which the daemon does not have", name)
		}
	}
}
