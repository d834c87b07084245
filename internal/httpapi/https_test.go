package httpapi

import (
	"crypto/tls"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestHTTPS(t *testing.T) {
	const stranger, proxy = "192.0.2.1:1", "10.0.0.1:1"
	tests := []struct {
		name      string
		public    string // PUBLIC_URL
		peer      string
		forwarded string // X-Forwarded-Proto
		tls       bool
		method    string
		target    string
		host      string
		status    int
		location  string
		hsts      bool
	}{
		{"nobody between: nothing is known", "", stranger, "", false, get, "/healthz", "x", 200, "", false},
		{"a stranger's word does not count", "", stranger, "http", false, get, "/healthz", "x", 200, "", false},
		{"nor for HSTS", "", stranger, "https", false, get, "/healthz", "x", 200, "", false},
		{"TLS of our own", "", stranger, "", true, get, "/healthz", "x", 200, "", true},
		{"a proxy that says nothing", "", proxy, "", false, get, "/healthz", "x", 200, "", false},
		{"a proxy had https", "", proxy, "https", false, get, "/healthz", "x", 200, "", true},
		{"a proxy had http", "", proxy, "http", false, get, "/api/v1/tags?a=b%20c&d", "api.example.com", 301, "https://api.example.com/api/v1/tags?a=b%20c&d", false},
		{"HEAD", "", proxy, "http", false, head, "/healthz", "api.example.com", 301, "https://api.example.com/healthz", false},
		{"the port of http is dropped", "", proxy, "http", false, get, "/healthz", "api.example.com:8080", 301, "https://api.example.com/healthz", false},
		{"IPv6", "", proxy, "http", false, get, "/healthz", "[2001:db8::1]:80", 301, "https://[2001:db8::1]/healthz", false},
		{"PUBLIC_URL is where to go", "https://api.example.com", proxy, "http", false, get, "/healthz", "evil.example", 301, "https://api.example.com/healthz", false},
		{"a path with two slashes stays here", "", proxy, "http", false, get, "//evil.example/x", "api.example.com", 301, "https://api.example.com//evil.example/x", false},
		{"no host to go to", "", proxy, "http", false, get, "/healthz", "", 403, "", false},
		{"PUBLIC_URL is http: it is meant", "http://api.lan", proxy, "http", false, get, "/healthz", "x", 200, "", false},
		{"what changes something is refused", "", proxy, "http", false, post, "/api/v1/auth/login", "x", 403, "", false},
		{"so is DELETE", "https://api.example.com", proxy, "http", false, del, "/api/v1/users/me", "x", 403, "", false},
		{"and OPTIONS", "", proxy, "http", false, "OPTIONS", "/api/v1/users/me", "x", 403, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}}
			if tt.public != "" {
				cfg.PublicURL, _ = url.Parse(tt.public)
			}
			r := request{method: tt.method, path: "//healthz", header: map[string]string{"X-Forwarded-Proto": tt.forwarded}}.build(t)
			r.URL, _ = url.ParseRequestURI(tt.target)
			r.RemoteAddr, r.Host = tt.peer, tt.host
			if tt.tls {
				r.TLS = &tls.ConnectionState{}
			}
			w := newWorldWith(t, cfg)
			got := serve(t, w.handler, r)
			if got.status != tt.status || got.header.Get("Location") != tt.location {
				t.Errorf("status %d, Location %q; want %d, %q", got.status, got.header.Get("Location"), tt.status, tt.location)
			}
			if hsts := got.header.Get("Strict-Transport-Security"); (hsts == "max-age=31536000") != tt.hsts {
				t.Errorf("Strict-Transport-Security = %q", hsts)
			}
			if tt.status == 403 && (got.problem(t).Code != "https_required" || !strings.Contains(got.body, "use https")) {
				t.Errorf("problem %s", got.body)
			}
			if len(w.calls) > 0 && tt.status != 200 {
				t.Errorf("a service was called: %v", w.calls)
			}
		})
	}
}
