package identity

import (
	"encoding/json"
	"errors"
	"net/url"

	"github.com/golang-jwt/jwt/v5"

	"github.com/englishapp/englishctl/internal/account"
)

// issuer is what is known of a provider that signs ID tokens.
type issuer struct {
	// names are the `iss` of its tokens.
	names []string
	// address is its public address, keys the one of its key set (RFC 7517).
	address, keys string
	// discovers is set where keys lie at another host than address, so that elsewhere only discovery leads to them.
	discovers bool
	// read says who a verified token is about.
	read func(claims) account.Identity
}

// The issuers. Google: "Verify the Google ID token on your server side". Apple: "Verifying a user"; its discovery document is
// not asked for keys, since in June 2025 it named another issuer than the tokens did. Facebook: "Limited Login".
var (
	google = issuer{
		names:   []string{"https://accounts.google.com", "accounts.google.com"},
		address: "https://accounts.google.com", keys: "https://www.googleapis.com/oauth2/v3/certs", discovers: true,
		read: readGoogle,
	}
	apple = issuer{
		names:   []string{"https://appleid.apple.com"},
		address: "https://appleid.apple.com", keys: "https://appleid.apple.com/auth/keys",
		read: readApple,
	}
	limitedLogin = issuer{
		names:   []string{"https://www.facebook.com"},
		address: "https://limited.facebook.com", keys: "https://limited.facebook.com/.well-known/oauth/openid/jwks/",
		read: readLimitedLogin,
	}
)

// limitedIssuer returns where Limited Login's keys are, for a Graph API: Facebook has them at another host, a stand-in at
// its own.
func limitedIssuer(graph *url.URL) *url.URL {
	if graph.Host == "graph.facebook.com" {
		graph = &url.URL{Scheme: "https", Host: "limited.facebook.com"}
	}
	return &url.URL{Scheme: graph.Scheme, Host: graph.Host}
}

// readGoogle: https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload
func readGoogle(c claims) account.Identity {
	return account.Identity{
		Email: c.text("email"), EmailVerified: c.flag("email_verified"), HostedDomain: c.text("hd"),
		Name: c.text("name"), AvatarURL: c.text("picture"),
	}
}

// readApple: the name is never in the token; Apple hands it to the app, once.
func readApple(c claims) account.Identity {
	return account.Identity{Email: c.text("email"), EmailVerified: c.flag("email_verified")}
}

// readLimitedLogin: Facebook says nothing of verification; it gives no address that its owner has not confirmed
// (decisions.md, "Accounts": a Facebook address counts as verified).
func readLimitedLogin(c claims) account.Identity {
	return account.Identity{
		Email: c.text("email"), EmailVerified: c.text("email") != "",
		Name: c.text("name"), AvatarURL: c.text("picture"),
	}
}

// claims are what a token says. Unlike fields of a struct, the names of a map tell case apart.
type claims struct{ jwt.MapClaims }

// UnmarshalJSON decodes into the map itself.
func (c *claims) UnmarshalJSON(object []byte) error { return json.Unmarshal(object, &c.MapClaims) }

// text returns a claim, or "" where it is missing or no text.
func (c claims) text(name string) string {
	s, _ := c.MapClaims[name].(string)
	return s
}

// flag reports whether a claim is true or "true"; Apple writes both.
func (c claims) flag(name string) bool {
	return c.MapClaims[name] == true || c.MapClaims[name] == "true"
}

// maxSubjectBytes is OpenID Connect Core, section 2.
const maxSubjectBytes = 255

// subject returns the claim `sub`.
func (c claims) subject() (string, error) {
	sub := c.text("sub")
	if sub == "" || len(sub) > maxSubjectBytes || !visibleASCII(sub) {
		return "", errors.New("the subject is missing, or is none")
	}
	return sub, nil
}

func visibleASCII(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
