// Package identitytest has stand-ins for Google, Apple and Facebook: servers that publish real keys, sign real tokens and
// fail the test on a request that the provider would not take. Tokens are put together by hand here, so that a mistake of
// the library that reads them cannot hide.
package identitytest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Paths at which issuers have their keys.
const (
	GooglePath  = "/oauth2/v3/certs"
	ApplePath   = "/auth/keys"
	LimitedPath = "/.well-known/oauth/openid/jwks/"
	// DiscoveredPath is for an issuer whose keys only its discovery document leads to.
	DiscoveredPath = "/somewhere/else"
)

const discoveryPath = "/.well-known/openid-configuration"

// Issuer publishes keys and signs ID tokens. It is safe for concurrent use.
type Issuer struct {
	// URL is the issuer's address, and the `iss` of its tokens.
	URL string

	tb     testing.TB
	path   string
	server *httptest.Server

	mu        sync.Mutex
	published []any
	header    http.Header
	breakdown http.HandlerFunc
	asked     int
}

// NewIssuer starts an issuer whose keys lie at the path. It begins with the key "one".
func NewIssuer(tb testing.TB, path string) *Issuer {
	tb.Helper()
	i := &Issuer{tb: tb, path: path, header: http.Header{}}
	i.server = httptest.NewServer(i)
	tb.Cleanup(i.Stop)
	i.URL = i.server.URL
	i.Publish(RSA("one"))
	return i
}

// Stop makes the issuer unreachable.
func (i *Issuer) Stop() {
	i.server.CloseClientConnections()
	i.server.Close()
}

// Publish replaces the keys. A Key is published as an issuer would, everything else as it is.
func (i *Issuer) Publish(keys ...any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.published = nil
	for _, key := range keys {
		if k, ok := key.(Key); ok {
			key = k.JWK()
		}
		i.published = append(i.published, key)
	}
}

// SetHeader adds a header to the answers: Cache-Control, ETag.
func (i *Issuer) SetHeader(name, value string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.header.Set(name, value)
}

// Break makes the issuer answer differently; nil mends it.
func (i *Issuer) Break(how http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.breakdown = how
}

// Asked returns how often the keys were asked for.
func (i *Issuer) Asked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked
}

// ServeHTTP answers as an issuer does.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	checkRequest(i.tb, r)
	if r.URL.RawQuery != "" {
		i.tb.Errorf("an issuer was sent a query: %s", r.URL)
	}
	switch {
	case r.URL.Path == discoveryPath && i.path == DiscoveredPath:
		// Another issuer's name, as Apple's had in June 2025.
		writeJSON(w, http.StatusOK, map[string]any{"issuer": "https://account.example.com", "jwks_uri": i.URL + i.path})
	case r.URL.Path == i.path:
		i.serveKeys(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (i *Issuer) serveKeys(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	i.asked++
	breakdown, keys, header := i.breakdown, i.published, i.header.Clone()
	i.mu.Unlock()
	if breakdown != nil {
		breakdown(w, r)
		return
	}
	for name, values := range header {
		w.Header()[name] = values
	}
	if known := r.Header.Get("If-None-Match"); known != "" && known == header.Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"keys": keys})
}

// Breakdowns.
var (
	Status500 = func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "oops", http.StatusInternalServerError) }
	Redirects = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }
	Garbage   = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }
	Huge      = func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"keys":[],"padding":"%s"}`, bytes.Repeat([]byte("x"), 1<<20))
	}
	CutOff = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, `{"keys":[`)
	}
	// Hangs says nothing until the caller hangs up.
	Hangs = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
)

func checkRequest(tb testing.TB, r *http.Request) {
	if r.Method != http.MethodGet || r.ContentLength > 0 || r.Header.Get("Authorization") != "" {
		tb.Errorf("a provider takes GET without a body or credentials in headers; got %s %s", r.Method, r.URL.Path)
	}
	if r.Header.Get("Accept") != "application/json" {
		tb.Errorf("%s was asked for %q, want application/json", r.URL.Path, r.Header.Get("Accept"))
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the caller may be gone
}

// Key is a private key with its id.
type Key struct {
	ID  string
	RSA *rsa.PrivateKey
	EC  *ecdsa.PrivateKey
}

var (
	keysMu sync.Mutex
	keys   = map[string]Key{}
)

// RSA returns the key of 2048 bits with the id, which is the same in all tests of a process.
func RSA(id string) Key { return SizedRSA(id, 2048) }

// SizedRSA is RSA with another size, in bits.
func SizedRSA(id string, bits int) Key {
	return remembered(fmt.Sprint(id, bits), func() (k Key, err error) {
		k.ID = id
		k.RSA, err = rsa.GenerateKey(rand.Reader, bits)
		return k, err
	})
}

// EC returns the P-256 key with the id.
func EC(id string) Key {
	return remembered("ec "+id, func() (k Key, err error) {
		k.ID = id
		k.EC, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		return k, err
	})
}

func remembered(name string, generate func() (Key, error)) Key {
	keysMu.Lock()
	defer keysMu.Unlock()
	k, known := keys[name]
	if !known {
		var err error
		if k, err = generate(); err != nil {
			panic(err)
		}
		keys[name] = k
	}
	return k
}

// JWK is the public key as an issuer publishes it.
func (k Key) JWK() map[string]any {
	if k.EC != nil {
		point, err := k.EC.PublicKey.Bytes()
		if err != nil {
			panic(err)
		}
		return map[string]any{"kid": k.ID, "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256",
			"x": b64(point[1:33]), "y": b64(point[33:])}
	}
	return map[string]any{"kid": k.ID, "kty": "RSA", "use": "sig", "alg": "RS256",
		"n": b64(k.RSA.N.Bytes()), "e": b64(big.NewInt(int64(k.RSA.E)).Bytes())}
}

// Sign returns the signature of a token's first two parts: RS256, or ES256 with an EC key.
func (k Key) Sign(signed string) []byte {
	sum := sha256.Sum256([]byte(signed))
	if k.EC != nil {
		r, s, err := ecdsa.Sign(rand.Reader, k.EC, sum[:])
		if err != nil {
			panic(err)
		}
		out := make([]byte, 64)
		r.FillBytes(out[:32])
		s.FillBytes(out[32:])
		return out
	}
	out, err := rsa.SignPKCS1v15(rand.Reader, k.RSA, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return out
}

// SignAs returns the signature by another algorithm for RSA keys: RS512 or PS256.
func (k Key) SignAs(alg, signed string) []byte {
	var out []byte
	var err error
	if alg == "RS512" {
		sum := sha512.Sum512([]byte(signed))
		out, err = rsa.SignPKCS1v15(rand.Reader, k.RSA, crypto.SHA512, sum[:])
	} else {
		sum := sha256.Sum256([]byte(signed))
		out, err = rsa.SignPSS(rand.Reader, k.RSA, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	}
	if err != nil {
		panic(err)
	}
	return out
}

// Token signs claims as the issuer would. Nil claims are left out.
func (k Key) Token(claims map[string]any) string {
	return k.RawToken(map[string]any{"alg": "RS256", "kid": k.ID, "typ": "JWT"}, claims)
}

// RawToken signs any header and claims: texts and bytes as they are, everything else as JSON.
func (k Key) RawToken(header, claims any) string {
	signed := Part(header) + "." + Part(claims)
	return signed + "." + b64(k.Sign(signed))
}

// Part is one part of a token.
func Part(v any) string {
	switch v := v.(type) {
	case string:
		return b64([]byte(v))
	case []byte:
		return b64(v)
	case map[string]any:
		for name, value := range v {
			if value == nil {
				delete(v, name)
			}
		}
	}
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b64(raw)
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
