package httpapi

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

// ourProxies are one network, one machine, and this machine.
var ourProxies = proxies{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::1/128"), netip.MustParsePrefix("127.0.0.0/8"),
}

func TestClientAddress(t *testing.T) {
	tests := []struct {
		name      string
		peer      string
		forwarded []string
		want      string
	}{
		{"nobody between", "192.0.2.1:1234", nil, "192.0.2.1"},
		{"IPv6", "[2001:db8::7]:443", nil, "2001:db8::7"},
		{"IPv4 in IPv6 is IPv4", "[::ffff:192.0.2.1]:443", nil, "192.0.2.1"},
		{"a zone is dropped", "[fe80::1%eth0]:443", nil, "fe80::1"},
		{"a Unix socket is this machine", "@", nil, "127.0.0.1"},
		{"a Unix socket without a name", "", nil, "127.0.0.1"},
		{"a proxy on a Unix socket", "@", []string{"192.0.2.9"}, "192.0.2.9"},
		{"a stranger claims an address", "192.0.2.1:1", []string{"198.51.100.1"}, "192.0.2.1"},
		{"our proxy tells", "10.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"our proxy, IPv4 in IPv6", "[::ffff:10.0.0.1]:1", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"our proxy, IPv6", "[2001:db8:1::1]:1", []string{"2001:db8::9"}, "2001:db8::9"},
		{"a neighbour of our proxy is a stranger", "[2001:db8:1::2]:1", []string{"2001:db8::9"}, "2001:db8:1::2"},
		{"the client's own claim stands left", "10.0.0.1:1", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
		{"through two proxies", "10.0.0.1:1", []string{"1.1.1.1, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		{"several headers are one list", "10.0.0.1:1", []string{"1.1.1.1", "198.51.100.1", "10.0.0.2, 10.0.0.3"}, "198.51.100.1"},
		{"with a port", "10.0.0.1:1", []string{"198.51.100.1:5678"}, "198.51.100.1"},
		{"IPv6 with a port", "10.0.0.1:1", []string{"[2001:db8::9]:5678"}, "2001:db8::9"},
		{"IPv6 in brackets", "10.0.0.1:1", []string{"[2001:db8::9]"}, "2001:db8::9"},
		{"no header", "10.0.0.1:1", nil, "10.0.0.1"},
		{"an empty header", "10.0.0.1:1", []string{""}, "10.0.0.1"},
		{"what is no address ends it", "10.0.0.1:1", []string{"198.51.100.1, unknown"}, "10.0.0.1"},
		{"… behind a proxy of ours", "10.0.0.1:1", []string{"198.51.100.1, _hidden, 10.0.0.2"}, "10.0.0.2"},
		{"a trailing comma ends it", "10.0.0.1:1", []string{"198.51.100.1,"}, "10.0.0.1"},
		{"a number is no address", "10.0.0.1:1", []string{"3221225985"}, "10.0.0.1"},
		{"a network is no address", "10.0.0.1:1", []string{"198.51.100.0/24"}, "10.0.0.1"},
		{"spaces do not matter", "10.0.0.1:1", []string{" \t198.51.100.1 \t"}, "198.51.100.1"},
		{"a proxy asks for itself", "10.0.0.1:1", []string{"10.0.0.9"}, "10.0.0.9"},
		{"all are proxies: the first", "10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"very many", "10.0.0.1:1", []string{strings.Repeat("1.1.1.1,", 8000) + "198.51.100.1"}, "198.51.100.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: tt.peer, Header: http.Header{"X-Forwarded-For": tt.forwarded}}
			if got := ourProxies.client(r).String(); got != tt.want {
				t.Errorf("client = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestForwardedScheme(t *testing.T) {
	for _, tt := range []struct{ peer, header, want string }{
		{"10.0.0.1:1", "http", "http"},
		{"10.0.0.1:1", "HTTPS", "https"},
		{"10.0.0.1:1", "http, https", "http"},
		{"10.0.0.1:1", "", ""},
		{"10.0.0.1:1", "ftp", ""},
		{"192.0.2.1:1", "http", ""},
	} {
		r := &http.Request{RemoteAddr: tt.peer, Header: http.Header{"X-Forwarded-Proto": {tt.header}}}
		if got := ourProxies.scheme(r); got != tt.want {
			t.Errorf("%s says %q: scheme = %q, want %q", tt.peer, tt.header, got, tt.want)
		}
	}
}

func TestHousehold(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.1":               "192.0.2.1",
		"2001:db8:1:2:3:4:5:6":    "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::":     "2001:db8:1:2::/64",
		"2001:db8:1:3:ffff::":     "2001:db8:1:3::/64",
		"::1":                     "::/64",
		"fe80::1":                 "fe80::/64",
		"64:ff9b::c000:201":       "64:ff9b::/64",
		"2002:c000:201::c000:201": "2002:c000:201::/64",
	} {
		if got := household(netip.MustParseAddr(addr)); got != want {
			t.Errorf("household(%s) = %s, want %s", addr, got, want)
		}
	}
}
