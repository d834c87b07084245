package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
)

// Secrets that no error may show.
const (
	oldAccess = "old-access-token"
	newAccess = "new-access-token"
	refresh   = "refresh-token"
	password  = "SecurePass123"
)

// daemon is a server that answers as the test says, and notes what it was asked.
type daemon struct {
	*httptest.Server
	t      *testing.T
	mu     sync.Mutex
	asked  []asked
	waited []time.Duration
	kept   []string
}

// asked is a request as it came.
type asked struct {
	What          string // "GET /admin/tags?x=1"
	Authorization string
	Body          string
}

// newDaemon starts a daemon whose answers to all but the log of requests come from answer.
func newDaemon(t *testing.T, answer http.HandlerFunc) *daemon {
	t.Helper()
	d := &daemon{t: t}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what breaks off is the client's business
		d.mu.Lock()
		d.asked = append(d.asked, asked{
			r.Method + " " + strings.TrimPrefix(r.URL.RequestURI(), basePath), r.Header.Get("Authorization"), string(body),
		})
		d.mu.Unlock()
		if agent := r.Header.Get("User-Agent"); agent != "englishctl/1.2.3" {
			t.Errorf("User-Agent = %q", agent)
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		answer(w, r)
	}))
	t.Cleanup(d.Close)
	return d
}

// services are those of the daemon, for somebody who is signed in, and who does not really wait.
func (d *daemon) services() *Services {
	d.t.Helper()
	s := New(Config{
		Server: d.URL, Agent: "englishctl/1.2.3", Access: oldAccess, Refresh: refresh,
		Files: importing.NewFiles(importing.FilesConfig{Sniff: func([]byte) (string, string, error) { return ".mp3", "audio/mpeg", nil }}),
		Keep: func(access string) error {
			d.kept = append(d.kept, access)
			return nil
		},
	})
	s.client.wait = func(ctx context.Context, pause time.Duration) error {
		d.waited = append(d.waited, pause)
		return ctx.Err()
	}
	d.t.Cleanup(func() { _ = s.Close() })
	return s
}

// requests are what was asked, in short.
func (d *daemon) requests() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var what []string
	for _, a := range d.asked {
		what = append(what, a.What)
	}
	return what
}

// mustBeDiscreet demands that an error shows no secret.
func mustBeDiscreet(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, secret := range []string{oldAccess, newAccess, refresh, password, "Bearer"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error shows %q: %v", secret, err)
		}
	}
}

// answerJSON sends v.
func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// sendProblem sends a problem.
func sendProblem(w http.ResponseWriter, status int, code, detail string) {
	w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"type": "about:blank", "title": %q, "status": %d, "detail": %q, "code": %q, "request_id": "r-1"}`,
		http.StatusText(status), status, detail, code)
}

// noTags is the emptiest good answer of GET /admin/tags.
func noTags(w http.ResponseWriter) { answerJSON(w, 200, map[string]any{"tags": []any{}}) }

func catalogTag(name string) catalog.NewTag { return catalog.NewTag{Name: name} }

func catalogTags(name string) []catalog.NewTag { return []catalog.NewTag{catalogTag(name)} }
