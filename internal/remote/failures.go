package remote

import (
	"errors"
	"net/url"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

// maybeDone goes with every failure after which nobody knows whether a change was made.
const maybeDone = "; what was asked for may have been done or not: look before you repeat it"

// inner is what the HTTP client says, without the URL: its query is nobody's business.
func inner(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// unreached says that there was no connection.
func (c *client) unreached(cause error) error {
	return &passing{error: fault.Unavailable("the server %s cannot be reached", c.server).WithCause(cause)}
}

// brokenOff says that the connection broke before the whole answer was there.
func (c *client) brokenOff(q call, cause error) error {
	if q.repeatable() {
		return &passing{error: fault.Unavailable("the connection to the server %s broke off", c.server).WithCause(cause)}
	}
	return fault.Unavailable("the connection to the server %s broke off%s", c.server, maybeDone).WithCause(cause)
}

func (c *client) tooSlow(q call, limit time.Duration) error {
	doubt := maybeDone
	if q.repeatable() {
		doubt = ""
	}
	return fault.Unavailable("the server %s did not answer within %s%s", c.server, limit, doubt)
}

// unsigned says what to do about a request whose signature is missing or not good.
func (c *client) unsigned(p problemBody) error {
	advice := "set REQUEST_SIGNING_SECRET (or REQUEST_SIGNING_SECRET_FILE) to the server's"
	if c.sign != nil {
		advice = "is REQUEST_SIGNING_SECRET the server's own? (" + shown(p.Detail) + ")"
	}
	return fault.Unauthorized("the server %s takes this only with a signature: %s", c.server, advice).WithCode(p.Code)
}

// signInAgain says that the user's tokens are worth nothing any longer.
func (c *client) signInAgain(cause error) error {
	return fault.Unauthorized("you are no longer signed in; sign in again: englishctl login --server %s", c.server).
		WithCode("signed_out").WithCause(cause)
}
