package remote

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
	"unicode"

	"github.com/englishapp/englishctl/internal/fault"
)

// problemBody is what the client needs of a problem+json (docs/api.md, "Errors").
type problemBody struct {
	Detail string `json:"detail"`
	Code   string `json:"code"`
	Errors []struct {
		Field   string `json:"field"`
		Message string `json:"message"`
	} `json:"errors"`
}

// kindOf is the daemon's own table from kinds of error to statuses, read from right to left.
var kindOf = map[int]fault.Kind{
	http.StatusBadRequest:            fault.KindInvalid,
	http.StatusUnauthorized:          fault.KindUnauthorized,
	http.StatusForbidden:             fault.KindForbidden,
	http.StatusNotFound:              fault.KindNotFound,
	http.StatusConflict:              fault.KindConflict,
	http.StatusRequestEntityTooLarge: fault.KindTooLarge,
	http.StatusUnprocessableEntity:   fault.KindUnsuitable,
	http.StatusServiceUnavailable:    fault.KindUnavailable,
	http.StatusRequestTimeout:        fault.KindUnavailable,
	http.StatusTooManyRequests:       fault.KindUnavailable,
}

// problem returns the error that the answer describes.
func (c *client) problem(res *http.Response) error {
	err := c.described(res)
	switch res.StatusCode {
	case http.StatusTooManyRequests:
		return &passing{err, retryAfter(res), true}
	case http.StatusServiceUnavailable:
		return &passing{err, retryAfter(res), false}
	}
	return err
}

// described returns the fault that the daemon's service has returned. What no daemon of ours has written has no kind.
func (c *client) described(res *http.Response) error {
	if mediaType(res) != "application/problem+json" {
		return c.stranger(res)
	}
	var p problemBody
	if err := json.NewDecoder(io.LimitReader(res.Body, problemAnswer)).Decode(&p); err != nil || p.Detail == "" {
		return c.stranger(res)
	}
	kind, known := kindOf[res.StatusCode]
	switch {
	case p.Code == "unknown_path":
		return fault.NotFound("the server %s does not know what it was asked; it is of an older version than this program, or the address is wrong", c.server)
	case p.Code == "signature_missing", p.Code == "signature_invalid":
		return c.unsigned(p)
	case !known:
		return fmt.Errorf("the server %s answers: %s", c.server, shown(p.Detail))
	}
	return p.fault(kind)
}

// fault rebuilds the service's error. The daemon makes a sentence of the fields where the service has none: that one is
// left out again, or a command would print them twice.
func (p problemBody) fault(kind fault.Kind) error {
	f := &fault.Error{Kind: kind, Message: p.Detail}
	if p.Code != string(kind) {
		f.Code = p.Code
	}
	for _, e := range p.Errors {
		if e.Field != "" { // rows of a rejected import are no fields
			f.Fields = append(f.Fields, fault.Field{Name: e.Field, Message: e.Message})
		}
	}
	if len(f.Fields) > 0 && f.Message == fault.Summary(f.Fields) {
		f.Message = ""
	}
	f.Message = shown(f.Message)
	for i, field := range f.Fields {
		f.Fields[i] = fault.Field{Name: shown(field.Name), Message: shown(field.Message)}
	}
	return f
}

// retryAfter is how long the daemon asks to wait; a second where it does not say.
func retryAfter(res *http.Response) time.Duration {
	seconds, err := strconv.ParseUint(cmp.Or(res.Header.Get("Retry-After"), "1"), 10, 31)
	if err != nil {
		return time.Second
	}
	return time.Duration(seconds) * time.Second
}

// printable puts U+FFFD in place of what could steer a terminal.
func printable(r rune) rune {
	if unicode.IsControl(r) {
		return unicode.ReplacementChar
	}
	return r
}
