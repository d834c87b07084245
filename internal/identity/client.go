package identity

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// maxReplyBytes is many times what providers send: a key set has 3 KB, a profile 1 KB.
const maxReplyBytes = 256 << 10

// client asks providers. Its errors name no address: those of the Graph API hold secrets.
type client struct{ http *http.Client }

func newClient() *client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxResponseHeaderBytes = 64 << 10
	return &client{&http.Client{
		Transport: transport,
		// A redirect would carry the secrets of a query to a stranger.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// reply is an answer, whatever its status.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// get asks for a JSON document. A known version of it, if etag is not empty, need not be sent again.
func (c *client) get(ctx context.Context, address, etag string) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return reply{}, errors.New("the provider's address is none")
	}
	req.Header.Set("Accept", "application/json")
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{}, fmt.Errorf("ask %s: %w", req.URL.Host, withoutAddress(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReplyBytes+1))
	if err != nil {
		return reply{}, fmt.Errorf("read the answer of %s: %w", req.URL.Host, withoutAddress(err))
	}
	if len(body) > maxReplyBytes {
		return reply{}, fmt.Errorf("the answer of %s has more than %d bytes", req.URL.Host, maxReplyBytes)
	}
	return reply{resp.StatusCode, resp.Header, body}, nil
}

// withoutAddress takes the whole address, with its query, out of an error.
func withoutAddress(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
