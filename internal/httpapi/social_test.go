package httpapi

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/identity"
	"github.com/englishapp/englishctl/internal/identity/identitytest"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// providers are stand-ins for Google and Facebook; Apple is not set up.
type providers struct {
	google *identitytest.Issuer
	graph  *identitytest.Graph
}

// newProviders has this much patience with them.
func newProviders(t *testing.T, patience time.Duration) (providers, account.Option) {
	t.Helper()
	p := providers{identitytest.NewIssuer(t, identitytest.DiscoveredPath), identitytest.NewGraph(t)}
	at := func(address string) *url.URL {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	return p, account.WithProviders(identity.New(identity.Config{
		GoogleClientIDs: []string{"app"}, GoogleIssuer: at(p.google.URL),
		FacebookAppID: identitytest.AppID, FacebookAppSecret: identitytest.AppSecret, FacebookGraph: at(p.graph.URL),
	}, identity.WithTimeout(patience)))
}

// token is one of Google's, changed as the test wants.
func (p providers) token(changes body) string {
	claims := body{
		"iss": p.google.URL, "aud": "app", "sub": "g-1", "exp": time.Now().Add(time.Hour).Unix(),
		"email": "An@gmail.com", "email_verified": true, "name": "An",
	}
	for name, value := range changes {
		claims[name] = value
	}
	return identitytest.RSA("one").Token(claims)
}

// TestSocialLogin is every answer of the endpoint, from the providers to the database and back.
func TestSocialLogin(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		p, option := newProviders(t, time.Minute)
		h := newHouse(t, db, option)
		social := func(status int, b body) body { return h.json(status, post, "/auth/social", "", b) }
		google := func(status int, changes body) body {
			return social(status, body{"provider": "google", "token": p.token(changes)})
		}
		refused := func(status int, code, says string, answer body) {
			t.Helper()
			if detail, _ := answer["detail"].(string); answer["code"] != code || !strings.Contains(detail, says) {
				t.Errorf("%d: %v, want %s with %q", status, answer, code, says)
			}
		}

		first := google(200, nil)
		user := first["user"].(body)
		if user["email"] != "an@gmail.com" || user["name"] != "An" || user["avatar_url"] != nil || first["token_type"] != "Bearer" {
			t.Errorf("first sign-in: %v", first)
		}
		profile := h.json(200, get, "/users/me", first["access_token"].(string), nil)
		if profile["auth_provider"] != "google" || profile["id"] != user["id"] {
			t.Errorf("profile: %v", profile)
		}
		again := google(200, body{"email": "elsewhere@example.com", "name": "Bo"})["user"].(body)
		sameJSON(t, encodeJSON(t, again), encodeJSON(t, user))

		access, refresh := h.learner("user@example.com")
		refused(409, "account_exists", "sign in the way you did before",
			google(409, body{"sub": "g-2", "email": "user@example.com", "email_verified": "false"}))
		linked := google(200, body{"sub": "g-2", "email": "user@example.com", "email_verified": "true", "hd": "example.com"})
		if linked["user"].(body)["id"] != h.json(200, get, "/users/me", access, nil)["id"] {
			t.Errorf("linked to %v", linked["user"])
		}
		h.json(401, post, "/auth/refresh", "", body{"refresh_token": refresh})
		h.json(401, post, "/auth/login", "", body{"email": "user@example.com", "password": "SecurePass123"})
		h.json(200, post, "/auth/refresh", "", body{"refresh_token": linked["refresh_token"]})

		p.graph.GiveUser("EAABmeta", "42", body{"email": "user@example.com"})
		refused(409, "account_exists", "Facebook alone does not prove", social(409, body{"provider": "facebook", "token": "EAABmeta"}))
		p.graph.GiveUser("EAABnew", "43", body{"email": "new@example.com"})
		if got := social(200, body{"provider": "facebook", "token": "EAABnew", "name": "Nguyen Van B"}); got["user"].(body)["name"] != "Nguyen Van B" {
			t.Errorf("the request's name does not fill the gap: %v", got)
		}

		h.admin()
		refused(409, "account_exists", "administrator", google(409, body{"sub": "g-3", "email": "admin@example.com", "hd": "example.com"}))
		refused(400, "email_missing", "Google tells no e-mail address", google(400, body{"sub": "g-4", "email": nil}))
		refused(400, "email_unverified", "Google has not verified", google(400, body{"sub": "g-4", "email": "x@example.com", "email_verified": false}))
		refused(400, "provider_not_configured", "signing in with Apple is not set up on this server",
			social(400, body{"provider": "apple", "token": p.token(nil)}))
		refused(400, "invalid", "google, apple or facebook", social(400, body{"provider": "twitter", "token": "t"}))
		refused(401, "provider_token_invalid", "not a valid token of Google", google(401, body{"aud": "other"}))

		entries := h.json(200, get, "/admin/audit?action=user.link", h.json(200, post, "/auth/login", "",
			body{"email": "admin@example.com", "password": "SecurePass123"})["access_token"].(string), nil)
		if entries["pagination"].(body)["total"] != 1.0 {
			t.Errorf("links in the audit log: %v", entries)
		}
		h.send(204, request{method: del, path: "/users/me", token: linked["access_token"].(string)})
		if sqltest.Count(t, db, "user_identities") != 2 {
			t.Errorf("%d identities are left, want 2", sqltest.Count(t, db, "user_identities"))
		}
	})
}

// TestSocialLoginWithoutTheProvider: 503 in time, with the header, and whole again when the provider is.
func TestSocialLoginWithoutTheProvider(t *testing.T) {
	p, option := newProviders(t, time.Second)
	h := newHouse(t, sqltest.SQLite(t), option)
	p.graph.GiveUser("EAABmeta", "42", body{"email": "an@example.com"})
	in := func(provider, token string) request {
		return request{method: post, path: "/auth/social", body: encodeJSON(t, body{"provider": provider, "token": token})}
	}
	google, facebook := in("google", p.token(nil)), in("facebook", "EAABmeta")
	p.google.Break(identitytest.Hangs)
	p.graph.Break("/me", identitytest.Hangs)
	for _, q := range []request{google, facebook} {
		start := time.Now()
		got := h.send(503, q)
		if took := time.Since(start); took > 3*time.Second || got.header.Get("Retry-After") == "" {
			t.Errorf("after %s, Retry-After %q", took, got.header.Get("Retry-After"))
		}
		if p := got.problem(t); p.Code != "provider_unavailable" {
			t.Errorf("code = %s", p.Code)
		}
	}
	p.google.Break(nil)
	p.graph.Break("/me", nil)
	h.send(200, facebook)
	h.send(200, google)
	p.google.Break(identitytest.Status500) // the keys are here
	h.send(200, google)
}

// TestSocialLoginTellsNoSecrets looks for tokens, the app's secret and what is made of it in answers and in the log.
func TestSocialLoginTellsNoSecrets(t *testing.T) {
	p, option := newProviders(t, time.Minute)
	h := newHouse(t, sqltest.SQLite(t), option)
	tokens := []string{p.token(nil), p.token(body{"aud": "other"}), "EAABunknown", "EAABmeta", "EAABdown"}
	p.graph.GiveUser("EAABmeta", "42", body{"email": "an@example.com"})
	var answers strings.Builder
	for i, token := range tokens {
		provider := "google"
		if i >= 2 {
			provider = "facebook"
		}
		if token == "EAABdown" {
			p.graph.Stop()
		}
		got := send(t, h.handler, request{method: post, path: "/auth/social", body: encodeJSON(t, body{"provider": provider, "token": token})})
		if got.status == 401 && strings.Contains(got.header.Get("WWW-Authenticate"), "error") {
			t.Errorf("WWW-Authenticate speaks of a token that the header did not hold: %s", got.header.Get("WWW-Authenticate"))
		}
		answers.WriteString(got.body)
	}
	if !strings.Contains(h.log.String(), "ask 127.0.0.1") {
		t.Error("the log does not say why Facebook could not be asked")
	}
	for _, secret := range append(tokens, identitytest.AppSecret, "appsecret_proof", "input_token") {
		if strings.Contains(h.log.String(), secret) {
			t.Errorf("the log holds %.20s…", secret)
		}
		if strings.Contains(answers.String(), secret) {
			t.Errorf("an answer holds %.20s…", secret)
		}
	}
}
