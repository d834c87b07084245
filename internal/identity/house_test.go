package identity_test

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/identity"
	"github.com/englishapp/englishctl/internal/identity/identitytest"
)

// noon is the time at which all tests begin.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// house is the providers with stand-ins for all of them.
type house struct {
	*identity.Providers
	google, apple, limited *identitytest.Issuer
	graph                  *identitytest.Graph

	mu  sync.Mutex
	now time.Time
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func newHouse(t testing.TB, opts ...identity.Option) *house {
	t.Helper()
	h := &house{
		now:     noon,
		google:  identitytest.NewIssuer(t, identitytest.DiscoveredPath),
		apple:   identitytest.NewIssuer(t, identitytest.ApplePath),
		limited: identitytest.NewIssuer(t, identitytest.LimitedPath),
		graph:   identitytest.NewGraph(t),
	}
	h.Providers = identity.New(identity.Config{
		GoogleClientIDs: []string{"ios.example", "web.example"}, GoogleIssuer: parse(t, h.google.URL),
		AppleClientIDs: []string{"com.example.app"}, AppleIssuer: parse(t, h.apple.URL),
		FacebookAppID: identitytest.AppID, FacebookAppSecret: identitytest.AppSecret, FacebookGraph: parse(t, h.graph.URL),
	}, append([]identity.Option{identity.WithClock(h.clock)}, opts...)...)
	return h
}

// limitedOnly is a Facebook app whose secret is not set, at the issuer of Limited Login.
func (h *house) limitedOnly(t testing.TB) *identity.Providers {
	return identity.New(identity.Config{FacebookAppID: identitytest.AppID, FacebookGraph: parse(t, h.limited.URL)},
		identity.WithClock(h.clock))
}

func parse(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// googleClaims are what a good token of Google says, changed as the test wants: nil leaves a claim out.
func (h *house) googleClaims(changes ...map[string]any) map[string]any {
	return with(map[string]any{
		"iss": h.google.URL, "aud": "web.example", "azp": "android.example", "sub": "110169484474386276334",
		"iat": noon.Unix(), "exp": noon.Add(time.Hour).Unix(),
		"email": "ann@gmail.com", "email_verified": true, "name": "Ann Lee", "picture": "https://example.com/ann.png",
	}, changes...)
}

func (h *house) appleClaims(changes ...map[string]any) map[string]any {
	return with(map[string]any{
		"iss": h.apple.URL, "aud": "com.example.app", "sub": "001234.ab12.0815",
		"iat": noon.Unix(), "exp": noon.Add(10 * time.Minute).Unix(), "email": "x1@privaterelay.appleid.com",
		"email_verified": "true", "is_private_email": "true", "nonce_supported": true,
	}, changes...)
}

func (h *house) limitedClaims(changes ...map[string]any) map[string]any {
	return with(map[string]any{
		"iss": "https://www.facebook.com", "aud": identitytest.AppID, "sub": "42", "jti": "x", "nonce": "sdk-made",
		"iat": noon.Unix(), "exp": noon.Add(time.Hour).Unix(), "email": "ann@example.com", "name": "Ann Lee",
		"picture": "https://example.com/ann.png",
	}, changes...)
}

func with(claims map[string]any, changes ...map[string]any) map[string]any {
	for _, change := range changes {
		for name, value := range change {
			claims[name] = value
		}
	}
	return claims
}

type m = map[string]any

func one() identitytest.Key { return identitytest.RSA("one") }

// refused demands an error of a kind and code, without a secret in it.
func refused(t *testing.T, err error, kind fault.Kind, code string, secrets ...string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != kind || f.Code != code {
		t.Fatalf("error = %v, want %s with code %q", err, kind, code)
	}
	for _, secret := range append(secrets, identitytest.AppSecret, "appsecret_proof", "access_token=") {
		if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("the error holds a secret (%.30s…): %v", secret, err)
		}
	}
}

func badToken(t *testing.T, err error, secrets ...string) {
	t.Helper()
	refused(t, err, fault.KindUnauthorized, "provider_token_invalid", secrets...)
}

func down(t *testing.T, err error, secrets ...string) {
	t.Helper()
	refused(t, err, fault.KindUnavailable, "provider_unavailable", secrets...)
}

// google checks a token of Google's.
func (h *house) asGoogle(ctx context.Context, token string) (account.Identity, error) {
	return h.Identify(ctx, account.Google, token, "")
}
