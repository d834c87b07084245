package remote

import (
	"context"
	"net/http"
	"strings"

	"github.com/englishapp/englishctl/internal/fault"
)

func (t *tokens) current() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.access
}

// outdated reports whether a new access token may help (docs/api.md, "Signing in").
func outdated(err error) bool {
	f, ok := fault.As(err)
	return ok && f.Kind == fault.KindUnauthorized && (f.Code == "token_expired" || f.Code == "invalid_token")
}

// refused reports whether the token is to blame, and not the request's signature.
func refused(err error) bool {
	f, ok := fault.As(err)
	return ok && f.Kind == fault.KindUnauthorized && !strings.HasPrefix(f.Code, "signature_")
}

type refreshRequest struct {
	RefreshToken string `json:"refresh_token"`
}

// renew returns a better access token than the given one: what another request has got meanwhile, or else a new one.
func (c *client) renew(ctx context.Context, old string) (string, error) {
	c.tokens.mu.Lock()
	defer c.tokens.mu.Unlock()
	if c.tokens.access != old {
		return c.tokens.access, nil
	}
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	err := c.once(ctx, call{
		method: http.MethodPost, path: "/auth/refresh", body: inJSON(refreshRequest{c.tokens.refresh}), harmless: true,
	}, "", &answer)
	if fault.Is(err, fault.KindUnauthorized) || fault.Is(err, fault.KindInvalid) {
		return "", c.signInAgain(err)
	}
	if err != nil {
		return "", err
	}
	c.tokens.access = answer.AccessToken
	if c.tokens.keep != nil {
		_ = c.tokens.keep(answer.AccessToken) // lost: the next command asks for another one
	}
	return answer.AccessToken, nil
}
