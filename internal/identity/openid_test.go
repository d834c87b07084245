package identity_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/identity"
	"github.com/englishapp/englishctl/internal/identity/identitytest"
)

func TestGoogle(t *testing.T) {
	h := newHouse(t)
	good := account.Identity{
		Provider: account.Google, Subject: "110169484474386276334", Email: "ann@gmail.com", EmailVerified: true,
		Name: "Ann Lee", AvatarURL: "https://example.com/ann.png",
	}
	changed := func(change func(*account.Identity)) account.Identity {
		who := good
		change(&who)
		return who
	}
	unverified := changed(func(i *account.Identity) { i.EmailVerified = false })
	tests := map[string]struct {
		claims m
		want   account.Identity
	}{
		"a usual token":                      {m{}, good},
		"the public issuer":                  {m{"iss": "https://accounts.google.com"}, good},
		"the public issuer without a scheme": {m{"iss": "accounts.google.com"}, good},
		"the configured one without it":      {m{"iss": strings.TrimPrefix(h.google.URL, "http://")}, good},
		"another app of ours":                {m{"aud": "ios.example"}, good},
		"a list of apps of ours":             {m{"aud": []string{"ios.example", "web.example"}}, good},
		"a Workspace user":                   {m{"hd": "example.com"}, changed(func(i *account.Identity) { i.HostedDomain = "example.com" })},
		"e-mail verified as text":            {m{"email_verified": "true"}, good},
		"e-mail not verified":                {m{"email_verified": false}, unverified},
		"e-mail not verified, as text":       {m{"email_verified": "false"}, unverified},
		"nothing about verification":         {m{"email_verified": nil}, unverified},
		"another name for verification":      {m{"email_verified": false, "EMAIL_VERIFIED": true}, unverified},
		"verification as a number":           {m{"email_verified": 1}, unverified},
		"no e-mail":                          {m{"email": nil}, changed(func(i *account.Identity) { i.Email = "" })},
		"an e-mail that is no text":          {m{"email": []string{"ann@gmail.com"}}, changed(func(i *account.Identity) { i.Email = "" })},
		"no name, no picture":                {m{"name": nil, "picture": nil}, changed(func(i *account.Identity) { i.Name, i.AvatarURL = "", "" })},
		"expired within the leeway":          {m{"exp": noon.Add(-9 * time.Second).Unix()}, good},
		"issued within the leeway":           {m{"iat": noon.Add(9 * time.Second).Unix(), "nbf": noon.Add(9 * time.Second).Unix()}, good},
		"a nonce that the app did not send":  {m{"nonce": "made by the SDK"}, good},
		"times with fractions":               {m{"exp": float64(noon.Unix()) + 0.5}, good},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := h.asGoogle(t.Context(), one().Token(h.googleClaims(tt.claims)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("identity (-want +got):\n%s", diff)
			}
		})
	}
}

func TestApple(t *testing.T) {
	h := newHouse(t)
	want := account.Identity{
		Provider: account.Apple, Subject: "001234.ab12.0815", Email: "x1@privaterelay.appleid.com", EmailVerified: true,
	}
	for name, claims := range map[string]m{
		"e-mail verified as text":      {},
		"e-mail verified as a boolean": {"email_verified": true},
		"the public issuer":            {"iss": "https://appleid.apple.com"},
	} {
		t.Run(name, func(t *testing.T) {
			header := m{"alg": "RS256", "kid": "one"} // Apple's have no typ
			got, err := h.Identify(t.Context(), account.Apple, one().RawToken(header, h.appleClaims(claims)), "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("identity (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLimitedLogin(t *testing.T) {
	h := newHouse(t)
	got, err := h.limitedOnly(t).Identify(t.Context(), account.Facebook, one().Token(h.limitedClaims()), "sdk-made")
	if err != nil {
		t.Fatal(err)
	}
	want := account.Identity{
		Provider: account.Facebook, Subject: "42", Email: "ann@example.com", EmailVerified: true,
		Name: "Ann Lee", AvatarURL: "https://example.com/ann.png",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
	t.Run("without an address nothing is verified", func(t *testing.T) {
		got, err := h.limitedOnly(t).Identify(t.Context(), account.Facebook, one().Token(h.limitedClaims(m{"email": nil})), "")
		if err != nil || got.EmailVerified || got.Email != "" {
			t.Fatalf("identity = %+v, %v; want one without an address", got, err)
		}
	})
}

func TestNonce(t *testing.T) {
	h := newHouse(t)
	sum := sha256.Sum256([]byte("raw"))
	tests := map[string]struct {
		inToken any
		sent    string
		good    bool
	}{
		"as it was sent":          {"raw", "raw", true},
		"its hash, as iPhones do": {hex.EncodeToString(sum[:]), "raw", true},
		"none sent":               {"raw", "", true},
		"another one":             {"other", "raw", false},
		"none in the token":       {nil, "raw", false},
		"empty in the token":      {"", "raw", false},
		"a number in the token":   {7, "7", false},
		"the hash, sent twice":    {"raw", hex.EncodeToString(sum[:]), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			token := one().Token(h.appleClaims(m{"nonce": tt.inToken}))
			_, err := h.Identify(t.Context(), account.Apple, token, tt.sent)
			if tt.good != (err == nil) {
				t.Fatalf("error = %v, want good: %v", err, tt.good)
			}
			if err != nil {
				badToken(t, err, token)
			}
		})
	}
}

// hostile returns tokens that no provider has given to a user of our app, by what is wrong with them.
func hostile(h *house) map[string]string {
	good := one().Token(h.googleClaims())
	parts := strings.Split(good, ".")
	head, body, signature := parts[0], parts[1], parts[2]
	claims := func(changes m) string { return one().Token(h.googleClaims(changes)) }
	header := func(changes m) string {
		return one().RawToken(with(m{"alg": "RS256", "kid": "one", "typ": "JWT"}, changes), h.googleClaims())
	}
	unsigned := func(alg, signature string) string {
		return identitytest.Part(m{"alg": alg, "kid": "one"}) + "." + body + "." + signature
	}
	return map[string]string{
		"another audience":              claims(m{"aud": "evil.example"}),
		"an audience beside ours":       claims(m{"aud": []string{"web.example", "evil.example"}}),
		"no audience":                   claims(m{"aud": nil}),
		"an empty audience":             claims(m{"aud": ""}),
		"an empty list of audiences":    claims(m{"aud": []string{}}),
		"an audience of numbers":        claims(m{"aud": []int{1}}),
		"azp is ours, aud is not":       claims(m{"aud": "evil.example", "azp": "web.example"}),
		"Apple's app at Google":         claims(m{"aud": "com.example.app"}),
		"another issuer":                claims(m{"iss": "https://accounts.google.com.evil.example"}),
		"Apple's issuer":                claims(m{"iss": "https://appleid.apple.com"}),
		"no issuer":                     claims(m{"iss": nil}),
		"an issuer that is no text":     claims(m{"iss": []string{h.google.URL}}),
		"expired":                       claims(m{"exp": noon.Add(-11 * time.Second).Unix()}),
		"without an end":                claims(m{"exp": nil}),
		"an end that is no number":      claims(m{"exp": "tomorrow"}),
		"not yet valid":                 claims(m{"nbf": noon.Add(11 * time.Second).Unix()}),
		"issued in the future":          claims(m{"iat": noon.Add(11 * time.Second).Unix()}),
		"no subject":                    claims(m{"sub": nil}),
		"an empty subject":              claims(m{"sub": ""}),
		"a subject that is a number":    claims(m{"sub": 110169484474386276}),
		"a subject of 256 bytes":        claims(m{"sub": strings.Repeat("9", 256)}),
		"a subject with a space":        claims(m{"sub": "1 2"}),
		"a subject beyond ASCII":        claims(m{"sub": "é"}),
		"an access token of the issuer": header(m{"typ": "at+jwt"}),
		"a logout token of the issuer":  header(m{"typ": "logout+jwt"}),
		"a type that is no text":        header(m{"typ": 1}),
		"another key's id":              identitytest.RSA("two").RawToken(m{"alg": "RS256", "kid": "one"}, h.googleClaims()),
		"an unknown key":                identitytest.RSA("two").Token(h.googleClaims()),
		"no key's id":                   header(m{"kid": nil}),
		"an empty key's id":             header(m{"kid": ""}),
		"a key's id that is no text":    header(m{"kid": []string{"one"}}),
		"critical extensions":           header(m{"crit": []string{"exp"}}),
		"its own key in the header": identitytest.RSA("two").RawToken(
			m{"alg": "RS256", "kid": "two", "jwk": identitytest.RSA("two").JWK(), "jku": "http://127.0.0.1:1/"}, h.googleClaims()),
		"alg none":                          unsigned("none", ""),
		"alg none, with a signature":        unsigned("none", signature),
		"alg None":                          unsigned("None", signature),
		"alg missing":                       header(m{"alg": nil}),
		"alg that is no text":               header(m{"alg": 1}),
		"alg RS512 over an RS256 signature": header(m{"alg": "RS512"}),
		"alg PS256 over an RS256 signature": header(m{"alg": "PS256"}),
		"signed by RS512":                   signedAs(h, "RS512"),
		"signed by PS256":                   signedAs(h, "PS256"),
		"ES256 with a published key":        identitytest.EC("ec").RawToken(m{"alg": "ES256", "kid": "ec"}, h.googleClaims()),
		"HS256 with the public key, PEM":    hs256(h, publicPEM()),
		"HS256 with the public key, DER":    hs256(h, publicDER()),
		"HS256 with the modulus":            hs256(h, one().RSA.N.Bytes()),
		"HS256 with the key's id":           hs256(h, []byte("one")),
		"a repeated claim":                  one().RawToken(m{"alg": "RS256", "kid": "one"}, twice(h, `"sub":"victim"`)),
		"a repeated algorithm":              one().RawToken(`{"alg":"none","alg":"RS256","kid":"one"}`, h.googleClaims()),
		"claims that are a list":            one().RawToken(m{"alg": "RS256", "kid": "one"}, `[]`),
		"claims that are null":              one().RawToken(m{"alg": "RS256", "kid": "one"}, `null`),
		"claims and more":                   one().RawToken(m{"alg": "RS256", "kid": "one"}, jsonOf(h)+`{}`),
		"claims cut short":                  one().RawToken(m{"alg": "RS256", "kid": "one"}, strings.TrimSuffix(jsonOf(h), "}")),
		"claims not in UTF-8":               one().RawToken(m{"alg": "RS256", "kid": "one"}, strings.Replace(jsonOf(h), "Ann", "\xff", 1)),
		"claims in UTF-16":                  one().RawToken(m{"alg": "RS256", "kid": "one"}, utf16le(jsonOf(h))),
		"a header that is null":             one().RawToken(`null`, h.googleClaims()),
		"deep nesting":                      one().RawToken(m{"alg": "RS256", "kid": "one"}, `{"a":`+strings.Repeat("[", 5000)),
		"changed claims":                    head + "." + identitytest.Part(h.googleClaims(m{"sub": "victim"})) + "." + signature,
		"without its signature":             head + "." + body + ".",
		"two parts":                         head + "." + body,
		"four parts":                        good + "." + signature,
		"truncated":                         good[:len(good)-10],
		"one byte":                          "x",
		"dots":                              "..",
		"a header of spaces":                "   ." + body + "." + signature,
		"padded":                            head + "." + body + "." + signature + "==",
		"in the other base64":               otherBase64(good),
		"line breaks in it":                 head + "." + body + "." + signature[:20] + "\n" + signature[20:],
		"loose bits at the end":             looseBits(good),
		"space around it":                   " " + good + " ",
		"NUL in it":                         good[:50] + "\x00" + good[50:],
		"huge":                              claims(m{"padding": strings.Repeat("x", 9<<10)}),
		"an access token":                   "ya29.a0AfH6SMBx",
	}
}

func hs256(h *house, key []byte) string {
	signed := identitytest.Part(m{"alg": "HS256", "kid": "one", "typ": "JWT"}) + "." + identitytest.Part(h.googleClaims())
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// signedAs is signed with the issuer's key, by an algorithm that it does not use.
func signedAs(h *house, alg string) string {
	signed := identitytest.Part(m{"alg": alg, "kid": "one", "typ": "JWT"}) + "." + identitytest.Part(h.googleClaims())
	return signed + "." + base64.RawURLEncoding.EncodeToString(one().SignAs(alg, signed))
}

func publicDER() []byte {
	der, err := x509.MarshalPKIXPublicKey(&one().RSA.PublicKey)
	if err != nil {
		panic(err)
	}
	return der
}

func publicPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publicDER()})
}

func jsonOf(h *house) string {
	raw, err := base64.RawURLEncoding.DecodeString(identitytest.Part(h.googleClaims()))
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// twice returns the claims with one more at the end.
func twice(h *house, claim string) string {
	return strings.TrimSuffix(jsonOf(h), "}") + "," + claim + "}"
}

func utf16le(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.Write([]byte{c, 0})
	}
	return b.String()
}

// otherBase64 writes "-" and "_" as "+" and "/".
func otherBase64(token string) string { return strings.NewReplacer("-", "+", "_", "/").Replace(token) }

// looseBits changes the bits that the last character of a signature has too many.
func looseBits(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + string(alphabet[last^1])
}

func TestHostileTokensAreRefused(t *testing.T) {
	h := newHouse(t)
	h.google.Publish(one(), identitytest.EC("ec"))
	if _, err := h.asGoogle(t.Context(), one().Token(h.googleClaims())); err != nil {
		t.Fatalf("the token that all others were made of: %v", err)
	}
	for name, token := range hostile(h) {
		t.Run(name, func(t *testing.T) {
			who, err := h.asGoogle(t.Context(), token)
			// Short ones are no secrets, and occur in every text.
			badToken(t, err, strings.Repeat(token, min(len(token)/8, 1)))
			if who != (account.Identity{}) {
				t.Errorf("there is an identity beside the error: %+v", who)
			}
		})
	}
}

// A token of one provider is none of another's, even where an attacker could choose its issuer and audience.
func TestProvidersDoNotShareKeys(t *testing.T) {
	h := newHouse(t)
	h.apple.Publish(identitytest.RSA("two"))
	_, err := h.Identify(t.Context(), account.Apple, one().Token(h.appleClaims()), "")
	badToken(t, err)
	_, err = h.Identify(t.Context(), account.Google, identitytest.RSA("two").Token(h.googleClaims()), "")
	badToken(t, err)
}

func TestProvidersThatAreOff(t *testing.T) {
	off := identity.New(identity.Config{})
	h := newHouse(t)
	for provider, token := range map[account.Provider]string{
		account.Google: one().Token(h.googleClaims()), account.Apple: one().Token(h.appleClaims()),
		account.Facebook: "EAAB", account.Email: "x",
	} {
		_, err := off.Identify(t.Context(), provider, token, "")
		refused(t, err, fault.KindInvalid, "provider_not_configured")
	}
	_, err := off.Identify(t.Context(), account.Facebook, one().Token(h.limitedClaims()), "")
	refused(t, err, fault.KindInvalid, "provider_not_configured")
	t.Run("a classic token where the secret is not set", func(t *testing.T) {
		_, err := h.limitedOnly(t).Identify(t.Context(), account.Facebook, "EAAB", "")
		refused(t, err, fault.KindInvalid, "provider_not_configured")
	})
}
