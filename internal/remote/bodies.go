package remote

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/englishapp/englishctl/internal/fault"
)

// inJSON is a body of JSON.
func inJSON(v any) func() (*body, error) {
	return func() (*body, error) {
		encoded, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("encode a request: %w", err)
		}
		return &body{content: encoded, contentType: "application/json"}, nil
	}
}

// texts are the texts of a request by their fields' names, in pairs.
type texts []string

// check returns fault.Invalid if one of them is no UTF-8: encoding/json would put U+FFFD in its place, and something else
// than what was typed would be stored.
func (t texts) check() error {
	var c fault.Check
	for i := 0; i+1 < len(t); i += 2 {
		c.Require(utf8.ValidString(t[i+1]), t[i], "is not valid UTF-8")
	}
	return c.Err()
}
