package signature

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// vector is an example of the documentation: what is given, and what comes out.
var vector = regexp.MustCompile("(?m)^### (Vector .*)\n\n```\n((?:.*\n)*?)```\n\n```\n((?:.*\n)*?)```$")

// TestVectorsOfTheDocumentation computes anew what mobile teams test their own code against.
func TestVectorsOfTheDocumentation(t *testing.T) {
	text, err := os.ReadFile("../../docs/request-signing.md")
	if err != nil {
		t.Fatal(err)
	}
	vectors := vector.FindAllStringSubmatch(string(text), -1)
	if len(vectors) != 3 {
		t.Fatalf("found %d vectors, want 3", len(vectors))
	}
	for _, v := range vectors {
		t.Run(v[1], func(t *testing.T) {
			given := map[string]string{}
			for line := range strings.Lines(v[2]) {
				name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
				given[name] = strings.TrimLeft(value, " ")
			}
			seconds, err := strconv.ParseInt(given["created"], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			now := func() time.Time { return time.Unix(seconds, 0) }
			r, err := http.NewRequestWithContext(t.Context(), given["method"], given["address"], strings.NewReader(given["body"]))
			if err != nil {
				t.Fatal(err)
			}
			s := &Signer{secret: key(given["secret"]), now: now, nonce: func() string { return given["nonce"] }}
			if err := s.Sign(r, []byte(given["body"])); err != nil {
				t.Fatal(err)
			}
			to, _ := newTarget(given["address"])
			signed, err := base(message{r.Method, to, r.Header}, s.input())
			if err != nil {
				t.Fatal(err)
			}
			want := string(signed) + "\n\n"
			for _, name := range []string{digestHeader, inputHeader, signatureHeader} {
				want += fmt.Sprintf("%s: %s\n", name, r.Header.Get(name))
			}
			if v[3] != want {
				t.Errorf("the documentation has\n%s\nwant\n%s", v[3], want)
			}
			body, err := NewVerifier(given["secret"], "", NewMemory(1, now), now).Verify(r, given["address"])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, body); err != nil {
				t.Error(err)
			}
		})
	}
}
