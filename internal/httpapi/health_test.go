package httpapi

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestReady(t *testing.T) {
	fine := Check{Name: "database", Probe: func(context.Context) error { return nil }}
	for name, tc := range map[string]struct {
		checks []Check
		status int
		want   string
		log    string
	}{
		"nothing to ask": {nil, 200, `{"status": "ready", "checks": {}}`, ""},
		"all is well":    {[]Check{fine}, 200, `{"status": "ready", "checks": {"database": "ok"}}`, ""},
		"one fails": {
			[]Check{fine, {Name: "audio", Probe: func(context.Context) error { return errors.New("dial s3.internal: refused") }}},
			503, `{"status": "not_ready", "checks": {"database": "ok", "audio": "failed"}}`, "dial s3.internal: refused",
		},
		"one fails that is not needed": {
			[]Check{fine, {Name: "cache", Optional: true, Probe: func(context.Context) error { return errors.New("refused") }}},
			200, `{"status": "ready", "checks": {"database": "ok", "cache": "failed"}}`, "refused",
		},
		"one panics": {
			[]Check{fine, {Name: "cache", Probe: func(context.Context) error { panic("boom") }}},
			503, `{"status": "not_ready", "checks": {"database": "ok", "cache": "failed"}}`, "boom",
		},
		"one runs into the deadline": {
			[]Check{fine, {Name: "cache", Probe: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}},
			503, `{"status": "not_ready", "checks": {"database": "ok", "cache": "timeout"}}`, "cache",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, tc.checks...)
				got := w.do(t, request{path: "//readyz"})
				if got.status != tc.status || strings.Contains(got.body, "s3.internal") {
					t.Errorf("status %d: %s", got.status, got.body)
				}
				sameJSON(t, got.body, tc.want)
				if !strings.Contains(w.log.String(), tc.log) {
					t.Errorf("the log lacks %q: %s", tc.log, w.log)
				}
			})
		})
	}
}

// TestReadyDoesNotWaitForEver, not even for a check that ignores its context; and the checks run side by side.
func TestReadyDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		stuck := func(context.Context) error { <-release; return nil }
		w := newWorld(t, Check{Name: "a", Probe: stuck}, Check{Name: "b", Probe: stuck}, Check{Name: "c", Probe: func(context.Context) error { return nil }})
		start := time.Now()
		got := w.do(t, request{path: "//readyz"})
		if took := time.Since(start); got.status != 503 || took != readyTime {
			t.Errorf("status %d after %s", got.status, took)
		}
		sameJSON(t, got.body, `{"status": "not_ready", "checks": {"a": "timeout", "b": "timeout", "c": "ok"}}`)
		close(release)
	})
}

// TestReadyWithoutWhatAllShare: what is excluded is not asked, and what there is not cannot be excluded.
func TestReadyWithoutWhatAllShare(t *testing.T) {
	gone := func(context.Context) error { return errors.New("gone") }
	w := newWorld(t, Check{Name: "audio", Probe: gone}, Check{Name: "catalogue", Probe: func(context.Context) error { return nil }}, Check{Name: "database", Probe: gone})
	for query, want := range map[string]struct {
		status int
		body   string
	}{
		"?exclude=audio&exclude=database": {200, `{"status": "ready", "checks": {"catalogue": "ok"}}`},
		"?exclude=audio":                  {503, `{"status": "not_ready", "checks": {"catalogue": "ok", "database": "failed"}}`},
	} {
		got := w.do(t, request{path: "//readyz" + query})
		if got.status != want.status {
			t.Errorf("%s: status %d, want %d", query, got.status, want.status)
		}
		sameJSON(t, got.body, want.body)
	}
	if got := w.do(t, request{path: "//readyz?exclude=databse"}); got.status != 400 || !strings.Contains(got.body, "audio, catalogue, database") {
		t.Errorf("a misspelt check: status %d: %s", got.status, got.body)
	}
	w.rest.Drain()
	if got := w.do(t, request{path: "//readyz?exclude=audio&exclude=catalogue&exclude=database"}); got.status != 503 {
		t.Errorf("a daemon that is told to stop: status %d", got.status)
	}
}

func TestHealthyWhateverIsBroken(t *testing.T) {
	w := newWorld(t, Check{Name: "database", Probe: func(context.Context) error { return errors.New("gone") }})
	got := w.do(t, request{path: "//healthz"})
	sameJSON(t, got.body, `{"status": "ok"}`)
	if got.status != 200 {
		t.Errorf("status %d", got.status)
	}
}

// TestDrain: a daemon that sends everybody elsewhere is not ready, whatever its checks say, but alive, and answers as ever, with the
// connection's last answer.
func TestDrain(t *testing.T) {
	w := newWorld(t, Check{Name: "database", Probe: func(context.Context) error { return nil }})
	w.rest.Drain()
	got := w.do(t, request{path: "//readyz"})
	sameJSON(t, got.body, `{"status": "not_ready", "checks": {"running": "failed"}}`)
	if got.status != 503 {
		t.Errorf("/readyz: status %d", got.status)
	}
	for _, path := range []string{"//healthz", "/tags", "/nowhere"} {
		if got := w.do(t, request{path: path}); got.status >= 500 || got.header.Get("Connection") != "close" {
			t.Errorf("%s: status %d, Connection %q", path, got.status, got.header.Get("Connection"))
		}
	}
}
