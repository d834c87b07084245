package account

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

// macs are the algorithms that a holder of the key could sign with; any other name is signed like HS256.
var macs = map[any]func() hash.Hash{"HS384": sha512.New384, "HS512": sha512.New}

// forge signs any header and claims with a key, as somebody without our library would.
func forge(t testing.TB, header, claims map[string]any, key []byte) string {
	t.Helper()
	var parts []string
	for _, part := range []map[string]any{header, claims} {
		text, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(text))
	}
	signed := strings.Join(parts, ".")
	digest, known := macs[header["alg"]]
	if !known {
		digest = sha256.New
	}
	mac := hmac.New(digest, key)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestAuthenticateReadsTokens(t *testing.T) {
	h := newHouse(t)
	in := h.register(t)
	key := testConfig().SigningKey
	iat := h.clock.Unix()
	with := func(edits map[string]any) map[string]any {
		c := map[string]any{"iss": "englishctl", "sub": in.User.ID.String(), "iat": iat, "exp": iat + 3600, "jti": "x",
			"role": "learner", "typ": "access"}
		maps.Copy(c, edits)
		maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
		return c
	}
	hs256 := map[string]any{"alg": "HS256", "typ": "JWT"}
	forged := func(edits map[string]any) string { return forge(t, hs256, with(edits), key) }
	alg := func(name string) string { return forge(t, map[string]any{"alg": name, "typ": "JWT"}, with(nil), key) }
	good := forged(nil)
	unsigned := good[:strings.LastIndexByte(good, '.')+1]
	const noneHeader = "eyJhbGciOiJub25lIn0" // {"alg":"none"}

	tests := []struct {
		name, token, code string // no code: accepted
	}{
		{"ours", in.AccessToken, ""},
		{"made by hand with our key", good, ""},
		{"good in the last second", forged(map[string]any{"exp": iat + 1}), ""},
		{"good from now on", forged(map[string]any{"nbf": iat}), ""},

		{"empty", "", "invalid_token"},
		{"no token at all", "garbage", "invalid_token"},
		{"two parts", "a.b", "invalid_token"},
		{"four parts", good + ".x", "invalid_token"},
		{"not base64", "!.!.!", "invalid_token"},
		{"not JSON", "YQ.YQ.YQ", "invalid_token"},
		{"with a scheme before it", "Bearer " + good, "invalid_token"},
		{"longer than 8 KiB", forged(map[string]any{"pad": strings.Repeat("x", 8<<10)}), "invalid_token"},
		{"huge", strings.Repeat("a.", 1<<20), "invalid_token"},
		{"NUL at the end", good + "\x00", "invalid_token"},

		{"alg none without a signature", noneHeader + unsigned[strings.IndexByte(unsigned, '.'):], "invalid_token"},
		{"alg none with a signature", alg("none"), "invalid_token"},
		{"alg None", alg("None"), "invalid_token"},
		{"alg HS384, signed with our key", alg("HS384"), "invalid_token"},
		{"alg HS512, signed with our key", alg("HS512"), "invalid_token"},
		{"alg RS256 with our key as the public one", alg("RS256"), "invalid_token"},
		{"alg ES256", alg("ES256"), "invalid_token"},
		{"no alg", forge(t, map[string]any{"typ": "JWT"}, with(nil), key), "invalid_token"},
		{"HS256 without a signature", unsigned, "invalid_token"},
		{"another key", forge(t, hs256, with(nil), []byte(strings.Repeat("x", minKeyBytes))), "invalid_token"},
		{"an empty key", forge(t, hs256, with(nil), nil), "invalid_token"},
		{"signature of another token", unsigned + in.AccessToken[strings.LastIndexByte(in.AccessToken, '.')+1:], "invalid_token"},
		{"claims changed after signing", tamper(t, good, "learner", "admin!!"), "invalid_token"},
		{"another spelling of the signature", respell(good), "invalid_token"},

		{"another issuer", forged(map[string]any{"iss": "englishctl.evil"}), "invalid_token"},
		{"no issuer", forged(map[string]any{"iss": nil}), "invalid_token"},
		{"no end", forged(map[string]any{"exp": nil}), "invalid_token"},
		{"end is no number", forged(map[string]any{"exp": "never"}), "invalid_token"},
		{"not good yet", forged(map[string]any{"nbf": iat + 60}), "invalid_token"},
		{"no subject", forged(map[string]any{"sub": nil}), "invalid_token"},
		{"subject is no id", forged(map[string]any{"sub": "root"}), "invalid_token"},
		{"no token id", forged(map[string]any{"jti": nil}), "invalid_token"},
		{"a refresh token", in.RefreshToken, "invalid_token"},
		{"no type", forged(map[string]any{"typ": nil}), "invalid_token"},
		{"another type", forged(map[string]any{"typ": "Access"}), "invalid_token"},
		{"an expired refresh token", forged(map[string]any{"typ": "refresh", "exp": iat - 1}), "invalid_token"},

		{"expired", forged(map[string]any{"exp": iat - 1}), "token_expired"},
		{"expired this second", forged(map[string]any{"exp": iat}), "token_expired"},
		{"an account that never was", forged(map[string]any{"sub": uuid.NewString()}), "account_gone"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := h.Authenticate(t.Context(), tt.token)
			if tt.code != "" {
				wantFault(t, err, fault.KindUnauthorized, tt.code)
				if tt.token != "" && strings.Contains(err.Error(), tt.token) {
					t.Fatal("the error shows the token")
				}
				return
			}
			if want := (Principal{UserID: in.User.ID, Role: Learner}); err != nil || got != want {
				t.Fatalf("Authenticate = %v, %v; want %v", got, err, want)
			}
		})
	}
}

// tamper replaces a text of the same length in a token's claims and keeps the signature.
func tamper(t *testing.T, token, from, to string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || !strings.Contains(string(text), from) {
		t.Fatalf("no %q in %s: %v", from, text, err)
	}
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(text), from, to, 1)))
	return strings.Join(parts, ".")
}

// respell changes the two bits of a 32-byte signature's last character that carry nothing.
func respell(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + string(alphabet[last^1])
}

func TestTokensSayWhatIsDecided(t *testing.T) {
	h := newHouse(t)
	in := h.register(t)
	iat := h.clock.Unix()
	for typ, token := range map[string]string{"access": in.AccessToken, "refresh": in.RefreshToken} {
		var header, got map[string]any
		parts := strings.Split(token, ".")
		for i, to := range []*map[string]any{&header, &got} {
			text, err := base64.RawURLEncoding.DecodeString(parts[i])
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, to); err != nil {
				t.Fatal(err)
			}
		}
		lasts := map[string]int64{"access": 3600, "refresh": 7 * 24 * 3600}[typ]
		want := fmt.Sprint(map[string]any{"iss": "englishctl", "sub": in.User.ID, "role": "learner", "typ": typ, "jti": got["jti"],
			"iat": float64(iat), "exp": float64(iat + lasts)})
		if fmt.Sprint(got) != want || header["alg"] != "HS256" || got["jti"] == "" {
			t.Errorf("%s token says %v %v, want HS256 %s", typ, header, got, want)
		}
	}
}

func TestTheServerRemembersOnlyAHashOfTheRefreshToken(t *testing.T) {
	h := newHouse(t)
	in := h.register(t)
	c, err := h.tokens.parse(in.RefreshToken, refreshToken)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(c.ID))
	stored, ok := h.store.tokens[string(sum[:])]
	if !ok || len(h.store.tokens) != 1 {
		t.Fatalf("stored tokens = %v, want one by the SHA-256 of its id", h.store.tokens)
	}
	start := h.clock.Truncate(time.Second)
	if stored.UserID != in.User.ID || !stored.IssuedAt.Equal(start) || !stored.ExpiresAt.Equal(start.Add(7*24*time.Hour)) {
		t.Fatalf("stored token = %+v", stored)
	}
}

func TestNewRefusesAShortKey(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Fatal("a key of 31 bytes is taken")
		}
	}()
	New(newFakeStore(), &fakeCache{}, Config{SigningKey: make([]byte, 31)})
}

// FuzzParseToken looks for a token that is accepted though we never issued it.
func FuzzParseToken(f *testing.F) {
	h := newHouse(f)
	in := h.register(f)
	f.Add(in.AccessToken)
	f.Add(in.RefreshToken)
	f.Add(respell(in.AccessToken))
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("..")
	f.Fuzz(func(t *testing.T, raw string) {
		for typ, ours := range map[tokenType]string{accessToken: in.AccessToken, refreshToken: in.RefreshToken} {
			_, err := h.tokens.parse(raw, typ)
			if (err == nil) != (raw == ours) {
				t.Fatalf("as %s: %v", typ, err)
			}
			if err != nil && !fault.Is(err, fault.KindUnauthorized) {
				t.Fatalf("as %s: %v, want unauthorized", typ, err)
			}
		}
	})
}
