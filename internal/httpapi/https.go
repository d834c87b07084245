package httpapi

import (
	"net/http"
	"net/url"
	"strings"
)

// hsts makes a browser use https for a year, whatever a link says (RFC 6797).
const hsts = "max-age=31536000"

// requireHTTPS sends whoever came to a proxy of ours over http to https. Without a proxy that says so nothing is known,
// and nothing is required: the embedded default speaks http on loopback.
//
// What changes something is refused instead: its body has crossed the network in the clear, and that should be noticed.
func (a *API) requireHTTPS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme := a.proxies.scheme(r)
		switch {
		case r.TLS != nil || scheme == "https":
			w.Header().Set("Strict-Transport-Security", hsts)
			next.ServeHTTP(w, r)
		case scheme != "http" || a.servesHTTP():
			next.ServeHTTP(w, r)
		case (r.Method == get || r.Method == head) && r.Host != "":
			w.Header().Set("Location", a.httpsAddress(r))
			w.WriteHeader(http.StatusMovedPermanently)
		default:
			a.fail(w, r, &refusal{http.StatusForbidden, "https_required",
				"use https; this request has come over http, where others may have read it"})
		}
	})
}

// servesHTTP reports whether the operator wants it so.
func (a *API) servesHTTP() bool { return a.publicURL != nil && a.publicURL.Scheme == "http" }

// httpsAddress is the request's address with https: at PUBLIC_URL, or else at the host that was asked for.
func (a *API) httpsAddress(r *http.Request) string {
	if a.publicURL != nil {
		return a.publicURL.String() + r.URL.RequestURI()
	}
	asked := url.URL{Scheme: "https", Host: r.Host}
	asked.Host = strings.TrimSuffix(asked.Host, ":"+asked.Port()) // the port of http
	return asked.String() + r.URL.RequestURI()
}
