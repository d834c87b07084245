package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/mux"

	"github.com/englishapp/englishctl/internal/ratelimit"
)

// counted is the limiter of one process in this package's types; it notes the keys.
type counted struct {
	*ratelimit.Memory
	keys []string
	err  error
}

func (c *counted) Take(ctx context.Context, key string, r Rate) (Verdict, error) {
	c.keys = append(c.keys, key)
	v, err := c.Memory.Take(ctx, key, ratelimit.Limit(r))
	return Verdict(v), errors.Join(c.err, err)
}

// limitedWorld is a world with limits, behind a proxy at 10.0.0.1.
type limitedWorld struct {
	*world
	limiter *counted
}

func newLimitedWorld(tb testing.TB, overrides map[string]int) *limitedWorld {
	tb.Helper()
	return newLimitedWorldWith(tb, Config{RateLimits: overrides})
}

func newLimitedWorldWith(tb testing.TB, cfg Config) *limitedWorld {
	tb.Helper()
	w := newWorld(tb)
	l := &limitedWorld{w, &counted{Memory: ratelimit.NewMemory(1000, func() time.Time { return w.now })}}
	deps := Deps{
		Accounts: w, Catalog: w, Practice: w, Imports: w, Audit: w, Stats: w, Recordings: w, Limiter: l.limiter,
		Media: shelf{key: "audio/A1/a b.mp3", content: "0123456789"},
	}
	cfg.Log, cfg.Now = newLogger(tb), func() time.Time { return w.now }
	cfg.NewRequestID = func() string { return "request-1" }
	cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}
	w.handler = New(deps, cfg).Handler()
	return l
}

// from sends a request that our proxy passes on for the address.
func (w *limitedWorld) from(tb testing.TB, address string, q request) answer {
	tb.Helper()
	r := q.build(tb)
	r.RemoteAddr = "10.0.0.1:1234"
	r.Header.Set("X-Forwarded-For", address)
	return serve(tb, w.handler, r)
}

// statuses sends the request n times and counts the answers by status.
func (w *limitedWorld) statuses(tb testing.TB, address string, q request, n int) map[int]int {
	tb.Helper()
	got := make(map[int]int)
	for range n {
		got[w.from(tb, address, q).status]++
	}
	return got
}

func (w *limitedWorld) want(tb testing.TB, address string, q request, n int, want map[int]int) {
	tb.Helper()
	if diff := cmp.Diff(want, w.statuses(tb, address, q, n)); diff != "" {
		tb.Errorf("%s %s from %s (-want +got):\n%s", q.method, q.path, address, diff)
	}
}

// TestTableOfLimits is the specification's, "API Rate Limits", with the additions: the batch shares with saving.
func TestTableOfLimits(t *testing.T) {
	want := map[string]int{"login": 10, "guess": 100, "register": 5, "forgot": 5, "reset": 10, "mail": 5, "random": 60, "sessions": 60, "history": 100, "score": 30, "admin": 200, "other": 7}
	got := make(map[string]int)
	for name, rate := range rates(map[string]int{"other": 7, "nonsense": 1}) {
		got[name] = rate.Requests
		if (rate.Per != time.Minute) != ((name == "mail" || name == "guess") && rate.Per == time.Hour) {
			t.Errorf("%s: %s", name, rate.Per)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
	if want := []string{"admin", "forgot", "guess", "history", "login", "mail", "other", "random", "register", "reset", "score", "sessions"}; !slices.Equal(LimitNames(), want) {
		t.Errorf("LimitNames = %q", LimitNames())
	}
}

func TestEveryRouteHasItsLimit(t *testing.T) {
	special := map[string]string{
		"POST /api/v1/auth/login":                       limitLogin,
		"POST /api/v1/auth/register":                    limitRegister,
		"POST /api/v1/auth/password/forgot":             limitForgot,
		"POST /api/v1/auth/password/reset":              limitReset,
		"POST /api/v1/auth/email/verify":                limitReset,
		"POST /api/v1/auth/email/verification":          limitMail,
		"POST /api/v1/game/speeches/random":             limitRandom,
		"POST /api/v1/game/sessions":                    limitSessions,
		"POST /api/v1/game/sessions/batch":              limitSessions,
		"GET HEAD /api/v1/game/sessions":                limitHistory,
		"POST /api/v1/speech/score":                     limitScore,
		"POST /api/v1/admin/speeches/{speech_id}/check": limitScore,
		"GET HEAD /healthz":                             unlimited,
		"GET HEAD /readyz":                              unlimited,
		"GET HEAD /metrics":                             unlimited,
		"GET HEAD /vantage":                             unlimited,
		"GET HEAD /media/{key:.+}":                      unlimited,
	}
	_ = New(Deps{}, Config{}).router().Walk(func(r *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, _ := r.GetPathTemplate()
		methods, _ := r.GetMethods()
		name := strings.Join(methods, " ") + " " + path
		want, ok := special[name]
		if !ok && strings.HasPrefix(path, "/api/v1/admin/") {
			want = limitAdmin
		} else if !ok {
			want = limitOther
		}
		if got := r.GetHandler().(*route).limit; got != want {
			t.Errorf("%s has the limit %q, want %q", name, got, want)
		}
		delete(special, name)
		return nil
	})
	if len(special) > 0 {
		t.Errorf("no such routes: %v", special)
	}
}

func TestTooManyRequests(t *testing.T) {
	w := newLimitedWorld(t, nil)
	in := request{method: post, path: "/auth/login", body: `{"email": "a@example.com", "password": "x"}`}
	headers := func(a answer) []string {
		var got []string
		for _, name := range []string{"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy", "Retry-After"} {
			got = append(got, a.header.Get(name))
		}
		return got
	}
	if diff := cmp.Diff([]string{"10", "9", "6", "10;w=60", ""}, headers(w.from(t, "192.0.2.7", in))); diff != "" {
		t.Errorf("the first answer's header (-want +got):\n%s", diff)
	}
	w.want(t, "192.0.2.7", in, 9, map[int]int{200: 9})
	calls := len(w.calls)
	refused := w.from(t, "192.0.2.7", in)
	if p := refused.problem(t); refused.status != 429 || p.Code != "rate_limited" || p.Title != "Too Many Requests" || !strings.Contains(p.Detail, "6 s") {
		t.Errorf("the eleventh: %d %s", refused.status, refused.body)
	}
	if diff := cmp.Diff([]string{"10", "0", "6", "10;w=60", "6"}, headers(refused)); diff != "" {
		t.Errorf("the refusal's header (-want +got):\n%s", diff)
	}
	if len(w.calls) != calls {
		t.Error("a login beyond the limit reached the service, which hashes")
	}
	w.now = w.now.Add(5001 * time.Millisecond)
	if got := w.from(t, "192.0.2.7", in); got.status != 429 || got.header.Get("Retry-After") != "1" {
		t.Errorf("a second early: %d, Retry-After %s, want 429 and 1", got.status, got.header.Get("Retry-After"))
	}
	w.now = w.now.Add(time.Second)
	w.want(t, "192.0.2.7", in, 2, map[int]int{200: 1, 429: 1})
	w.want(t, "192.0.2.8", in, 1, map[int]int{200: 1})
}

// TestMailIsCountedByAccount: whoever asks from wherever, one account gets five letters an hour, and the next in 12 minutes.
func TestMailIsCountedByAccount(t *testing.T) {
	w := newLimitedWorld(t, nil)
	forgot := func(email string) request {
		return request{method: post, path: "/auth/password/forgot", body: `{"email": "` + email + `"}`}
	}
	for i := range 5 {
		w.want(t, fmt.Sprintf("192.0.2.%d", i), forgot("ann@example.com"), 1, map[int]int{202: 1})
	}
	calls := len(w.calls)
	got := w.from(t, "192.0.2.6", forgot(" ANN@example.com"))
	if p := got.problem(t); got.status != 429 || p.Code != "rate_limited" || got.header.Get("Retry-After") != "720" || !strings.Contains(p.Detail, "5 an hour") {
		t.Errorf("the sixth: %d %v", got.status, got.body)
	}
	if len(w.calls) != calls {
		t.Error("a letter beyond the limit was asked for")
	}
	w.want(t, "192.0.2.6", forgot("bob@example.com"), 6, map[int]int{202: 4, 429: 2}) // the address's five a minute
	mine := request{method: post, path: "/auth/email/verification", token: learnerToken}
	w.want(t, "192.0.2.9", mine, 6, map[int]int{202: 5, 429: 1})
	w.now = w.now.Add(12*time.Minute + time.Second)
	w.want(t, "192.0.2.6", forgot("ann@example.com"), 2, map[int]int{202: 1, 429: 1})
	w.want(t, "192.0.2.9", mine, 2, map[int]int{202: 1, 429: 1})
}

// TestGuessesAreCountedByAccount: many addresses together guess no faster than one, and whoever is locked out is not the owner.
func TestGuessesAreCountedByAccount(t *testing.T) {
	w := newLimitedWorld(t, map[string]int{"guess": 7})
	login := func(email string) request {
		return request{method: post, path: "/auth/login", body: `{"email": "` + email + `", "password": "SecurePass123"}`}
	}
	for i := range 7 { // two of each address's own, and one of the account's
		w.want(t, fmt.Sprintf("192.0.2.%d", i), login("ann@example.com"), 3, map[int]int{200: 3})
	}
	calls := len(w.calls)
	got := w.from(t, "192.0.2.1", login(" ANN@example.com"))
	if p := got.problem(t); got.status != 429 || p.Code != "rate_limited" || got.header.Get("Retry-After") != "515" || got.header.Get("RateLimit-Policy") != "7;w=3600" {
		t.Errorf("one more: %d %v %s", got.status, got.header, got.body)
	}
	if len(w.calls) != calls {
		t.Error("a password beyond the limit was looked at")
	}
	w.want(t, "192.0.2.99", login("ann@example.com"), 3, map[int]int{200: 2, 429: 1}) // the owner, from home
	w.want(t, "192.0.2.1", login("bob@example.com"), 2, map[int]int{200: 2})
	w.now = w.now.Add(time.Hour)
	w.want(t, "192.0.2.1", login("ann@example.com"), 9, map[int]int{200: 9})
	if got := w.from(t, "192.0.2.50", login("carl@example.com")); got.header.Get("RateLimit-Policy") != "10;w=60" {
		t.Errorf("who is let in is told of the limit of an account: %v", got.header)
	}
	w.limiter.err = context.DeadlineExceeded
	if got := w.from(t, "192.0.2.51", login("ann@example.com")); got.status != 503 {
		t.Errorf("a limiter that fails: %d", got.status)
	}
}

// Who is counted: the user where there is one, else the client's address, and never somebody whom a stranger names.
func TestWhoIsCounted(t *testing.T) {
	const here, there = "192.0.2.7", "192.0.2.8"
	few := map[string]int{"other": 3, "random": 2, "admin": 2}
	me := request{path: "/users/me", token: learnerToken}
	t.Run("a user has one budget from all addresses", func(t *testing.T) {
		w := newLimitedWorld(t, few)
		w.want(t, here, me, 2, map[int]int{200: 2})
		w.want(t, there, me, 2, map[int]int{200: 1, 429: 1})
	})
	t.Run("users at one address have a budget each", func(t *testing.T) {
		w := newLimitedWorld(t, few)
		w.want(t, here, me, 4, map[int]int{200: 3, 429: 1})
		w.want(t, here, request{path: "/users/me", token: adminToken}, 3, map[int]int{200: 3})
	})
	t.Run("forged tokens cost their sender's address", func(t *testing.T) {
		w := newLimitedWorld(t, few)
		forged := request{path: "/users/me", token: "forged"}
		w.want(t, here, forged, 5, map[int]int{401: 3, 429: 2})
		w.want(t, here, request{path: "/tags"}, 1, map[int]int{429: 1})
		w.want(t, here, me, 3, map[int]int{200: 3})
		w.want(t, there, forged, 1, map[int]int{401: 1})
	})
	t.Run("forged tokens do not touch an endpoint's own budget", func(t *testing.T) {
		w := newLimitedWorld(t, few)
		draw := request{method: post, path: "/game/speeches/random", token: "forged", body: "{}"}
		w.want(t, here, draw, 4, map[int]int{401: 3, 429: 1})
		draw.token = learnerToken
		w.want(t, here, draw, 3, map[int]int{400: 2, 429: 1})
	})
	t.Run("no token at all is a stranger's, too", func(t *testing.T) {
		newLimitedWorld(t, few).want(t, here, request{path: "/users/me"}, 4, map[int]int{401: 3, 429: 1})
	})
	t.Run("a learner at the administrators' door pays with a budget of their own", func(t *testing.T) {
		w := newLimitedWorld(t, few)
		w.want(t, here, request{path: "/admin/tags", token: learnerToken}, 3, map[int]int{403: 2, 429: 1})
		w.want(t, here, request{path: "/admin/tags", token: adminToken}, 2, map[int]int{200: 2})
		w.want(t, here, me, 1, map[int]int{200: 1})
	})
	t.Run("unknown paths and wrong methods count", func(t *testing.T) {
		w := newLimitedWorld(t, few)
		w.want(t, here, request{path: "/nothing"}, 2, map[int]int{404: 2})
		w.want(t, here, request{method: del, path: "/tags"}, 2, map[int]int{405: 1, 429: 1})
	})
	t.Run("the endpoints of one limit share it", func(t *testing.T) {
		w := newLimitedWorld(t, map[string]int{"sessions": 2})
		w.want(t, here, request{method: post, path: "/game/sessions", token: learnerToken, body: "{}"}, 1, map[int]int{400: 1})
		w.want(t, here, request{method: post, path: "/game/sessions/batch", token: learnerToken, body: "{}"}, 2, map[int]int{400: 1, 429: 1})
	})
	t.Run("addresses of one IPv6 network are one client", func(t *testing.T) {
		w := newLimitedWorld(t, few)
		w.want(t, "2001:db8::1", request{path: "/tags"}, 3, map[int]int{200: 3})
		w.want(t, "2001:db8::ffff:1", request{path: "/tags"}, 1, map[int]int{429: 1})
		w.want(t, "2001:db8:0:1::1", request{path: "/tags"}, 1, map[int]int{200: 1})
	})
	t.Run("probes and signed links are not counted", func(t *testing.T) {
		w := newLimitedWorld(t, few)
		w.want(t, here, request{path: "//healthz"}, 20, map[int]int{200: 20})
		w.want(t, here, request{path: "//readyz"}, 20, map[int]int{200: 20})
		w.want(t, here, request{path: "//media/audio/A1/a%20b.mp3?signature=genuine"}, 20, map[int]int{200: 20})
		if len(w.limiter.keys) > 0 {
			t.Errorf("counted: %v", w.limiter.keys)
		}
	})
	t.Run("our own failure to tell who asks is not counted", func(t *testing.T) {
		w := newLimitedWorld(t, few)
		w.want(t, here, request{path: "/users/me", token: outageToken}, 5, map[int]int{503: 5})
	})
}

// Keys are short, whatever is sent, and hold no token.
func TestKeys(t *testing.T) {
	w := newLimitedWorld(t, nil)
	w.from(t, "2001:db8:1:2:3:4:5:6", request{path: "/users/me", token: strings.Repeat("x", 5000)})
	w.from(t, "192.0.2.7", request{path: "/users/me", token: learnerToken})
	want := []string{"other:address:2001:db8:1:2::/64", "other:user:" + learnerID.String()}
	if diff := cmp.Diff(want, w.limiter.keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

// The audit log and the request log have the address that the limits count.
func TestOneAddressForAll(t *testing.T) {
	w := newLimitedWorld(t, nil)
	w.from(t, "2001:db8:1:2:3:4:5:6", request{method: post, path: "/admin/tags", token: adminToken, body: `{"name": "New"}`})
	if got := w.origins[len(w.origins)-1].Address; got != "2001:db8:1:2:3:4:5:6" {
		t.Errorf("the audit log has %s", got)
	}
}

// A limiter that fails lets nobody through unseen.
func TestLimiterFails(t *testing.T) {
	w := newLimitedWorld(t, nil)
	w.limiter.err = context.DeadlineExceeded
	if got := w.from(t, "192.0.2.7", request{path: "/tags"}); got.status != http.StatusServiceUnavailable || len(w.calls) > 0 {
		t.Errorf("status %d, %d calls, want 503 and none", got.status, len(w.calls))
	}
}
