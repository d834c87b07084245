package signature

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dunglas/httpsfv"
)

// TestRFC9421 is section B.2.5 of the RFC, "Signing a Request Using hmac-sha256".
func TestRFC9421(t *testing.T) {
	secret, err := base64.StdEncoding.DecodeString("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==")
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://example.com/foo?param=Value&Pet=dog", strings.NewReader(`{"hello": "world"}`))
	r.Header.Set("Date", "Tue, 20 Apr 2021 02:07:55 GMT")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Digest", "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:")
	r.Header.Set("Signature-Input", `sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"`)
	to, err := newTarget("https://example.com/foo?param=Value&Pet=dog")
	if err != nil {
		t.Fatal(err)
	}
	inputs, err := httpsfv.UnmarshalDictionary(r.Header.Values("Signature-Input"))
	if err != nil {
		t.Fatal(err)
	}
	input, _ := inputs.Get("sig-b25")
	signed, err := base(message{r.Method, to, r.Header}, input.(httpsfv.InnerList))
	if err != nil {
		t.Fatal(err)
	}
	want := `"date": Tue, 20 Apr 2021 02:07:55 GMT
"@authority": example.com
"content-type": application/json
"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"`
	if string(signed) != want {
		t.Errorf("the base is\n%s\nwant\n%s", signed, want)
	}
	if got, want := base64.StdEncoding.EncodeToString(mac(secret, signed)), "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="; got != want {
		t.Errorf("the signature is %s, want %s", got, want)
	}
	if sums, err := parseDigests(r.Header); err != nil || len(sums["sha-512"]) != 64 {
		t.Errorf("its Content-Digest: %v, %v", sums, err)
	}
}

// TestTargets: what means the same is signed the same, and nothing else is.
func TestTargets(t *testing.T) {
	for address, want := range map[string]string{
		"https://API.Example.com/a?b=c":        "https://api.example.com/a?b=c",
		"HTTPS://api.example.com:443/a":        "https://api.example.com/a",
		"http://api.example.com:80/a":          "http://api.example.com/a",
		"https://api.example.com:80/a":         "https://api.example.com:80/a",
		"https://api.example.com:8443/a":       "https://api.example.com:8443/a",
		"https://[2001:DB8::1]:443/a":          "https://[2001:db8::1]/a",
		"https://api.example.com":              "https://api.example.com/",
		"https://api.example.com/a%2Fb/%C3%A9": "https://api.example.com/a%2Fb/%C3%A9",
		"https://api.example.com/a?":           "https://api.example.com/a?",
		"https://api.example.com/A?X=%2f&x":    "https://api.example.com/A?X=%2f&x",
		"/a":                                   "",
		"https:///a":                           "",
		"::":                                   "",
	} {
		got, err := newTarget(address)
		if want == "" {
			if err == nil {
				t.Errorf("%s is taken for %s", address, got)
			}
			continue
		}
		if err != nil || got.String() != want {
			t.Errorf("%s: %s, %v; want %s", address, got, err, want)
		}
	}
}
