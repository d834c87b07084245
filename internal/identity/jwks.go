package identity

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// The sizes of keys, in bits: what is shorter can be broken (RFC 7518, section 3.3), what is longer takes too long.
const (
	minKeyBits = 2048
	maxKeyBits = 8192
)

// jsonKey is a key of a set (RFC 7517), as far as it concerns RS256.
type jsonKey struct {
	ID        string `json:"kid"`
	Type      string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`
}

// parseKeys returns the keys of a set that verify RS256, by their ids. Others, which a set may hold as well, are left out;
// a set without one for us is an error.
func parseKeys(set []byte) (map[string]*rsa.PublicKey, error) {
	var in struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(set, &in); err != nil {
		return nil, errors.New("the key set is not JSON")
	}
	keys := map[string]*rsa.PublicKey{}
	for _, raw := range in.Keys {
		var k jsonKey
		if json.Unmarshal(raw, &k) != nil || !k.forRS256() {
			continue
		}
		if key, err := k.public(); err == nil && keys[k.ID] == nil {
			keys[k.ID] = key
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("none of the %d keys of the set verifies RS256", len(in.Keys))
	}
	return keys, nil
}

func (k jsonKey) forRS256() bool {
	return k.ID != "" && k.Type == "RSA" && (k.Use == "" || k.Use == "sig") && (k.Algorithm == "" || k.Algorithm == "RS256")
}

// public returns the key. Some issuers pad the numbers with zeros or with "=", against RFC 7518.
func (k jsonKey) public() (*rsa.PublicKey, error) {
	n, err := number(k.Modulus)
	if err != nil {
		return nil, err
	}
	e, err := number(k.Exponent)
	if err != nil {
		return nil, err
	}
	if bits := n.BitLen(); bits < minKeyBits || bits > maxKeyBits {
		return nil, fmt.Errorf("a key of %d bits", bits)
	}
	// 65537 everywhere; crypto/rsa takes odd ones below 2^31.
	if e.BitLen() > 31 || e.Int64() < 3 || e.Bit(0) == 0 {
		return nil, errors.New("a key with a bad exponent")
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
}

func number(text string) (*big.Int, error) {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	return new(big.Int).SetBytes(raw), err
}
