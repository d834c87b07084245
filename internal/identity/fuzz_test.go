package identity_test

import (
	"testing"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
)

// FuzzToken looks for a text that is taken for a token and is not one that the issuer has signed, letter for letter; and
// for one that makes the check panic, or say anything but that the token is bad.
func FuzzToken(f *testing.F) {
	h := newHouse(f)
	signed := map[string]bool{}
	for _, claims := range []m{{}, {"email_verified": "true"}, {"hd": "example.com"}, {"email": nil}, {"aud": []string{"web.example"}}} {
		token := one().Token(h.googleClaims(claims))
		signed[token] = true
		f.Add(token)
	}
	for _, token := range hostile(h) {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		who, err := h.asGoogle(t.Context(), token)
		if err == nil {
			if !signed[token] || who.Subject == "" || who.Provider != account.Google {
				t.Fatalf("%q is taken for a token of %+v", token, who)
			}
			return
		}
		if f, ok := fault.As(err); !ok || f.Kind != fault.KindUnauthorized || who != (account.Identity{}) {
			t.Fatalf("%q: identity %+v, error %v", token, who, err)
		}
	})
}
