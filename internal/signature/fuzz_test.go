package signature_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/signature"
)

// FuzzVerify: whatever stands in the header, the verifier answers with one of its codes; and it takes nothing that was not
// signed, since the fuzzer does not know the secret.
func FuzzVerify(f *testing.F) {
	seeds := []*http.Request{signed(f, "body")}
	for _, tt := range forgeries {
		r := signed(f, "body")
		tt.change(r)
		seeds = append(seeds, r)
	}
	for _, r := range seeds {
		f.Add(r.Method, address, r.Header.Get("Content-Digest"), r.Header.Get("Signature-Input"), r.Header.Get("Signature"), "body")
	}
	f.Add("GET", "http://[::1", "sha-256", "a=()", "a", "")
	f.Add("GET", "//x", "", `sig1=("@method";x "@query" "a" 1);created=-1;nonce=?1`, "sig1=:=:", "")
	v := signature.NewVerifier("a-secret-that-no-seed-has", "", signature.NewMemory(10, nil), nil)
	f.Fuzz(func(t *testing.T, method, to, digest, input, mac, body string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, io.NopCloser(strings.NewReader(body)))
		if err != nil {
			t.Fatal(err)
		}
		r.Method = method
		r.Header = http.Header{"Content-Digest": {digest}, "Signature-Input": {input}, "Signature": {mac}}
		_, err = v.Verify(r, to, address)
		if problem, ok := fault.As(err); !ok || problem.Kind != fault.KindUnauthorized || !strings.HasPrefix(problem.Code, "signature_") {
			t.Errorf("%v", err)
		}
	})
}
