package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/identity/identitytest"
)

// provided is a stack whose Google, Apple and Facebook are stand-ins.
type provided struct {
	stack
	google, apple *identitytest.Issuer
	graph         *identitytest.Graph
}

func (s stack) provided(t *testing.T) provided {
	t.Helper()
	p := provided{
		google: identitytest.NewIssuer(t, identitytest.DiscoveredPath),
		apple:  identitytest.NewIssuer(t, identitytest.ApplePath),
		graph:  identitytest.NewGraph(t),
	}
	p.stack = stack{env: append(s.env,
		"GOOGLE_CLIENT_ID=ios.example,web.example", "GOOGLE_ISSUER_URL="+p.google.URL,
		"APPLE_CLIENT_ID=com.example.app", "APPLE_ISSUER_URL="+p.apple.URL,
		"FACEBOOK_APP_ID="+identitytest.AppID, "FACEBOOK_APP_SECRET="+identitytest.AppSecret, "FACEBOOK_GRAPH_URL="+p.graph.URL,
		"LOG_LEVEL=debug",
	)}
	return p
}

func (p provided) asGoogle(sub, email string, sure bool) map[string]any {
	claims := map[string]any{
		"iss": "https://accounts.google.com", "aud": "web.example", "sub": sub, "email": email, "email_verified": true,
		"exp": time.Now().Add(time.Hour).Unix(), "name": "An " + sub,
	}
	if sure {
		claims["hd"] = "example.com"
	}
	return map[string]any{"provider": "google", "token": identitytest.RSA("one").Token(claims)}
}

func (p provided) asApple(sub, email string) map[string]any {
	return map[string]any{"provider": "apple", "name": "An Apple", "token": identitytest.RSA("one").Token(map[string]any{
		"iss": p.apple.URL, "aud": "com.example.app", "sub": sub, "email": email, "email_verified": "true",
		"exp": time.Now().Add(time.Hour).Unix(),
	})}
}

// A learner signs in with a provider, comes back, is linked to a password account, and leaves; nothing secret is logged.
func TestSocialLogin(t *testing.T) {
	onEachStack(t, func(t *testing.T, s stack) {
		p := s.provided(t)
		d := p.serve(t)
		c := client{t: t, base: d.address}
		var tokens []string
		social := func(status int, body map[string]any) map[string]any {
			t.Helper()
			tokens = append(tokens, body["token"].(string))
			return c.want(status, "POST", "/api/v1/auth/social", body)
		}
		userOf := func(answer map[string]any) any { return answer["user"].(map[string]any)["id"] }

		first := social(http.StatusOK, p.asApple("a-1", "x1@privaterelay.appleid.com"))
		if again := social(http.StatusOK, p.asApple("a-1", "")); userOf(again) != userOf(first) {
			t.Error("the second sign-in is somebody else's")
		}

		email := uuid.NewString() + "@example.com"
		registered := c.want(http.StatusCreated, "POST", "/api/v1/auth/register",
			map[string]any{"email": email, "password": "SecurePass123", "name": "Eve"})
		linked := social(http.StatusOK, p.asGoogle("g-1", email, true))
		if userOf(linked) != userOf(registered) {
			t.Error("the account with the address is not linked")
		}
		c.want(http.StatusUnauthorized, "POST", "/api/v1/auth/login", map[string]any{"email": email, "password": "SecurePass123"})
		c.want(http.StatusUnauthorized, "POST", "/api/v1/auth/refresh", map[string]any{"refresh_token": registered["refresh_token"]})
		p.graph.GiveUser("EAABmeta", "42", map[string]any{"email": email, "name": "Eve"})
		social(http.StatusConflict, map[string]any{"provider": "facebook", "token": "EAABmeta"})
		if log := p.must(t, "", "audit", "list", "-o", "json"); strings.Count(log, `"user.link"`) != 1 {
			t.Errorf("the audit log does not tell what was linked:\n%s", log)
		}

		p.google.Stop()
		p.graph.Break("/debug_token", identitytest.Hangs)
		social(http.StatusOK, p.asGoogle("g-1", email, true)) // the keys are here
		started := time.Now()
		social(http.StatusServiceUnavailable, map[string]any{"provider": "facebook", "token": "EAABdown"})
		if took := time.Since(started); took > 5*time.Second {
			t.Errorf("without Facebook the answer took %s", took)
		}

		c.token = linked["access_token"].(string)
		c.want(http.StatusNoContent, "DELETE", "/api/v1/users/me", nil)
		c.token = ""
		if fresh := social(http.StatusOK, p.asGoogle("g-1", email, true)); userOf(fresh) == userOf(linked) {
			t.Error("the deleted account is back")
		}
		d.stop()
		for _, secret := range append(tokens, identitytest.AppSecret, "appsecret_proof", "input_token=") {
			if strings.Contains(d.logged(), secret) {
				t.Errorf("the log holds a secret: %.12s…", secret)
			}
		}
	})
}

// Twenty first sign-ins at once, of one person, end in one account; so do two people's with one address.
func TestSocialLoginRace(t *testing.T) {
	onEachStack(t, func(t *testing.T, s stack) {
		p := s.provided(t)
		d := p.serve(t)
		c := client{t: t, base: d.address}
		email := uuid.NewString() + "@example.com"
		type result struct {
			status int
			user   any
		}
		signIn := func(body map[string]any) result {
			a, err := c.try("POST", "/api/v1/auth/social", body)
			if err != nil {
				t.Error(err)
			}
			user, _ := a.body["user"].(map[string]any)
			return result{a.status, user["id"]}
		}
		one := atOnce(20, func(int) result { return signIn(p.asGoogle("g-1", email, true)) })
		if len(one) != 1 {
			t.Errorf("twenty sign-ins of one person: %v, want all the same", one)
		}
		for r := range one {
			if r.status != http.StatusOK {
				t.Errorf("status %d", r.status)
			}
		}
		// An account that the provider does not prove: only the first of the sign-ins ends what was there before.
		register := map[string]any{"email": uuid.NewString() + "@example.com", "password": "SecurePass123", "name": "An"}
		c.want(http.StatusCreated, "POST", "/api/v1/auth/register", register)
		refreshed := atOnce(10, func(int) int {
			a, err := c.try("POST", "/api/v1/auth/social", p.asGoogle("g-3", register["email"].(string), false))
			if err != nil || a.status != http.StatusOK {
				t.Errorf("sign-in: %v, %v", a, err)
				return 0
			}
			a, err = c.try("POST", "/api/v1/auth/refresh", map[string]any{"refresh_token": a.body["refresh_token"]})
			if err != nil {
				t.Error(err)
			}
			return a.status
		})
		if refreshed[http.StatusOK] != 10 {
			t.Errorf("refreshing the sessions of ten sign-ins at once: %v, want 200 for all", refreshed)
		}
		other := uuid.NewString() + "@example.com"
		two := atOnce(20, func(i int) result {
			if i%2 == 0 {
				return signIn(p.asApple("a-2", other))
			}
			return signIn(p.asGoogle("g-2", other, true))
		})
		if len(two) != 1 {
			t.Errorf("sign-ins with one address at two providers: %v, want one account", two)
		}
		if asked := p.google.Asked(); asked != 1 {
			t.Errorf("Google was asked for its keys %d times, want once", asked)
		}
	})
}
