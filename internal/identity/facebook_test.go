package identity_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/identity"
	"github.com/englishapp/englishctl/internal/identity/identitytest"
)

const userToken = "EAABwzLixnjYBAuserTOKEN%2F&x=1"

func jwkOf(t *testing.T, k identitytest.Key) string {
	t.Helper()
	raw, err := json.Marshal(k.JWK())
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestFacebook(t *testing.T) {
	full := m{"name": "Ann Lee", "email": "ann@example.com", "picture": m{"data": m{"url": "https://example.com/a.png"}}}
	tests := map[string]struct {
		debug   m
		profile m
		want    account.Identity
	}{
		"a usual token": {m{}, full, account.Identity{
			Email: "ann@example.com", EmailVerified: true, Name: "Ann Lee", AvatarURL: "https://example.com/a.png"}},
		"no e-mail, no picture":        {m{}, m{"name": "Ann Lee"}, account.Identity{Name: "Ann Lee"}},
		"ids as numbers":               {m{"app_id": json.Number(identitytest.AppID), "user_id": 42}, m{"id": 42}, account.Identity{}},
		"one that ends in a second":    {m{"expires_at": noon.Unix() + 1}, m{}, account.Identity{}},
		"one that never ends":          {m{"expires_at": 0}, m{}, account.Identity{}},
		"without the scope for e-mail": {m{"scopes": []string{"public_profile"}}, m{}, account.Identity{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.graph.Give(userToken, identitytest.AccessToken{
				Debug: with(identitytest.GoodDebug("42"), tt.debug, m{"app_id": identitytest.AppID}), Me: with(m{"id": "42"}, tt.profile),
			})
			tt.want.Provider, tt.want.Subject = account.Facebook, "42"
			got, err := h.Identify(t.Context(), account.Facebook, userToken, "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("identity (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFacebookRefuses(t *testing.T) {
	me := m{"id": "42", "email": "ann@example.com"}
	debug := func(changes m) identitytest.AccessToken {
		return identitytest.AccessToken{Debug: with(identitytest.GoodDebug("42"), changes), Me: me}
	}
	for name, token := range map[string]identitytest.AccessToken{
		"one that Facebook does not know":    {Debug: m{"is_valid": false}},
		"one of another app, as Graph says":  {Error: 100},
		"one of another app, as we see":      debug(m{"app_id": "666"}),
		"one of no app":                      debug(m{"app_id": nil}),
		"an app's token":                     debug(m{"type": "APP"}),
		"a page's token":                     debug(m{"type": "PAGE"}),
		"one that is not valid":              debug(m{"is_valid": false}),
		"validity as text":                   debug(m{"is_valid": nil}),
		"one that has expired":               debug(m{"expires_at": noon.Unix()}),
		"one of nobody":                      debug(m{"user_id": ""}),
		"one of a user with a strange id":    debug(m{"user_id": "4 2"}),
		"one of a user with a long id":       debug(m{"user_id": strings.Repeat("4", 256)}),
		"an invalid one":                     {Error: 190},
		"one of a session that ended":        {Error: 102},
		"one that is another user's at /me":  {Debug: identitytest.GoodDebug("42"), Me: m{"id": "43"}},
		"one whose user has no id at /me":    {Debug: identitytest.GoodDebug("42"), Me: m{"name": "Ann"}},
		"one that stops being valid between": {Debug: identitytest.GoodDebug("42")},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.graph.Give(userToken, token)
			_, err := h.Identify(t.Context(), account.Facebook, userToken, "")
			badToken(t, err, userToken)
		})
	}
	h := newHouse(t)
	for name, token := range map[string]string{
		"one never given out":    "EAABunknown",
		"empty":                  "",
		"with a space":           "EAAB x",
		"with a line break":      "EAAB\r\nHost: evil",
		"not in UTF-8":           "EAAB\xff",
		"huge":                   strings.Repeat("E", 8<<10+1),
		"Google's":               one().Token(h.googleClaims()),
		"Limited Login's, other": one().Token(h.limitedClaims(m{"aud": "666"})),
	} {
		t.Run(name, func(t *testing.T) {
			issuer := identitytest.NewIssuer(t, identitytest.LimitedPath)
			p := h.Providers
			if strings.Count(token, ".") == 2 {
				p = identity.New(identity.Config{FacebookAppID: identitytest.AppID, FacebookGraph: parse(t, issuer.URL)}, identity.WithClock(h.clock))
			}
			_, err := p.Identify(t.Context(), account.Facebook, token, "")
			badToken(t, err, strings.Repeat(token, min(len(token)/8, 1)))
		})
	}
	t.Run("a nonce, which it could not hold", func(t *testing.T) {
		h.graph.GiveUser(userToken, "42", me)
		_, err := h.Identify(t.Context(), account.Facebook, userToken, "n-1")
		refused(t, err, fault.KindInvalid, "", userToken)
	})
}

func TestFacebookIsDown(t *testing.T) {
	graphSays := func(status, code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(m{"error": m{"code": code, "message": "about " + userToken}})
		}
	}
	ways := map[string]http.HandlerFunc{
		"status 500": identitytest.Status500, "a redirect": identitytest.Redirects, "no JSON": identitytest.Garbage,
		"a huge answer": identitytest.Huge, "cut off": identitytest.CutOff, "no answer": identitytest.Hangs,
		"other types":             answer(`{"data":"x","id":["42"]}`),
		"too many calls":          graphSays(http.StatusBadRequest, 4),
		"an error of its own":     graphSays(http.StatusInternalServerError, 190),
		"a bad app secret, maybe": graphSays(http.StatusBadRequest, 1),
		"not found":               http.NotFound,
	}
	for name, how := range ways {
		for _, path := range []string{"/debug_token", "/me"} {
			t.Run(name+" at "+path, func(t *testing.T) {
				h := newHouse(t, waitingFor(name))
				h.graph.GiveUser(userToken, "42", m{"email": "ann@example.com"})
				h.graph.Break(path, how)
				_, err := h.Identify(t.Context(), account.Facebook, userToken, "")
				down(t, err, userToken, "userTOKEN")
				h.graph.Break(path, nil)
				if _, err := h.Identify(t.Context(), account.Facebook, userToken, ""); err != nil {
					t.Errorf("mended, and still: %v", err)
				}
			})
		}
	}
	t.Run("nobody listens", func(t *testing.T) {
		h := newHouse(t)
		h.graph.Stop()
		_, err := h.Identify(t.Context(), account.Facebook, userToken, "")
		down(t, err, userToken, "userTOKEN")
	})
}
