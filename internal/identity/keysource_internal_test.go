package identity

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// asked notes what a client is asked for, and never lets it out.
type asked []string

func (a *asked) RoundTrip(r *http.Request) (*http.Response, error) {
	*a = append(*a, r.URL.String())
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
}

// At the public issuers the keys' addresses are those of the providers' documentation, and nobody is asked for them.
func TestPublicKeys(t *testing.T) {
	at := func(address string) *url.URL {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	for _, tt := range []struct {
		issuer  issuer
		address *url.URL
		want    string
	}{
		{google, at("https://accounts.google.com"), "https://www.googleapis.com/oauth2/v3/certs"},
		{apple, at("https://appleid.apple.com"), "https://appleid.apple.com/auth/keys"},
		{limitedLogin, limitedIssuer(at("https://graph.facebook.com")), "https://limited.facebook.com/.well-known/oauth/openid/jwks/"},
		{limitedLogin, limitedIssuer(at("https://graph.facebook.com/v25.0")), "https://limited.facebook.com/.well-known/oauth/openid/jwks/"},
	} {
		var requests asked
		o := newOpenID(tt.issuer, tt.address, []string{"app"}, &client{&http.Client{Transport: &requests}}, options{})
		if _, err := o.keys.source.fetch(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if len(requests) != 1 || requests[0] != tt.want {
			t.Errorf("%s: asked for %v, want %s", tt.address, requests, tt.want)
		}
		if len(o.names) != len(tt.issuer.names) {
			t.Errorf("%s: tokens of %v are taken", tt.address, o.names)
		}
	}
}
