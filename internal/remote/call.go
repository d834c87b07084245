package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

// call is a request, before it is sent.
type call struct {
	method string
	path   string // below basePath
	query  url.Values
	// body makes the body, anew for each time that the request is sent; nil is none.
	body func() (*body, error)
	// time is how long it may take, all in all; 0 is the usual.
	time time.Duration
	// most is the largest answer in bytes; 0 is usualAnswer.
	most int64
	// harmless says that a request other than GET may be sent again, since it changes nothing.
	harmless bool
	// anonymous says that the request goes without a token.
	anonymous bool
}

// repeatable reports whether sending the call twice does what sending it once does.
func (q call) repeatable() bool { return q.method == http.MethodGet || q.harmless }

// body is what a request carries.
type body struct {
	content     []byte
	contentType string
	// large is set where the daemon is asked first whether it wants it.
	large bool
}

// do sends the call and decodes the answer into what into points to; nil is for answers without a body.
//
// What the daemon refuses comes back as the fault that its service has returned. A daemon that cannot be reached, or
// does not answer in time, is fault.Unavailable.
func (c *client) do(ctx context.Context, q call, into any) error {
	limit := q.time
	if limit == 0 {
		limit = c.usual
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := c.patiently(bounded, q, into)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // whoever gave up knows why
	case bounded.Err() != nil:
		return c.tooSlow(q, limit)
	}
	return err
}

// patiently repeats what may be repeated where a moment may mend it.
func (c *client) patiently(ctx context.Context, q call, into any) error {
	for again := 0; ; again++ {
		err := c.named(ctx, q, into)
		passing, ok := errors.AsType[*passing](err)
		if !ok || !passing.unheard && !q.repeatable() {
			return err
		}
		pauses := c.pauses
		if passing.unheard {
			pauses = c.turns
		}
		if again >= len(pauses) || passing.after > maxPause || c.wait(ctx, max(pauses[again], passing.after)) != nil {
			return err
		}
	}
}

// maxPause is the longest that the daemon may ask the client to wait; its own word is 5 seconds.
const maxPause = 5 * time.Second

// passing is a failure that may be over in a moment.
type passing struct {
	error
	after time.Duration // how long the daemon asks to wait
	// unheard says that the daemon has not looked at the request: whatever it asks for, it may be sent again.
	unheard bool
}

func (p *passing) Unwrap() error { return p.error }

// named sends the call with the user's token, and once more with a new one where that has run out.
func (c *client) named(ctx context.Context, q call, into any) error {
	if q.anonymous {
		return c.once(ctx, q, "", into)
	}
	token := c.tokens.current()
	err := c.once(ctx, q, token, into)
	if !outdated(err) {
		return err
	}
	token, err = c.renew(ctx, token)
	if err != nil {
		return err
	}
	if err = c.once(ctx, q, token, into); refused(err) {
		return c.signInAgain(err)
	}
	return err
}

// once sends the call and reads the answer.
func (c *client) once(ctx context.Context, q call, token string, into any) error {
	var connected atomic.Bool // else nothing of the request can have arrived
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	r, err := c.request(ctx, q, token)
	if err != nil {
		return err
	}
	res, err := c.http.Do(r)
	if err != nil && connected.Load() {
		return c.brokenOff(q, inner(err))
	}
	if err != nil {
		return c.unreached(inner(err))
	}
	defer res.Body.Close()
	return c.read(q, res, into)
}

func (c *client) request(ctx context.Context, q call, token string) (*http.Request, error) {
	address := c.server + basePath + q.path
	if len(q.query) > 0 {
		address += "?" + q.query.Encode()
	}
	var sent body
	if q.body != nil {
		b, err := q.body()
		if err != nil {
			return nil, err
		}
		sent = *b
	}
	r, err := http.NewRequestWithContext(ctx, q.method, address, bytes.NewReader(sent.content))
	if err != nil {
		return nil, fmt.Errorf("make a request to %s: %w", c.server, err)
	}
	r.Header.Set("User-Agent", c.agent)
	r.Header.Set("Accept", "application/json, application/problem+json")
	if sent.contentType != "" {
		r.Header.Set("Content-Type", sent.contentType)
	}
	if sent.large {
		r.Header.Set("Expect", "100-continue")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if c.sign != nil && q.method != http.MethodGet { // which of them the daemon wants signed, it knows
		if err := c.sign(r, sent.content); err != nil {
			return nil, fmt.Errorf("sign a request to %s: %w", c.server, err)
		}
	}
	return r, nil
}
