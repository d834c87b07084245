package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/englishapp/englishctl/internal/fault"
)

// maxBody is the size of the largest JSON body (decisions.md, "HTTP in general").
const maxBody = 1 << 20

// decode reads the request's body, a JSON object, as an In, and returns what read makes of it.
//
// It returns fault.TooLarge for a body over 1 MiB, and fault.Invalid, naming every field that is missing or of the
// wrong type, for everything else that is wrong. Members that In does not have are ignored.
func decode[In, Out any](w http.ResponseWriter, r *http.Request, read func(In, *fault.Check) Out) (out Out, err error) {
	body, err := readBody(w, r)
	if err != nil {
		return out, err
	}
	var in field[In]
	if err := json.Unmarshal(body, &in); err != nil {
		return out, notJSON(body, err)
	}
	var c fault.Check
	object := required(&c, "body", in)
	if in.state == good {
		out = read(object, &c)
	}
	return out, c.Err()
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if err := checkJSONType(r.Header.Get("Content-Type")); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, brokenBody(err, "body")
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, fault.Invalid("body", "is empty; it must be a JSON object")
	}
	// encoding/json would put U+FFFD in place of what it cannot read, and nobody would learn of it.
	if !utf8.Valid(body) {
		return nil, fault.Invalid("body", "is not valid UTF-8 (byte %d)", firstInvalid(body))
	}
	return body, nil
}

// checkEncoding refuses a compressed body: nobody needs one, and a small one may hold a very large one.
func checkEncoding(w http.ResponseWriter, r *http.Request) error {
	for _, encoding := range r.Header.Values("Content-Encoding") {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			w.Header().Set("Accept-Encoding", "identity") // RFC 9110, section 15.5.16
			return &refusal{http.StatusUnsupportedMediaType, "unsupported_encoding",
				fmt.Sprintf("Content-Encoding: %.100q is not allowed; send the body as it is", encoding)}
		}
	}
	return nil
}

// checkJSONType takes no Content-Type for JSON: the oldest clients send none.
func checkJSONType(contentType string) error {
	if contentType == "" {
		return nil
	}
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil || (mediaType != "application/json" && !strings.HasSuffix(mediaType, "+json")) {
		return fault.Invalid("Content-Type", "must be application/json, not %.100q", contentType)
	}
	return nil
}

// brokenBody says why a body, or a part of it, could not be read to its end.
func brokenBody(err error, field string) error {
	if _, known := fault.As(err); known { // the body is whole, and another one than was signed
		return err
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooMany(field, tooLarge.Limit)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &refusal{http.StatusRequestTimeout, "request_timeout", "the request came too slowly"}
	}
	return fault.Invalid(field, "cannot be read to its end").WithCause(err)
}

// tooMany is the error for a field with more bytes than limit, a whole number of MiB.
func tooMany(field string, limit int64) error {
	const mib = 1 << 20
	err := fault.TooLarge("%s is larger than %d MiB", field, limit/mib)
	err.Fields = []fault.Field{{Name: field, Message: "is too large"}}
	return err
}

// notJSON says where the body stops being JSON. encoding/json's own words are about Go.
func notJSON(body []byte, err error) error {
	at := int64(len(body))
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = syntax.Offset
	}
	return fault.Invalid("body", "is not valid JSON, which shows at byte %d of %d", at, len(body))
}

// firstInvalid returns the place, from 1, of the first byte that is not UTF-8.
func firstInvalid(text []byte) int {
	at := 0
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at + 1
}
