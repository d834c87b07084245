package azure

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// refusal is an answer with another status than 200.
type refusal struct {
	status int
	header http.Header
	body   []byte
	now    time.Time
}

// failure says what the status means for whoever waits. Only a language can be the learner's mistake: the sound is of our
// making. What Azure says goes to the log, not to them.
func (r refusal) failure() error {
	f := &pronunciation.Failure{
		Reason:     r.reason(),
		RetryAfter: r.retryAfter(),
		Cause:      fmt.Errorf("status %d of Azure Speech: %s%s", r.status, r.message(), trace(r.header)),
	}
	if r.status == http.StatusBadRequest && strings.Contains(strings.ToLower(r.message()), "language") {
		return fault.Invalid("language", "is not known to the provider").WithCause(f)
	}
	return f
}

func (r refusal) reason() pronunciation.Reason {
	switch {
	case r.status == http.StatusTooManyRequests:
		return pronunciation.Throttled
	case r.status == http.StatusRequestTimeout, r.status >= http.StatusInternalServerError:
		return pronunciation.Broken
	case r.status < http.StatusBadRequest, // somebody else's server
		r.status == http.StatusUnauthorized, r.status == http.StatusForbidden, // our key
		r.status == http.StatusNotFound, r.status == http.StatusMethodNotAllowed, r.status == http.StatusGone: // our address
		return pronunciation.Refused
	default: // this one request: its sound, its size; the next one may be taken
		return pronunciation.Rejected
	}
}

// message is what the answer says, in any of the forms that were seen.
func (r refusal) message() string {
	var said struct {
		Message string // of 400
		Error   struct {
			Message string
		}
	}
	const enough = 200
	text := string(r.body)
	if json.Unmarshal(r.body, &said) == nil {
		switch {
		case said.Error.Message != "":
			text = said.Error.Message
		case said.Message != "":
			text = said.Message
		}
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if runes := []rune(text); len(runes) > enough {
		text = string(runes[:enough]) + "…"
	}
	if text == "" {
		return "nothing"
	}
	return text
}

// retryAfter is when to come back: a number of seconds or a date (RFC 9110, section 10.2.3); 0 if it is not said.
func (r refusal) retryAfter() time.Duration {
	text := r.header.Get("Retry-After")
	if n, err := strconv.Atoi(text); err == nil {
		const day = 24 * 60 * 60
		return time.Duration(min(max(n, 0), day)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(r.now))
	}
	return 0
}

// trace is the answer's id, for Azure's support.
func trace(h http.Header) string {
	if id := h.Get("X-RequestId"); id != "" {
		return " (X-RequestId " + strconv.QuoteToASCII(id) + ")"
	}
	return ""
}
