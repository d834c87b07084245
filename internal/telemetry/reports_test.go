package telemetry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// newProject returns reports to a stand-in for Sentry, what it has been sent, and a function that lets time pass.
func newProject(t *testing.T) (r *Reports, sent chan string, pass func(time.Duration)) {
	t.Helper()
	sent = make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		sent <- string(content)
	}))
	t.Cleanup(server.Close)
	now := time.Unix(1_800_000_000, 0)
	r, err := NewReports(strings.Replace(server.URL, "://", "://key@", 1)+"/1", func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r, sent, func(d time.Duration) { now = now.Add(d) }
}

// explode panics where its stack can be seen.
func explode(report func(any)) {
	defer func() { report(recover()) }()
	panic("no speech for ada@example.com")
}

func TestAPanicSaysWhereItHappened(t *testing.T) {
	r, sent, _ := newProject(t)
	ctx := WithUserID(WithRequestID(t.Context(), "request-1"), "user-1")
	explode(func(value any) {
		r.Report(ctx, Failure{Method: "GET", Route: "/api/v1/tags", Status: 500, Code: "panic", Panic: value})
	})
	lines := strings.Split(<-sent, "\n")
	var event struct {
		Tags      map[string]string
		User      map[string]string
		Exception []struct {
			Type, Value string
			Stacktrace  struct{ Frames []struct{ Function string } }
		}
	}
	if err := json.Unmarshal([]byte(lines[2]), &event); err != nil {
		t.Fatal(err)
	}
	if len(event.Exception) != 1 || event.Exception[0].Type != "panic" || event.Exception[0].Value != "no speech for "+masked {
		t.Errorf("exception: %+v", event.Exception)
	}
	if !strings.Contains(lines[2], `"explode"`) {
		t.Errorf("the stack does not show where it happened: %s", lines[2])
	}
	if event.Tags["request_id"] != "request-1" || event.User["id"] != "user-1" || len(event.User) != 1 {
		t.Errorf("tags %v, user %v", event.Tags, event.User)
	}
}

func TestAnOutageIsOneReportAMinute(t *testing.T) {
	r, sent, pass := newProject(t)
	report := func(route string) {
		r.Report(t.Context(), Failure{Method: "GET", Route: route, Status: 503, Code: "database_unavailable", Err: fmt.Errorf("read: %w", io.EOF)})
	}
	for range 100 {
		report("/a")
	}
	report("/b")
	pass(time.Minute)
	report("/a")
	r.Close()
	if n := len(sent); n != 3 {
		t.Errorf("%d reports, want 3", n)
	}
}

func TestScrubbed(t *testing.T) {
	for text, want := range map[string]string{
		"insert ada@example.com: refused":                       "insert " + masked + ": refused",
		`pq: invalid input syntax for type uuid: "my sentence"`: `pq: invalid input syntax for type uuid: "…"`,
		"dial postgres://app:secret@db:5432/x: refused":         "dial postgres://" + "app:" + masked + "@db:5432/x: refused",
		"token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc is bad": "token " + masked + " is bad",
		"dial tcp 10.0.0.1:5432: connection refused":            "dial tcp 10.0.0.1:5432: connection refused",
	} {
		got := scrubbed(text)
		if strings.Contains(text, "postgres://") { // what is left of an address is masked, too
			if strings.Contains(got, "secret") {
				t.Errorf("scrubbed(%q) = %q", text, got)
			}
			continue
		}
		if got != want {
			t.Errorf("scrubbed(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestNobodyIsTold(t *testing.T) {
	var nobody *Reports
	nobody.Report(context.Background(), Failure{Err: io.EOF})
	nobody.Close()
	var none *Traces
	ctx, end := none.Start(t.Context(), "nothing")
	end("ok")
	none.Route(ctx, "GET", "/")
	if none.Lost() != 0 || none.Sent() != 0 || none.Close() != nil {
		t.Error("traces that are not there have something to say")
	}
}

func TestABadDSNIsNotQuoted(t *testing.T) {
	if _, err := NewReports("https://sesame@", time.Now); err == nil || strings.Contains(err.Error(), "sesame") {
		t.Errorf("error: %v", err)
	}
}

func TestTypeOfTheInnermost(t *testing.T) {
	if got := typeOf(Failure{Err: fmt.Errorf("a: %w", errors.New("b"))}); got != "*errors.errorString" {
		t.Errorf("typeOf = %q", got)
	}
}
