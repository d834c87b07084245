package remote

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

// TestExpiredToken: a new one is asked for once, kept, and the request repeated.
func TestExpiredToken(t *testing.T) {
	for _, code := range []string{"token_expired", "invalid_token"} {
		t.Run(code, func(t *testing.T) {
			d := newDaemon(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case strings.HasSuffix(r.URL.Path, "/auth/refresh"):
					answerJSON(w, 200, map[string]any{"access_token": newAccess, "token_type": "Bearer"})
				case r.Header.Get("Authorization") == "Bearer "+newAccess:
					w.WriteHeader(204)
				default:
					sendProblem(w, 401, code, "the token has expired")
				}
			})
			s := d.services()
			for range 2 { // the second time the new token is known
				if err := s.Catalog.DeleteTag(t.Context(), uuid.Nil); err != nil {
					t.Fatal(err)
				}
			}
			tag := "DELETE " + tagPath(uuid.Nil)
			want := []asked{
				{tag, "Bearer " + oldAccess, ""}, {"POST /auth/refresh", "", `{"refresh_token":"` + refresh + `"}`},
				{tag, "Bearer " + newAccess, ""}, {tag, "Bearer " + newAccess, ""},
			}
			if diff := cmp.Diff(want, d.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{newAccess}, d.kept); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTokenLoops: a daemon that is never content is not asked for ever.
func TestTokenLoops(t *testing.T) {
	for name, tc := range map[string]struct {
		refresh http.HandlerFunc
		want    []string
	}{
		"new tokens are never good": {
			func(w http.ResponseWriter, _ *http.Request) {
				answerJSON(w, 200, map[string]any{"access_token": newAccess})
			},
			[]string{"GET /admin/tags", "POST /auth/refresh", "GET /admin/tags"},
		},
		"the refresh token is over": {
			func(w http.ResponseWriter, _ *http.Request) {
				sendProblem(w, 401, "token_expired", "the token has expired")
			},
			[]string{"GET /admin/tags", "POST /auth/refresh"},
		},
		"there is no refresh token": {
			func(w http.ResponseWriter, _ *http.Request) {
				sendProblem(w, 400, "invalid", "refresh_token: is required")
			},
			[]string{"GET /admin/tags", "POST /auth/refresh"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDaemon(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/auth/refresh") {
					tc.refresh(w, r)
					return
				}
				sendProblem(w, 401, "token_expired", "the token has expired")
			})
			_, err := d.services().Catalog.AllTags(t.Context())
			if !fault.Is(err, fault.KindUnauthorized) || !strings.Contains(err.Error(), "sign in again: englishctl login --server "+d.URL) {
				t.Errorf("err = %v", err)
			}
			mustBeDiscreet(t, err)
			if diff := cmp.Diff(tc.want, d.requests()); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("an account that is gone is not asked for a token", func(t *testing.T) {
		d := newDaemon(t, func(w http.ResponseWriter, _ *http.Request) {
			sendProblem(w, 401, "account_gone", "the account is gone")
		})
		if _, err := d.services().Catalog.AllTags(t.Context()); err == nil || len(d.requests()) != 1 {
			t.Errorf("%v, asked %v", err, d.requests())
		}
	})
}

// TestRefreshTogether: many requests whose token has run out need one new token.
func TestRefreshTogether(t *testing.T) {
	var refreshed atomic.Int32
	d := newDaemon(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/auth/refresh"):
			refreshed.Add(1)
			answerJSON(w, 200, map[string]any{"access_token": newAccess})
		case r.Header.Get("Authorization") == "Bearer "+newAccess:
			noTags(w)
		default:
			sendProblem(w, 401, "token_expired", "the token has expired")
		}
	})
	s := d.services()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := s.Catalog.AllTags(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := refreshed.Load(); n != 1 {
		t.Errorf("%d new tokens, want 1", n)
	}
}

// TestTokenThatCannotBeKept is good all the same.
func TestTokenThatCannotBeKept(t *testing.T) {
	d := newDaemon(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer "+oldAccess {
			sendProblem(w, 401, "token_expired", "the token has expired")
			return
		}
		answerJSON(w, 200, map[string]any{"access_token": newAccess, "tags": []any{}})
	})
	s := d.services()
	s.client.tokens.keep = func(string) error { return errAny }
	if _, err := s.Catalog.AllTags(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestBusyDaemon: a question is asked again, when the daemon says; a change is not.
func TestBusyDaemon(t *testing.T) {
	for name, tc := range map[string]struct {
		retryAfter string
		waited     []time.Duration
	}{
		"it says when":           {"5", []time.Duration{5 * time.Second, 5 * time.Second}},
		"it does not say":        {"", []time.Duration{time.Second, time.Second}},
		"what it says is a date": {"Wed, 21 Oct 2015 07:28:00 GMT", []time.Duration{time.Second, time.Second}},
		"at once":                {"0", []time.Duration{250 * time.Millisecond, time.Second}},
		"too late to wait":       {"60", nil},
		"far too late":           {"99999999999999999999", []time.Duration{time.Second, time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDaemon(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", tc.retryAfter)
				sendProblem(w, 503, "database_unavailable", "the database is down")
			})
			s := d.services()
			_, err := s.Catalog.AllTags(t.Context())
			if f, ok := fault.As(err); !ok || f.Code != "database_unavailable" || f.Message != "the database is down" {
				t.Errorf("err = %v", err)
			}
			if diff := cmp.Diff(tc.waited, d.waited); diff != "" || len(d.requests()) != len(tc.waited)+1 {
				t.Errorf("asked %d times, waited (-want +got):\n%s", len(d.requests()), diff)
			}
			if err := s.Catalog.DeleteTag(t.Context(), uuid.Nil); !fault.Is(err, fault.KindUnavailable) || len(d.requests()) != len(tc.waited)+2 {
				t.Errorf("a change: %v; asked %v", err, d.requests())
			}
		})
	}
	t.Run("it is better soon", func(t *testing.T) {
		var n atomic.Int32
		d := newDaemon(t, func(w http.ResponseWriter, _ *http.Request) {
			if n.Add(1) == 1 {
				sendProblem(w, 503, "timeout", "this took too long")
				return
			}
			noTags(w)
		})
		if _, err := d.services().Catalog.AllTags(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestTooManyRequests: whatever was asked for was not looked at, and is sent again when it is its turn.
func TestTooManyRequests(t *testing.T) {
	full := func(retryAfter string, times int32) *daemon {
		var n atomic.Int32
		return newDaemon(t, func(w http.ResponseWriter, _ *http.Request) {
			if n.Add(1) > times {
				w.WriteHeader(204)
				return
			}
			w.Header().Set("Retry-After", retryAfter)
			sendProblem(w, 429, "rate_limited", "too many requests: at most 200 a minute are allowed here")
		})
	}
	d := full("2", 5)
	if err := d.services().Catalog.DeleteTag(t.Context(), uuid.Nil); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(slices.Repeat([]time.Duration{2 * time.Second}, 5), d.waited); diff != "" {
		t.Errorf("waited (-want +got):\n%s", diff)
	}
	for name, tc := range map[string]struct {
		d     *daemon
		times int
	}{"for ever": {full("1", 1000), 21}, "for too long": {full("6", 1000), 1}} {
		err := tc.d.services().Catalog.DeleteTag(t.Context(), uuid.Nil)
		if f, ok := fault.As(err); !ok || f.Code != "rate_limited" || len(tc.d.requests()) != tc.times {
			t.Errorf("%s: %v, asked %d times", name, err, len(tc.d.requests()))
		}
	}
}

// TestNobodyThere: nothing was sent, so that nothing can have been done.
func TestNobodyThere(t *testing.T) {
	d := newDaemon(t, func(http.ResponseWriter, *http.Request) {})
	s := d.services()
	d.Close()
	for name, ask := range map[string]func() error{
		"a question": func() error { _, err := s.Catalog.AllTags(t.Context()); return err },
		"a change":   func() error { return s.Catalog.DeleteTag(t.Context(), uuid.Nil) },
	} {
		err := ask()
		if !fault.Is(err, fault.KindUnavailable) || !strings.Contains(err.Error(), "the server "+d.URL+" cannot be reached (dial tcp ") {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(err.Error(), "/admin/") {
			t.Errorf("%s: the error shows the request: %v", name, err)
		}
	}
	if diff := cmp.Diff([]time.Duration{250 * time.Millisecond, time.Second}, d.waited); diff != "" {
		t.Errorf("waited (-want +got):\n%s", diff)
	}
}

// TestCutConnections: a question is asked again; of a change nobody knows whether it was done.
func TestCutConnections(t *testing.T) {
	for name, cut := range map[string]func(net.Conn){
		"before the answer": func(net.Conn) {},
		"within it": func(c net.Conn) {
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"tags\": ["))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDaemon(t, func(w http.ResponseWriter, _ *http.Request) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				cut(conn)
				_ = conn.Close()
			})
			s := d.services()
			_, err := s.Catalog.AllTags(t.Context())
			if !fault.Is(err, fault.KindUnavailable) || !strings.Contains(err.Error(), "the connection to the server "+d.URL+" broke off") || strings.Contains(err.Error(), "or not") {
				t.Errorf("a question: %v", err)
			}
			if n := len(d.requests()); n != 3 {
				t.Errorf("asked %d times, want 3", n)
			}
			_, err = s.Catalog.CreateTag(t.Context(), catalogTag("Food"))
			if !fault.Is(err, fault.KindUnavailable) || !strings.Contains(err.Error(), "may have been done or not") {
				t.Errorf("a change: %v", err)
			}
			if n := len(d.requests()); n != 4 {
				t.Errorf("the change was asked for %d times, want once", n-3)
			}
		})
	}
}

// TestInterrupted: whoever gives up is told just that.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	d := newDaemon(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if _, err := d.services().Catalog.AllTags(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

// TestSleep waits, or ends with its context.
func TestSleep(t *testing.T) {
	if err := sleep(t.Context(), time.Millisecond); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
