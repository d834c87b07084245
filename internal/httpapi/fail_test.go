package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// rejection looks like what the importing service returns for bad rows. Only the service can make a whole one.
type rejection struct {
	error
	rejected importing.Rejected
}

func (e rejection) Unwrap() error { return e.error }

func (e rejection) As(target any) bool {
	out, ok := target.(**importing.Rejected)
	if ok {
		*out = &e.rejected
	}
	return ok
}

func rejected(r importing.Report) error {
	return rejection{fault.Unsuitable("1 of 2 rows are invalid; nothing was imported").WithCode("import_rejected"), importing.Rejected{Report: r}}
}

// TestFail: every kind of error has its status and its code, however deep it is wrapped, and causes stay in the log.
func TestFail(t *testing.T) {
	cause := errors.New("pq: connection refused at /var/lib/secret.go:17")
	for name, tc := range map[string]struct {
		err    error
		status int
		code   string
		log    string // a word of the log line; empty for no line but the access log's
	}{
		"invalid":             {fault.Invalid("name", "is too long"), 400, "invalid", ""},
		"unauthorized":        {fault.Unauthorized("wrong").WithCode("invalid_credentials"), 401, "invalid_credentials", ""},
		"forbidden":           {fault.Forbidden("no"), 403, "forbidden", ""},
		"not found":           {fault.NotFound("no speech"), 404, "not_found", ""},
		"not found with code": {fault.NotFound("none match").WithCode("no_speeches_match"), 404, "no_speeches_match", ""},
		"conflict":            {fault.Conflict("taken").WithCode("email_taken"), 409, "email_taken", ""},
		"too large":           {fault.TooLarge("big"), 413, "too_large", ""},
		"unsuitable":          {fault.Unsuitable("noise"), 422, "unprocessable", ""},
		"unavailable":         {fault.Unavailable("the store does not answer").WithCause(cause), 503, "unavailable", "secret.go:17"},
		"wrapped":             {fmt.Errorf("save: %w", fault.Conflict("taken").WithCause(cause)), 409, "conflict", ""},
		"internal":            {fmt.Errorf("insert session: %w", cause), 500, "internal", "insert session: pq: connection refused"},
		"an unknown kind":     {&fault.Error{Kind: "new", Message: "/var/lib/secret.go"}, 500, "internal", "secret.go"},
		"too slow":            {fmt.Errorf("select: %w", context.DeadlineExceeded), 503, "timeout", "select"},
		"canceled by ourselves, not by the caller": {context.Canceled, 500, "internal", "canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.err = tc.err
			got := w.do(t, request{path: "/users/me", token: learnerToken})
			p := got.problem(t)
			if got.status != tc.status || p.Code != tc.code || p.Title != http.StatusText(tc.status) {
				t.Errorf("status %d, code %q, title %q; want %d, %q", got.status, p.Code, p.Title, tc.status, tc.code)
			}
			if (got.header.Get("Retry-After") != "") != (tc.status == 503) {
				t.Errorf("Retry-After = %q", got.header.Get("Retry-After"))
			}
			failures := strings.Count(w.log.String(), `"request failed"`)
			if want := map[bool]int{true: 0, false: 1}[tc.log == ""]; failures != want || !strings.Contains(w.log.String(), tc.log) {
				t.Errorf("%d lines about the failure, want %d with %q: %s", failures, want, tc.log, w.log)
			}
			if strings.Contains(got.body, "secret") {
				t.Errorf("the cause leaks: %s", got.body)
			}
		})
	}
}

// TestServicesMayFail: whatever a service returns reaches the caller, at every endpoint.
func TestServicesMayFail(t *testing.T) {
	bodies := make(map[string]string)
	for _, e := range jsonEndpoints() {
		bodies[e.method+" "+basePath+e.path] = e.body
	}
	for _, g := range golden {
		method, _, _ := strings.Cut(g.methods, " ")
		path := concrete(g.path)
		if !strings.HasPrefix(path, basePath) || path == basePath+"/openapi.json" {
			continue // these ask no service
		}
		in := request{method: method, path: "/" + path, token: adminToken, body: bodies[method+" "+path]}
		switch {
		case strings.HasSuffix(path, "/audio"):
			in = withForm(t, in, []formPart{{"files", "a.mp3", "A"}})
		case strings.HasSuffix(path, "/csv"), strings.HasSuffix(path, "/plan"):
			in = withForm(t, in, csvForm())
		case strings.HasSuffix(path, "/score"):
			in = scoreRequest(t, "RIFF")
		}
		t.Run(method+" "+g.path, func(t *testing.T) {
			w := newWorld(t)
			w.err = fault.Conflict("not now").WithCode("not_now")
			if p := w.do(t, in).problem(t); p.Status != 409 || p.Code != "not_now" || len(w.calls) != 1 {
				t.Errorf("status %d, code %q, %d calls", p.Status, p.Code, len(w.calls))
			}
		})
	}
	t.Run("logout of all", func(t *testing.T) {
		w := newWorld(t)
		w.err = fault.Unavailable("no database")
		if got := w.do(t, request{method: post, path: "/auth/logout", token: learnerToken, body: `{"all": true}`}); got.status != 503 {
			t.Errorf("status %d", got.status)
		}
	})
}

// TestLinksMayFail: without its recording a speech is of no use, so that no half answer goes out.
func TestLinksMayFail(t *testing.T) {
	for _, in := range []request{
		{method: post, path: "/game/speeches/random", token: learnerToken, body: drawBody},
		{path: sessionPath, token: learnerToken},
		{path: "/admin/speeches", token: adminToken},
		{path: speechPath, token: adminToken},
		{method: post, path: "/admin/speeches", token: adminToken, body: newSpeechBody},
		withForm(t, audioPost, []formPart{{"files", "a.mp3", "A"}}),
	} {
		w := newWorld(t)
		w.linkErr = fault.Unavailable("the audio store does not answer")
		if got := w.do(t, in); got.status != 503 {
			t.Errorf("%s: status %d: %s", in.path, got.status, got.body)
		}
	}
}

// TestDetailWithoutSpeech: history keeps its speeches; one that lacks them is a broken promise, not an empty text.
func TestDetailWithoutSpeech(t *testing.T) {
	w := newWorld(t)
	w.detail.Speeches = nil
	if got := w.do(t, request{path: sessionPath, token: learnerToken}); got.status != 500 {
		t.Errorf("status %d: %s", got.status, got.body)
	}
}

func TestIdempotencyKeyTwice(t *testing.T) {
	for _, path := range []string{"/game/sessions", "/game/sessions/batch"} {
		w := newWorld(t)
		r := request{method: post, path: path, token: learnerToken, body: sessionBody, header: map[string]string{"Idempotency-Key": "a"}}.build(t)
		r.Header.Add("Idempotency-Key", "b")
		if got := serve(t, w.handler, r); got.status != 400 || got.problem(t).Errors[0].Field != "Idempotency-Key" {
			t.Errorf("%s: status %d: %s", path, got.status, got.body)
		}
	}
}

func TestProblemOfInvalid(t *testing.T) {
	var c fault.Check
	c.Addf("email", "is not an address")
	c.Addf("results[2].speech_id", "is required")
	w := newWorld(t)
	w.err = c.Err()
	sameJSON(t, w.do(t, request{path: "/tags"}).body, `{"type": "about:blank", "title": "Bad Request", "status": 400, "code": "invalid", "request_id": "request-1",
		"detail": "email: is not an address; results[2].speech_id: is required",
		"errors": [{"field": "email", "message": "is not an address"}, {"field": "results[2].speech_id", "message": "is required"}]}`)

	for range 5 {
		c.Addf("x", "y")
	}
	w.err = c.Err()
	want := "email: is not an address; results[2].speech_id: is required; x: y; x: y; x: y; and more (see errors)"
	if got := w.do(t, request{path: "/tags"}).problem(t); got.Detail != want || len(got.Errors) != 7 {
		t.Errorf("detail = %q with %d errors", got.Detail, len(got.Errors))
	}
}

func TestPanic(t *testing.T) {
	w := newWorld(t)
	w.before = func() { panic("boom /etc/passwd") }
	got := w.do(t, request{path: "/users/me", token: learnerToken})
	if p := got.problem(t); got.status != 500 || p.Code != "internal" || strings.Contains(got.body, "boom") {
		t.Errorf("status %d: %s", got.status, got.body)
	}
	for _, word := range []string{"boom /etc/passwd", "fail_test.go", `"status":500`, learnerID.String()} {
		if !strings.Contains(w.log.String(), word) {
			t.Errorf("the log lacks %q: %s", word, w.log)
		}
	}
	w.before = nil
	if got := w.do(t, request{path: "/users/me", token: learnerToken}); got.status != 200 {
		t.Errorf("the next request: status %d", got.status)
	}
}

// TestCutConnections: half an answer must not look like a whole one, so the connection is cut; net/http does that
// when a handler panics with ErrAbortHandler.
func TestCutConnections(t *testing.T) {
	for name, tc := range map[string]struct {
		written string
		value   any
	}{
		"a panic in the middle":     {"half", "boom"},
		"an abort in the middle":    {"half", http.ErrAbortHandler},
		"an abort before any of it": {"", http.ErrAbortHandler},
	} {
		t.Run(name, func(t *testing.T) {
			a := New(Deps{}, Config{Log: newLogger(t)})
			broken := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if tc.written != "" {
					_, _ = io.WriteString(w, tc.written)
				}
				panic(tc.value)
			})
			defer func() {
				if got := recover(); got != http.ErrAbortHandler { //nolint:errorlint // a panic value
					t.Errorf("recovered %v, want http.ErrAbortHandler", got)
				}
			}()
			send(t, a.middleware(broken), request{path: "/tags"})
		})
	}
}

// TestCallerHangsUp: nobody is left to be told, and it is no failure of ours.
func TestCallerHangsUp(t *testing.T) {
	for name, err := range map[string]error{
		"internal":    fmt.Errorf("select: %w", context.Canceled),
		"unavailable": fault.Unavailable("the database does not answer").WithCause(context.Canceled),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ctx, hangUp := context.WithCancel(t.Context())
			w.before, w.err = hangUp, err
			got := serve(t, w.handler, request{path: "/users/me", token: learnerToken}.build(t).WithContext(ctx))
			if got.status != statusClientClosedRequest || got.body != "" {
				t.Errorf("status %d: %s", got.status, got.body)
			}
			if log := w.log.String(); strings.Contains(log, "ERROR") || strings.Contains(log, "WARN") || !strings.Contains(log, `"status":499`) {
				t.Errorf("log: %s", log)
			}
		})
	}
	t.Run("what was decided before still counts", func(t *testing.T) {
		w := newWorld(t)
		ctx, hangUp := context.WithCancel(t.Context())
		w.before, w.err = hangUp, fault.NotFound("no such thing")
		if got := serve(t, w.handler, request{path: "/tags"}.build(t).WithContext(ctx)); got.status != 404 {
			t.Errorf("status %d", got.status)
		}
	})
}

// TestSlowService: the route's own deadline becomes a 503 that invites another try.
func TestSlowService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		r := request{path: "/slow"}.build(t)
		slow := w.api(t).public(func(_ http.ResponseWriter, r *http.Request) error {
			<-r.Context().Done()
			return fmt.Errorf("select: %w", r.Context().Err())
		})
		start := time.Now()
		got := serve(t, w.api(t).middleware(slow), r)
		if p := got.problem(t); got.status != 503 || p.Code != "timeout" || time.Since(start) != usualTime {
			t.Errorf("status %d after %s: %s", got.status, time.Since(start), got.body)
		}
	})
}
