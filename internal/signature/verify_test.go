package signature_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/signature"
)

const (
	secret  = "a-secret-of-this-test-alone"
	address = "https://api.example.com/api/v1/users/me?x=1"
)

func request(tb testing.TB, body string) *http.Request {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodDelete, address, io.NopCloser(strings.NewReader(body)))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func signed(tb testing.TB, body string) *http.Request {
	tb.Helper()
	r := request(tb, body)
	if err := signature.NewSigner(secret).Sign(r, []byte(body)); err != nil {
		tb.Fatal(err)
	}
	return r
}

func verifier(now func() time.Time) *signature.Verifier {
	return signature.NewVerifier(secret, "", signature.NewMemory(100, now), now)
}

// code is the code of a fault, or "" where there is none.
func code(err error) string {
	f, ok := fault.As(err)
	if !ok && err != nil {
		return "no fault: " + err.Error()
	}
	if !ok {
		return ""
	}
	return f.Code
}

func TestSignedRequest(t *testing.T) {
	for name, body := range map[string]string{"a body": `{"role": "admin"}`, "none": "", "a large one": strings.Repeat("0123456789", 1<<17)} {
		t.Run(name, func(t *testing.T) {
			r := signed(t, body)
			r.Body = io.NopCloser(iotest.OneByteReader(strings.NewReader(body)))
			got, err := verifier(nil).Verify(r, address)
			if err != nil {
				t.Fatal(err)
			}
			read, err := io.ReadAll(got)
			if err != nil || string(read) != body {
				t.Errorf("the body: %d bytes, %v", len(read), err)
			}
		})
	}
	t.Run("one of several addresses", func(t *testing.T) {
		if _, err := verifier(nil).Verify(signed(t, ""), "http://10.0.0.1/x", "nonsense", address); err != nil {
			t.Error(err)
		}
	})
	t.Run("the address in other words", func(t *testing.T) {
		if _, err := verifier(nil).Verify(signed(t, ""), "https://API.example.com:443/api/v1/users/me?x=1"); err != nil {
			t.Error(err)
		}
	})
	t.Run("beside a proxy's own signature", func(t *testing.T) {
		r := signed(t, "")
		r.Header.Set("Signature-Input", `proxy=("@method");keyid="proxy";alg="ed25519", token, `+r.Header.Get("Signature-Input"))
		r.Header.Set("Signature", `proxy=:AAAA:, `+r.Header.Get("Signature"))
		if _, err := verifier(nil).Verify(r, address); err != nil {
			t.Error(err)
		}
	})
}

// While apps are given a new secret, those that have the one before sign well, and are counted.
func TestPreviousSecret(t *testing.T) {
	const newer = "a-newer-secret-of-this-test"
	v := signature.NewVerifier(newer, secret, signature.NewMemory(100, nil), nil)
	by := func(secret string) string {
		r := request(t, "")
		if err := signature.NewSigner(secret).Sign(r, nil); err != nil {
			t.Fatal(err)
		}
		_, err := v.Verify(r, address)
		return code(err)
	}
	for _, tt := range []struct {
		secret, code string
		byPrevious   uint64
	}{
		{newer, "", 0},
		{secret, "", 1},
		{"a-secret-that-nobody-knows", "signature_invalid", 1},
		{newer, "", 1},
	} {
		if got := by(tt.secret); got != tt.code {
			t.Errorf("signed with %s: code %q, want %q", tt.secret, got, tt.code)
		}
		if got := v.ByPrevious(); got != tt.byPrevious {
			t.Errorf("after %s: %d by the previous secret, want %d", tt.secret, got, tt.byPrevious)
		}
	}
	recorded := signed(t, "")
	for i, want := range []string{"", "signature_replayed"} {
		if _, err := v.Verify(recorded.Clone(t.Context()), address); code(err) != want {
			t.Errorf("the same request, time %d, with the previous secret: %v, want %q", i, err, want)
		}
	}
	if _, err := signature.NewVerifier(newer, "", signature.NewMemory(100, nil), nil).Verify(signed(t, ""), address); code(err) != "signature_invalid" {
		t.Errorf("once the previous secret is forgotten: %v", err)
	}
}

// change edits a header that was signed well.
func change(name, pattern, with string) func(*http.Request) {
	return func(r *http.Request) {
		before := r.Header.Get(name)
		after := regexp.MustCompile(pattern).ReplaceAllString(before, with)
		if before == after {
			panic("nothing was changed in " + before)
		}
		r.Header.Set(name, after)
	}
}

var forgeries = []struct {
	name   string
	change func(*http.Request)
	want   string
}{
	{"no signature", func(r *http.Request) { r.Header.Del("Signature") }, "signature_missing"},
	{"no input", func(r *http.Request) { r.Header.Del("Signature-Input") }, "signature_missing"},
	{"neither", func(r *http.Request) { r.Header = http.Header{} }, "signature_missing"},
	{"another method", func(r *http.Request) { r.Method = http.MethodPut }, "signature_invalid"},
	{"no digest", func(r *http.Request) { r.Header.Del("Content-Digest") }, "signature_invalid"},
	{"another digest", change("Content-Digest", `:.*:`, ":"+strings.Repeat("A", 43)+"=:"), "signature_invalid"},
	{"a second digest", func(r *http.Request) { r.Header.Add("Content-Digest", "sha-512=::") }, "signature_invalid"},
	{"another signature", change("Signature", `:....`, ":AAAA"), "signature_invalid"},
	{"a short signature", change("Signature", `:.*:`, "::"), "signature_invalid"},
	{"a signature under another label", change("Signature", `sig1`, "sig2"), "signature_invalid"},
	{"a signature that is a string", change("Signature", `:.*:`, `"x"`), "signature_invalid"},
	{"a signature that is a list", change("Signature", `:.*:`, `(1 2)`), "signature_invalid"},
	{"a signature that cannot be read", change("Signature", `:.*:`, `:not base64:`), "signature_invalid"},
	{"an input that cannot be read", change("Signature-Input", `\(`, "(("), "signature_invalid"},
	{"an input that is no list", change("Signature-Input", `=\(.*`, `=1;keyid="default"`), "signature_invalid"},
	{"nothing is covered", change("Signature-Input", `\(.*\)`, "()"), "signature_invalid"},
	{"the method is not covered", change("Signature-Input", `"@method" `, ""), "signature_invalid"},
	{"the address is not covered", change("Signature-Input", `"@target-uri"`, `"@path"`), "signature_invalid"},
	{"the digest is not covered", change("Signature-Input", ` "content-digest"`, ""), "signature_invalid"},
	{"components in another order", change("Signature-Input", `"@method" "@target-uri"`, `"@target-uri" "@method"`), "signature_invalid"},
	{"a component twice", change("Signature-Input", `\(`, `("@method" `), "signature_invalid"},
	{"a component that is not there", change("Signature-Input", `\)`, ` "x-none")`), "signature_invalid"},
	{"a component that is not known", change("Signature-Input", `\)`, ` "@status")`), "signature_invalid"},
	{"a component in capitals", change("Signature-Input", `\)`, ` "Content-Digest")`), "signature_invalid"},
	{"a component that is a token", change("Signature-Input", `\)`, ` date)`), "signature_invalid"},
	{"a component with a parameter", change("Signature-Input", `\)`, ` "content-digest";sf)`), "signature_invalid"},
	{"a component with a parameter in place of one without", change("Signature-Input", `"content-digest"`, `"content-digest";key="x"`), "signature_invalid"},
	{"another algorithm", change("Signature-Input", `hmac-sha256`, "ed25519"), "signature_invalid"},
	{"an algorithm that is a token", change("Signature-Input", `"hmac-sha256"`, "hmac-sha256"), "signature_invalid"},
	{"no algorithm, when one was signed", change("Signature-Input", `;alg="hmac-sha256"`, ""), "signature_invalid"},
	{"another key", change("Signature-Input", `"default"`, `"other"`), "signature_invalid"},
	{"no key", change("Signature-Input", `;keyid="default"`, ""), "signature_invalid"},
	{"a key that is a token", change("Signature-Input", `"default"`, "default"), "signature_invalid"},
	{"two signatures with our key", change("Signature-Input", `(.*)`, `$1, sig2=();keyid="default"`), "signature_invalid"},
	{"another time", change("Signature-Input", `created=\d`, "created=2"), "signature_invalid"},
	{"no time", change("Signature-Input", `;created=\d+`, ""), "signature_invalid"},
	{"a time that is a string", change("Signature-Input", `created=(\d+)`, `created="$1"`), "signature_invalid"},
	{"a time with a fraction", change("Signature-Input", `created=(\d+)`, `created=$1.5`), "signature_invalid"},
	{"a time beyond all", change("Signature-Input", `created=(\d+)`, `created=99999999999999999999`), "signature_invalid"},
	{"an end that is a word", change("Signature-Input", `;alg`, `;expires=soon;alg`), "signature_invalid"},
	{"another end", change("Signature-Input", `;alg`, `;expires=1;alg`), "signature_invalid"},
	{"another nonce", change("Signature-Input", `nonce=".`, `nonce="~`), "signature_invalid"},
	{"no nonce", change("Signature-Input", `;nonce=.*`, ""), "signature_invalid"},
	{"a short nonce", change("Signature-Input", `nonce=".*"`, `nonce="123456789012345"`), "signature_invalid"},
	{"a long nonce", change("Signature-Input", `nonce=".*"`, `nonce="`+strings.Repeat("n", 257)+`"`), "signature_invalid"},
	{"a nonce that is a number", change("Signature-Input", `nonce=".*"`, `nonce=1234567890123456`), "signature_invalid"},
}

func TestForgeries(t *testing.T) {
	for _, tt := range forgeries {
		t.Run(tt.name, func(t *testing.T) {
			r := signed(t, "body")
			tt.change(r)
			if _, err := verifier(nil).Verify(r, address); code(err) != tt.want || !fault.Is(err, fault.KindUnauthorized) {
				t.Errorf("%v (code %q), want the code %q", err, code(err), tt.want)
			}
		})
	}
	for name, at := range map[string][]string{
		"another path": {"https://api.example.com/api/v1/users/you?x=1"}, "another query": {"https://api.example.com/api/v1/users/me?x=2"},
		"no query": {"https://api.example.com/api/v1/users/me"}, "another host": {"https://api.example.org/api/v1/users/me?x=1"},
		"another scheme": {"http://api.example.com/api/v1/users/me?x=1"}, "no address": nil,
	} {
		if _, err := verifier(nil).Verify(signed(t, ""), at...); code(err) != "signature_invalid" {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Run("another secret", func(t *testing.T) {
		v := signature.NewVerifier(secret+"?", "", signature.NewMemory(1, nil), nil)
		if _, err := v.Verify(signed(t, ""), address); code(err) != "signature_invalid" {
			t.Error(err)
		}
	})
}

// TestChangedBody: whoever reads a body to its end learns that it is another one, however often they ask.
func TestChangedBody(t *testing.T) {
	for name, sent := range map[string]string{"another": "tampered", "longer": "body!", "shorter": "bod", "none": ""} {
		t.Run(name, func(t *testing.T) {
			r := signed(t, "body")
			r.Body = io.NopCloser(strings.NewReader(sent))
			got, err := verifier(nil).Verify(r, address)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				if _, err := io.ReadAll(got); code(err) != "signature_digest_mismatch" {
					t.Fatalf("the end of the body: %v", err)
				}
			}
		})
	}
	t.Run("broken off", func(t *testing.T) {
		r := signed(t, "body")
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader("bo"), iotest.ErrReader(io.ErrUnexpectedEOF)))
		got, err := verifier(nil).Verify(r, address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(got); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("the end of the body: %v", err)
		}
	})
}

func TestWindow(t *testing.T) {
	for name, tt := range map[string]struct {
		late time.Duration
		want string
	}{
		"at once":               {0, ""},
		"at the end":            {signature.Window - time.Second, ""},
		"too late":              {signature.Window + 2*time.Second, "signature_expired"},
		"from a clock ahead":    {-signature.Window + 2*time.Second, ""},
		"from too far a future": {-signature.Window - 2*time.Second, "signature_expired"},
	} {
		t.Run(name, func(t *testing.T) {
			now := func() time.Time { return time.Now().Add(tt.late) }
			if _, err := verifier(now).Verify(signed(t, ""), address); code(err) != tt.want {
				t.Errorf("%v, want the code %q", err, tt.want)
			}
		})
	}
}

func TestReplays(t *testing.T) {
	var late time.Duration
	v := verifier(func() time.Time { return time.Now().Add(late) })
	r := signed(t, "")
	for i, want := range []string{"", "signature_replayed", "signature_replayed", "signature_replayed", "signature_expired"} {
		late = time.Duration(i) * 80 * time.Second // the last one is after 320 s
		if _, err := v.Verify(r, address); code(err) != want {
			t.Errorf("after %s: %v, want the code %q", late, err, want)
		}
	}
	t.Run("what is not genuine uses no nonce up", func(t *testing.T) {
		r := signed(t, "")
		forged := r.Clone(t.Context())
		forged.Method = http.MethodPut
		v := verifier(nil)
		for i, want := range []string{"signature_invalid", ""} {
			if _, err := v.Verify([]*http.Request{forged, r}[i], address); code(err) != want {
				t.Errorf("request %d: %v, want the code %q", i, err, want)
			}
		}
	})
	t.Run("nobody can tell", func(t *testing.T) {
		v := signature.NewVerifier(secret, "", out{}, nil)
		if _, err := v.Verify(signed(t, ""), address); !fault.Is(err, fault.KindUnavailable) {
			t.Errorf("%v, want unavailable", err)
		}
	})
}

// out is a memory that is out.
type out struct{}

func (out) Use(context.Context, string, time.Duration) (bool, error) {
	return false, fault.Unavailable("out")
}

func TestShortSecretPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a secret of 15 bytes is taken")
		}
	}()
	signature.NewSigner("123456789012345")
}

func TestSignNeedsAnAddress(t *testing.T) {
	if err := signature.NewSigner(secret).Sign(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/a", nil), nil); err == nil {
		t.Error("a request without a host is signed")
	}
}
