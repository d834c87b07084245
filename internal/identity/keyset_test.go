package identity_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/identity"
	"github.com/englishapp/englishctl/internal/identity/identitytest"
)

// token is a good one whose key is not published yet.
func (h *house) tokenOf(id string) string { return identitytest.RSA(id).Token(h.googleClaims()) }

// good demands that a token is taken.
func (h *house) good(t *testing.T, token string) {
	t.Helper()
	if _, err := h.asGoogle(t.Context(), token); err != nil {
		t.Fatal(err)
	}
}

func (h *house) asked(t *testing.T, want int) {
	t.Helper()
	if got := h.google.Asked(); got != want {
		t.Fatalf("the issuer was asked for its keys %d times, want %d", got, want)
	}
}

func TestKeysAreFetchedOnceAndKept(t *testing.T) {
	for control, life := range map[string]time.Duration{
		"":                             time.Hour,
		"public, max-age=21600":        6 * time.Hour,
		`private,MAX-AGE="7200"`:       2 * time.Hour,
		"max-age=0":                    5 * time.Minute,
		"no-cache":                     time.Hour,
		"max-age=999999999":            24 * time.Hour,
		"max-age=-1":                   time.Hour,
		"max-age=99999999999999999999": time.Hour,
	} {
		t.Run(control, func(t *testing.T) {
			h := newHouse(t)
			h.google.SetHeader("Cache-Control", control)
			token := one().Token(h.googleClaims(m{"exp": noon.Add(48 * time.Hour).Unix()}))
			h.good(t, token)
			h.pass(life - time.Second)
			h.good(t, token)
			h.asked(t, 1)
			h.pass(time.Second)
			h.good(t, token) // with the old key: the new ones come behind its back
			h.eventually(t, 2)
		})
	}
}

// eventually waits for a fetch behind the scenes.
func (h *house) eventually(t *testing.T, asked int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); h.google.Asked() < asked; {
		if time.Now().After(deadline) {
			t.Fatalf("the issuer was asked %d times, want %d", h.google.Asked(), asked)
		}
		time.Sleep(time.Millisecond)
	}
	h.asked(t, asked)
}

func TestKeysThatHaveNotChangedAreNotSentAgain(t *testing.T) {
	h := newHouse(t)
	h.google.SetHeader("ETag", `"v1"`)
	token := one().Token(h.googleClaims(m{"exp": noon.Add(48 * time.Hour).Unix()}))
	h.good(t, token)
	for asked := 2; asked < 5; asked++ {
		h.pass(time.Hour)
		h.google.Break(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("If-None-Match") != `"v1"` {
				t.Errorf("asked with the version %q", r.Header.Get("If-None-Match"))
			}
			w.WriteHeader(http.StatusNotModified)
		})
		h.goodUntil(t, token, asked)
	}
}

// goodUntil asks with a good token, while the time passes, until the issuer was asked so often. Once is not enough: a fetch
// behind the scenes may end late, and what it has brought is fresh from then on.
func (h *house) goodUntil(t *testing.T, token string, asked int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); h.google.Asked() < asked; {
		if time.Now().After(deadline) {
			t.Fatalf("the issuer was asked %d times, want %d", h.google.Asked(), asked)
		}
		h.pass(10 * time.Second)
		h.good(t, token)
		time.Sleep(time.Millisecond)
	}
	h.asked(t, asked)
}

func TestRotation(t *testing.T) {
	h := newHouse(t)
	h.good(t, h.tokenOf("one"))
	h.google.Publish(identitytest.RSA("two"), identitytest.RSA("one"))
	h.good(t, h.tokenOf("two")) // at once, though the old keys are fresh
	h.good(t, h.tokenOf("one"))
	h.asked(t, 2)
	h.google.Publish(identitytest.RSA("two"))
	h.pass(time.Hour)
	h.good(t, h.tokenOf("two"))
	h.eventually(t, 3)
	badToken(t, h.until(t, "one", func(err error) bool { return err != nil })) // a key that was taken back is dead
}

// until asks with a key's token until the answer is right, which a fetch behind the scenes decides.
func (h *house) until(t *testing.T, key string, right func(error) bool) error {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		token := identitytest.RSA(key).Token(h.googleClaims(m{"exp": h.clock().Add(time.Hour).Unix()}))
		_, err := h.asGoogle(t.Context(), token)
		if right(err) || time.Now().After(deadline) {
			return err
		}
	}
}

func TestManyWaitForOneFetch(t *testing.T) {
	h := newHouse(t)
	release := make(chan struct{})
	h.google.Break(func(w http.ResponseWriter, _ *http.Request) {
		<-release
		h.google.Break(nil)
		_, _ = fmt.Fprintf(w, `{"keys":[%s]}`, jwkOf(t, one()))
	})
	token := one().Token(h.googleClaims())
	var group sync.WaitGroup
	var failed atomic.Int32
	for range 100 {
		group.Go(func() {
			if _, err := h.asGoogle(context.Background(), token); err != nil {
				failed.Add(1)
			}
		})
	}
	h.eventually(t, 1)
	close(release)
	group.Wait()
	if failed.Load() > 0 {
		t.Errorf("%d of 100 failed", failed.Load())
	}
	h.asked(t, 1)
}

// Whoever makes up key ids must not be able to make us flood the issuer; the time of the next real change is short.
func TestUnknownKeysAskSeldom(t *testing.T) {
	h := newHouse(t)
	h.good(t, h.tokenOf("one"))
	for i := range 200 {
		token := one().RawToken(m{"alg": "RS256", "kid": fmt.Sprint("made up ", i)}, h.googleClaims())
		_, err := h.asGoogle(t.Context(), token)
		badToken(t, err, token)
	}
	h.asked(t, 5)
	h.google.Publish(identitytest.RSA("one"), identitytest.RSA("two"))
	_, err := h.asGoogle(t.Context(), h.tokenOf("two"))
	badToken(t, err)
	h.good(t, h.tokenOf("one")) // who has a known key notices nothing
	h.pass(5 * time.Second)
	h.good(t, h.tokenOf("two"))
	h.asked(t, 6)
}

// breakdowns are the ways in which an issuer fails.
var breakdowns = map[string]http.HandlerFunc{
	"status 500":       identitytest.Status500,
	"a redirect":       identitytest.Redirects,
	"no JSON":          identitytest.Garbage,
	"a huge answer":    identitytest.Huge,
	"cut off":          identitytest.CutOff,
	"no answer":        identitytest.Hangs,
	"not found":        http.NotFound,
	"no keys":          answer(`{"keys":[]}`),
	"null":             answer(`null`),
	"a list":           answer(`[]`),
	"not modified":     status(http.StatusNotModified),
	"keys of no use":   answer(`{"keys":[{"kid":"one","kty":"oct","k":"c2VjcmV0"},7,{"kid":"one","kty":"RSA","n":"!","e":"AQAB"}]}`),
	"a key without id": answer(`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`),
}

// waitingFor is how long to wait for a provider that fails in a way: long for those that answer, also on a busy machine.
func waitingFor(way string) identity.Option {
	if way == "no answer" {
		return identity.WithTimeout(time.Second)
	}
	return identity.WithTimeout(time.Minute)
}

func answer(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, body) }
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func TestIssuerFailsBeforeTheFirstKeys(t *testing.T) {
	for name, how := range breakdowns {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, waitingFor(name))
			token := h.tokenOf("one")
			h.google.Break(how)
			start := time.Now()
			_, err := h.asGoogle(t.Context(), token)
			down(t, err, token)
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("the answer took %s", took)
			}
			h.google.Break(nil)
			if err := h.until(t, "one", func(err error) bool { return err == nil }); err != nil {
				t.Error(err)
			}
			h.good(t, token)
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		h := newHouse(t)
		h.google.Stop()
		_, err := h.asGoogle(t.Context(), h.tokenOf("one"))
		down(t, err)
		for range 20 { // which must not be asked 20 times either
			_, err = h.asGoogle(t.Context(), h.tokenOf("one"))
			down(t, err)
		}
	})
}

func TestIssuerFailsLater(t *testing.T) {
	for name, how := range breakdowns {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, waitingFor(name))
			h.good(t, h.tokenOf("one"))
			h.google.Break(how)
			later := func(d time.Duration) string {
				h.pass(d)
				return one().Token(h.googleClaims(m{"exp": h.clock().Add(time.Hour).Unix()}))
			}
			start := time.Now()
			for range 24 {
				h.good(t, later(time.Hour))
			}
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("sign-ins waited for an issuer that they did not need: %s", took)
			}
			if name == "not modified" {
				return // nothing wrong with that answer, now that there are keys
			}
			// A key that is not known cannot be judged now; a day later none can.
			down(t, h.until(t, "two", unavailableNow))
			_, err := h.asGoogle(t.Context(), later(time.Hour+time.Second))
			down(t, err)
			h.google.Break(nil)
			h.pass(time.Minute)
			if err := h.until(t, "one", func(err error) bool { return err == nil }); err != nil {
				t.Error(err)
			}
		})
	}
}

func unavailableNow(err error) bool {
	return err != nil && strings.Contains(err.Error(), "does not answer")
}

// The end of the caller's own context is not the provider's failure, and does not end the fetch that others wait for.
func TestCallerHangsUp(t *testing.T) {
	h := newHouse(t)
	asked := make(chan struct{})
	release := make(chan struct{})
	h.google.Break(func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		select {
		case <-release:
			_, _ = fmt.Fprintf(w, `{"keys":[%s]}`, jwkOf(t, one()))
		case <-r.Context().Done():
			t.Error("the fetch ended with the caller")
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	_, err := h.asGoogle(ctx, h.tokenOf("one"))
	if _, kinded := fault.As(err); !errors.Is(err, context.Canceled) || kinded {
		t.Fatalf("error = %v, want the caller's own", err)
	}
	close(release)
	h.good(t, h.tokenOf("one"))
	h.asked(t, 1)
}

func TestKeysOfAllSorts(t *testing.T) {
	small, big := identitytest.SizedRSA("small", 1024), identitytest.SizedRSA("big", 3072)
	jwk := func(k identitytest.Key, changes m) m { return with(k.JWK(), changes) }
	one, two := identitytest.RSA("one"), identitytest.RSA("two")
	tests := map[string]struct {
		published []any
		sign      identitytest.Key
		good      bool
	}{
		"a longer key":                 {[]any{big}, big, true},
		"a key that can be broken":     {[]any{small, two}, small, false},
		"padded numbers":               {[]any{jwk(one, m{"n": "AA" + one.JWK()["n"].(string), "e": "AAEAAQ=="})}, one, false},
		"a padded exponent":            {[]any{jwk(one, m{"e": "AAEAAQ=="})}, one, true},
		"without use and algorithm":    {[]any{jwk(one, m{"use": "", "alg": ""})}, one, true},
		"a key for encryption":         {[]any{jwk(one, m{"use": "enc"}), two}, one, false},
		"a key for another algorithm":  {[]any{jwk(one, m{"alg": "RS512"}), two}, one, false},
		"an even exponent":             {[]any{jwk(one, m{"e": "AQAA"}), two}, one, false},
		"an exponent of one":           {[]any{jwk(one, m{"e": "AQ"}), two}, one, false},
		"a huge exponent":              {[]any{jwk(one, m{"e": "AQABAQABAQAB"}), two}, one, false},
		"no exponent":                  {[]any{jwk(one, m{"e": ""}), two}, one, false},
		"an exponent that is no text":  {[]any{jwk(one, m{"e": 65537}), two}, one, false},
		"one id for two keys: first":   {[]any{one, jwk(two, m{"kid": "one"})}, one, true},
		"one id for two keys: second":  {[]any{jwk(two, m{"kid": "one"}), one}, one, false},
		"among keys of other families": {[]any{identitytest.EC("ec"), one}, one, true},
		"among nonsense":               {[]any{7, nil, "x", m{}, one}, one, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.google.Publish(tt.published...)
			_, err := h.asGoogle(t.Context(), tt.sign.Token(h.googleClaims()))
			if tt.good != (err == nil) {
				t.Fatalf("error = %v, want good: %v", err, tt.good)
			}
			if err != nil {
				badToken(t, err)
			}
		})
	}
}

// Stand-ins have their keys where the provider has them, or where their discovery document says.
func TestWhereKeysAre(t *testing.T) {
	for provider, paths := range map[account.Provider][]string{
		account.Google:   {identitytest.GooglePath, identitytest.DiscoveredPath},
		account.Apple:    {identitytest.ApplePath, identitytest.DiscoveredPath},
		account.Facebook: {identitytest.LimitedPath, identitytest.DiscoveredPath},
	} {
		for _, path := range paths {
			t.Run(string(provider)+" "+path, func(t *testing.T) {
				at := identitytest.NewIssuer(t, path)
				p := identity.New(identity.Config{
					GoogleClientIDs: []string{"app"}, GoogleIssuer: parse(t, at.URL),
					AppleClientIDs: []string{"app"}, AppleIssuer: parse(t, at.URL),
					FacebookAppID: "app", FacebookGraph: parse(t, at.URL+"/v25.0"),
				})
				token := one().Token(m{"iss": at.URL, "aud": "app", "sub": "1", "exp": time.Now().Add(time.Hour).Unix()})
				who, err := p.Identify(t.Context(), provider, token, "")
				if err != nil || who.Subject != "1" || who.Provider != provider || at.Asked() != 1 {
					t.Fatalf("identity = %+v, %v, asked %d times", who, err, at.Asked())
				}
			})
		}
	}
}
