package httpapi

import (
	"net/http"
	"net/netip"
	"strings"
)

// proxies are the networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
type proxies []netip.Prefix

func (p proxies) include(addr netip.Addr) bool {
	for _, network := range p {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// client returns the address that a request comes from: the other end of the connection, or if that is a proxy of ours,
// the last address in X-Forwarded-For that is none. Whatever stands left of it was written by strangers, and so was
// what stands left of an entry that is no address: there the last good address counts.
func (p proxies) client(r *http.Request) netip.Addr {
	at := peer(r)
	if !p.include(at) {
		return at
	}
	headers := r.Header.Values("X-Forwarded-For")
	for i := len(headers) - 1; i >= 0; i-- {
		for rest, more := headers[i], true; more; {
			var hop string
			rest, hop, more = cutLast(rest)
			addr, ok := parseHop(hop)
			if !ok {
				return at
			}
			if at = addr; !p.include(at) {
				return at
			}
		}
	}
	return at // proxies only: one of them asks for itself
}

// scheme returns "http" or "https" as a proxy of ours says that the client has used it, or "" where none says so.
func (p proxies) scheme(r *http.Request) string {
	if !p.include(peer(r)) {
		return ""
	}
	first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",")
	switch scheme := strings.ToLower(strings.TrimSpace(first)); scheme {
	case "http", "https":
		return scheme
	}
	return ""
}

// peer returns the address at the other end of the connection. A Unix socket has none, but only this machine reaches it.
func peer(r *http.Request) netip.Addr {
	if addr, ok := parseHop(r.RemoteAddr); ok {
		return addr
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1})
}

// parseHop reads an address as proxies write it: alone, in brackets, or with a port. An IPv4 address in an IPv6 one is the
// IPv4 address; a zone says nothing to others.
func parseHop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if withPort, err := netip.ParseAddrPort(text); err == nil { // as net/http writes the other end of each connection
		return withPort.Addr().Unmap().WithZone(""), true
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	return addr.Unmap().WithZone(""), err == nil
}

// cutLast cuts at the last comma and reports whether there was one.
func cutLast(list string) (before, last string, found bool) {
	i := strings.LastIndexByte(list, ',')
	if i < 0 {
		return "", list, false
	}
	return list[:i], list[i+1:], true
}

// household is what counts as one client: an IPv4 address, or an IPv6 network of 64 bits, of which every customer has at
// least one and may use any address.
func household(addr netip.Addr) string {
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}
