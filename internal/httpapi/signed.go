package httpapi

import (
	"bytes"
	"io"
	"net/http"
	"strings"
)

// signing says how a route's requests must be signed, where the daemon asks for signatures at all.
type signing int

const (
	unsigned signing = iota
	// checkedBefore: the whole body is here and checked before the handler runs, also where the handler wants none.
	checkedBefore
	// checkedWhileRead: the handler reads a form, which may be too large to be kept, to its end before anything counts.
	checkedWhileRead
)

// signed makes the route critical: its requests must be signed.
func (rt *route) signed() *route {
	rt.proof = checkedBefore
	return rt
}

// signedForm is signed for a handler that reads a form, and does nothing that counts before form.next has returned io.EOF.
func (rt *route) signedForm() *route {
	rt.proof = checkedWhileRead
	return rt
}

// checkSignature refuses a critical request that is not signed, and replaces the body by one that is checked, or will be.
func (rt *route) checkSignature(w http.ResponseWriter, r *http.Request) error {
	if rt.api.signatures == nil || rt.proof == unsigned {
		return nil
	}
	body, err := rt.api.signatures.Verify(r, rt.api.addresses(r)...)
	if err != nil {
		return err
	}
	r.Body = body
	if rt.proof == checkedWhileRead {
		return nil
	}
	whole, err := io.ReadAll(http.MaxBytesReader(w, body, maxBody))
	if err != nil {
		return brokenBody(err, "body")
	}
	r.Body = io.NopCloser(bytes.NewReader(whole))
	return nil
}

// addresses are those that a client may have sent the request to: the one that the request itself names, and the daemon's
// public one, which a proxy may have replaced by another.
func (a *API) addresses(r *http.Request) []string {
	scheme := a.proxies.scheme(r)
	switch {
	case r.TLS != nil:
		scheme = "https"
	case scheme == "":
		scheme = "http"
	}
	known := []string{scheme + "://" + r.Host + r.URL.RequestURI()}
	if a.publicURL != nil {
		known = append(known, a.publicURL.String()+r.URL.RequestURI())
	}
	return known
}

// lacksSignature reports whether a code of ours says that something is wrong with a signature.
func lacksSignature(code string) bool { return strings.HasPrefix(code, "signature_") }
