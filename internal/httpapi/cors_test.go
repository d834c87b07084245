package httpapi

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const page = "https://app.example.com"

// corsHeaders are the headers of an answer that CORS is about.
func corsHeaders(a answer) map[string]string {
	got := make(map[string]string)
	for name, values := range a.header {
		if strings.HasPrefix(name, "Access-Control-") || name == "Vary" {
			got[strings.TrimPrefix(name, "Access-Control-")] = strings.Join(values, "; ")
		}
	}
	return got
}

func TestCORS(t *testing.T) {
	const (
		exposed = "Accept-Signature, Allow, Content-Disposition, ETag, Retry-After, WWW-Authenticate, X-Request-ID, " +
			"RateLimit-Limit, RateLimit-Policy, RateLimit-Remaining, RateLimit-Reset"
		methods = "GET, HEAD, POST, PUT, DELETE"
		headers = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Range, X-Request-ID, Content-Digest, Signature, Signature-Input"
	)
	ask := func(origin string) map[string]string {
		return map[string]string{"Origin": origin, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}
	}
	allowed := map[string]string{"Allow-Origin": page, "Allow-Methods": methods, "Allow-Headers": headers, "Max-Age": "7200", "Vary": "Origin"}
	only, all := []string{"http://localhost:3000", page}, []string{"*"}
	tests := []struct {
		name    string
		origins []string
		in      request
		status  int
		want    map[string]string
	}{
		{"nobody is allowed by default", nil, request{path: "/tags", header: map[string]string{"Origin": page}}, 200, map[string]string{}},
		{"… nor may they ask", nil, request{method: "OPTIONS", path: "/tags", header: ask(page)}, 405, map[string]string{}},
		{"an allowed page reads", only, request{path: "/tags", header: map[string]string{"Origin": page}}, 200,
			map[string]string{"Allow-Origin": page, "Expose-Headers": exposed, "Vary": "Origin"}},
		{"… and reads failures", only, request{path: "/nothing", header: map[string]string{"Origin": page}}, 404,
			map[string]string{"Allow-Origin": page, "Expose-Headers": exposed, "Vary": "Origin"}},
		{"another page is served, and its browser keeps the answer", only, request{path: "/tags", header: map[string]string{"Origin": "https://evil.example"}}, 200,
			map[string]string{"Vary": "Origin"}},
		{"an app without an origin", only, request{path: "/tags"}, 200, map[string]string{"Vary": "Origin"}},
		{"an allowed page asks", only, request{method: "OPTIONS", path: "/users/me", header: ask(page)}, 204, allowed},
		{"… about what is not there", only, request{method: "OPTIONS", path: "/nothing", header: ask(page)}, 204, allowed},
		{"another page asks", only, request{method: "OPTIONS", path: "/users/me", header: ask("https://evil.example")}, 405, map[string]string{"Vary": "Origin"}},
		{"another port is another page", only, request{method: "OPTIONS", path: "/users/me", header: ask(page + ":8443")}, 405, map[string]string{"Vary": "Origin"}},
		{"http is another page", only, request{method: "OPTIONS", path: "/users/me", header: ask("http://app.example.com")}, 405, map[string]string{"Vary": "Origin"}},
		{"a longer name is another page", only, request{method: "OPTIONS", path: "/users/me", header: ask(page + ".evil.example")}, 405, map[string]string{"Vary": "Origin"}},
		{"null is nobody", only, request{method: "OPTIONS", path: "/users/me", header: ask("null")}, 405, map[string]string{"Vary": "Origin"}},
		{"OPTIONS that is no preflight", only, request{method: "OPTIONS", path: "/users/me", header: map[string]string{"Origin": page}}, 405,
			map[string]string{"Allow-Origin": page, "Expose-Headers": exposed, "Vary": "Origin"}},
		{"everybody, never with credentials", all, request{path: "/tags", header: map[string]string{"Origin": "https://any.example"}}, 200,
			map[string]string{"Allow-Origin": "*", "Expose-Headers": exposed}},
		{"everybody asks", all, request{method: "OPTIONS", path: "/tags", header: ask("null")}, 204,
			map[string]string{"Allow-Origin": "*", "Allow-Methods": methods, "Allow-Headers": headers, "Max-Age": "7200"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := send(t, newWorldWith(t, Config{AllowedOrigins: tt.origins}).handler, tt.in)
			if got.status != tt.status {
				t.Errorf("status = %d, want %d", got.status, tt.status)
			}
			if diff := cmp.Diff(tt.want, corsHeaders(got)); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

// A browser asks before most calls; that must not cost its user half the budget.
func TestPreflightsAreNotCounted(t *testing.T) {
	w := newLimitedWorldWith(t, Config{AllowedOrigins: []string{page}, RateLimits: map[string]int{"other": 1}})
	ask := request{method: "OPTIONS", path: "/users/me", header: map[string]string{"Origin": page, "Access-Control-Request-Method": "GET"}}
	w.want(t, "192.0.2.7", ask, 20, map[int]int{204: 20})
	if len(w.limiter.keys) > 0 {
		t.Errorf("counted: %v", w.limiter.keys)
	}
}
