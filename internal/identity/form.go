package identity

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// maxTokenBytes ends the look at a token before it costs anything. Theirs have 300 to 2,000 bytes.
const maxTokenBytes = 8 << 10

var errForm = errors.New("the token is not a signed JSON Web Token in its one right form")

// checkForm refuses whatever is not three parts of unpadded base64url whose first two are JSON objects in UTF-8 that
// name each member once (RFC 7519, section 4, leaves it to the reader what a repeated one means).
func checkForm(token string) error {
	if len(token) > maxTokenBytes {
		return errForm
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || parts[2] == "" {
		return errForm
	}
	for _, part := range parts[:2] {
		object, ok := decodePart(part)
		if !ok || !utf8.Valid(object) || !namesOnce(object) {
			return errForm
		}
	}
	if _, ok := decodePart(parts[2]); !ok {
		return errForm
	}
	return nil
}

// decodePart decodes a part of a token. The decoder itself would pass over line breaks.
func decodePart(part string) ([]byte, bool) {
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(part)
	return decoded, err == nil && !strings.ContainsAny(part, "\r\n")
}

// namesOnce reports whether text begins as a JSON object whose names, on its top level, are all different. Whether it
// ends as one is judged by whoever decodes it.
func namesOnce(text []byte) bool {
	in := json.NewDecoder(bytes.NewReader(text))
	if open, err := in.Token(); err != nil || open != json.Delim('{') {
		return false
	}
	seen := map[any]bool{}
	for in.More() {
		name, err := in.Token()
		var value json.RawMessage
		if err != nil || seen[name] || in.Decode(&value) != nil {
			return false
		}
		seen[name] = true
	}
	return true
}

// looksSigned tells a JSON Web Token from an opaque one: three parts, of which the first is a header that names an
// algorithm.
func looksSigned(token string) bool {
	header, _, _ := strings.Cut(token, ".")
	if strings.Count(token, ".") != 2 || len(header) > maxTokenBytes {
		return false
	}
	object, _ := decodePart(header)
	var h struct {
		Alg any `json:"alg"`
	}
	return json.Unmarshal(object, &h) == nil && h.Alg != nil
}
