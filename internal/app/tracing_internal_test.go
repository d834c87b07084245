package app

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/englishapp/englishctl/internal/azure/azuretest"
	"github.com/englishapp/englishctl/internal/catalog"
)

// collector takes traces by OTLP over HTTP, as protobuf, and keeps them.
type collector struct {
	mu    sync.Mutex
	spans []*tracev1.Span
	keys  []string
	text  string // all that came, for what must not
}

func newCollector(t *testing.T) (*collector, string) {
	t.Helper()
	c := &collector{}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	return c, server.URL
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := gzip.NewReader(r.Body)
	if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, "no OTLP", http.StatusBadRequest)
		return
	}
	content, err := io.ReadAll(body)
	var export collectortrace.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(content, &export)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys = append(c.keys, r.Header.Get("Api-Key"))
	c.text += export.String()
	for _, resource := range export.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
		}
	}
	answer, _ := proto.Marshal(&collectortrace.ExportTraceServiceResponse{})
	w.Header().Set("Content-Type", "application/x-protobuf")
	_, _ = w.Write(answer)
}

// named returns the span of a request by its name.
func (c *collector) named(t *testing.T, name string) *tracev1.Span {
	t.Helper()
	i := slices.IndexFunc(c.spans, func(s *tracev1.Span) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("there is no span %q", name)
	}
	return c.spans[i]
}

// within are the names of the spans of a trace, but for its first.
func (c *collector) within(trace []byte) []string {
	var names []string
	for _, s := range c.spans {
		if bytes.Equal(s.TraceId, trace) && len(s.ParentSpanId) > 0 {
			names = append(names, s.Name)
		}
	}
	return names
}

// TestTraces: a game leaves traces of its requests, with the statements and the provider's call in them, and log lines with
// their ids; and not a word of what was sent.
func TestTraces(t *testing.T) {
	traced, endpoint := newCollector(t)
	fake := azuretest.New(azuretest.Config{})
	c := openClassroom(t, "AZURE_SPEECH_KEY="+azuretest.Key, "AZURE_SPEECH_ENDPOINT="+fake.Serve(t).String(),
		"OTEL_EXPORTER_OTLP_ENDPOINT="+endpoint, "OTEL_EXPORTER_OTLP_HEADERS=api-key=sesame")
	tag, err := c.Catalog.CreateTag(t.Context(), catalog.NewTag{Name: "Gastronomy"})
	if err != nil {
		t.Fatal(err)
	}
	speech := c.addSpeech(t, spokenText, tag.ID)
	for _, step := range []struct {
		method, path string
		body         any
		status       int
	}{
		{"POST", "/auth/login", map[string]any{"email": "ada@example.com", "password": "SecurePass123"}, 200},
		{"POST", "/auth/login", map[string]any{"email": "ada@example.com", "password": "WrongPass123"}, 401},
		{"POST", "/game/speeches/random", map[string]any{"level": "A1", "type": "question", "tags": []uuid.UUID{tag.ID}}, 200},
		{"POST", "/game/sessions", gameOf(speech, ""), 201},
		{"GET", "/game/sessions?from_date=2020-01-01", nil, 200},
		{"GET", "/nothing/ada@example.com?token=sesame", nil, 404},
	} {
		if status, answer := c.send(t, step.method, step.path, c.token, "key-of-ada", step.body); status != step.status {
			t.Fatalf("%s: %d %s, want %d", step.path, status, answer, step.status)
		}
	}
	if status, _, err := c.score(t.Context(), spoken(t), spokenText); err != nil || status != 200 {
		t.Fatal(status, err)
	}
	if err := c.traces.Close(); err != nil {
		t.Fatal(err)
	}

	traced.mu.Lock()
	defer traced.mu.Unlock()
	for name, want := range map[string]string{
		"POST /api/v1/game/sessions": "db INSERT", "GET /api/v1/game/sessions": "db SELECT", "POST /api/v1/speech/score": "score azure",
		"POST /api/v1/auth/login": "db SELECT",
	} {
		root := traced.named(t, name)
		if got := traced.within(root.TraceId); !slices.Contains(got, want) {
			t.Errorf("in the trace of %s there are %v, want %s", name, got, want)
		}
		if id := fmt.Sprintf(`"trace_id":"%x"`, root.TraceId); !strings.Contains(c.log.String(), id) {
			t.Errorf("no line of the log has %s of %s", id, name)
		}
	}
	traced.named(t, "GET unknown")
	for _, secret := range []string{
		"ada@", "SecurePass", "WrongPass", c.token, spokenText, "breakfast", "everything", "key-of-ada", "sesame", "Gastronomy", "Go-http-client",
		speech.String(), c.learner.String(), "from_date", "127.0.0.1:",
	} {
		if strings.Contains(traced.text, secret) {
			t.Errorf("the traces hold %q", secret)
		}
	}
	if len(traced.keys) == 0 || traced.keys[0] != "sesame" {
		t.Errorf("the collector's key: %v", traced.keys)
	}
}

// TestProbesAreNotTraced, and neither is what the daemon does by itself: each would be a trace of its own, every second.
func TestProbesAreNotTraced(t *testing.T) {
	traced, endpoint := newCollector(t)
	c := openClassroom(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+endpoint)
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		c.server.Handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	}
	if _, err := c.Catalog.Tags(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.traces.Close(); err != nil {
		t.Fatal(err)
	}
	traced.mu.Lock()
	defer traced.mu.Unlock()
	for _, s := range traced.spans {
		t.Errorf("there is a span %q", s.Name)
	}
}

// TestACollectorThatIsOut: nobody notices but the operator, who is told once.
func TestACollectorThatIsOut(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	c := openClassroom(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+gone.URL, "OTEL_TRACES_SAMPLER_ARG=1", "RATE_LIMIT_PER_MINUTE=100000")
	for range 2000 { // several exports
		if status, answer := c.send(t, http.MethodGet, "/tags", "", "", nil); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
	}
	if err := c.traces.Close(); err != nil {
		t.Error(err)
	}
	if n := strings.Count(c.log.String(), "traces cannot be sent"); n != 1 {
		t.Errorf("the operator is told %d times", n)
	}
	if n := c.numbers(t)["englishctl_trace_spans_lost_total"]; n < 1000 {
		t.Errorf("%v spans were lost, want more than 1000", n)
	}
}

// sentry takes envelopes as Sentry does, and keeps their events.
type sentry struct {
	events chan map[string]any
	auth   string
}

func (s *sentry) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	s.auth = r.Header.Get("X-Sentry-Auth")
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	// A header, then for each item a header and a body, each a line (develop.sentry.dev, "Envelopes").
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	var item struct{ Type string }
	var event map[string]any
	if r.URL.Path != "/api/7/envelope/" || len(lines) != 3 || json.Unmarshal([]byte(lines[1]), &item) != nil || item.Type != "event" ||
		json.Unmarshal([]byte(lines[2]), &event) != nil {
		event = map[string]any{"unexpected": string(content), "path": r.URL.Path}
	}
	s.events <- event
}

// TestFailuresAreReported: once for each kind, with the ids that lead to the log, and with nothing that was sent.
func TestFailuresAreReported(t *testing.T) {
	project := &sentry{events: make(chan map[string]any, 100)}
	server := httptest.NewServer(project)
	t.Cleanup(server.Close)
	c := openClassroom(t, "SENTRY_DSN="+strings.Replace(server.URL, "://", "://project-key@", 1)+"/7")
	if status, _ := c.send(t, http.MethodGet, "/nothing", c.token, "", nil); status != http.StatusNotFound {
		t.Fatal(status)
	}
	if err := c.db.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if status, answer := c.send(t, http.MethodPost, "/auth/login", c.token, "", map[string]any{"email": "ada@example.com", "password": "SecurePass123"}); status != 503 {
			t.Fatalf("%d %s", status, answer)
		}
	}
	event := <-project.events
	tags, _ := event["tags"].(map[string]any)
	if tags["route"] != "/api/v1/auth/login" || tags["status"] != "503" || tags["method"] != "POST" || event["level"] != "error" {
		t.Errorf("reported: %v", event)
	}
	if id := fmt.Sprintf(`"request_id":"%v"`, tags["request_id"]); !strings.Contains(c.log.String(), id) {
		t.Errorf("the log has no %s", id)
	}
	text, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"ada@", "SecurePass", c.token, "Bearer", "headers", "cookies", "127.0.0.1"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the report holds %q: %s", secret, text)
		}
	}
	c.reports.Close()
	if n := len(project.events); n > 0 {
		t.Errorf("%d more reports: %v", n, <-project.events)
	}
	if !strings.Contains(project.auth, "sentry_key=project-key") {
		t.Errorf("the project's key: %q", project.auth)
	}
}
