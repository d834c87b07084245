// Package signature signs requests and checks their signatures: HTTP Message Signatures (RFC 9421) with hmac-sha256 and a
// secret that both sides share, over the method, the target URI and the digest of the body (RFC 9530).
//
// It owns what a signature must cover, how old it may be, and that none counts twice. Which requests need one is the
// business of package httpapi. Structured fields (RFC 9651) are read and written by a library; docs/decisions/request-signing.md
// says why the rest is not.
package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"time"
)

// What our signatures are made of (decisions.md, "Small decisions").
const (
	algorithm = "hmac-sha256"
	keyID     = "default"
	// label is the name of the signatures that we make; those that we check may have any.
	label = "sig1"
)

// covered are the components that a signature must cover, in the order in which ours have them.
var covered = []string{"@method", "@target-uri", "content-digest"}

// Window is how far the clocks of the two sides may be apart, with the way between them (issue "Request signing"). A
// signature is good from this long before its time to this long after.
const Window = 5 * time.Minute

// mac is the signature of a base (RFC 9421, section 3.3.3).
func mac(secret, base []byte) []byte {
	h := hmac.New(sha256.New, secret)
	_, _ = h.Write(base) // a hash does not fail
	return h.Sum(nil)
}

// MinSecret is the least length of the secret in bytes, as the settings have it.
const MinSecret = 16

// key copies the secret. It panics where that is too short to protect anything: the settings do not let it through.
func key(secret string) []byte {
	if len(secret) < MinSecret {
		panic(fmt.Sprintf("signature: the secret has %d bytes, at least %d are needed", len(secret), MinSecret))
	}
	return []byte(secret)
}
