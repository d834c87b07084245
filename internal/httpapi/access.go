package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
)

// caller returns the id of who is signed in. Only handlers behind learner or admin may ask.
func caller(ctx context.Context) uuid.UUID { return tripOf(ctx).who.UserID }

// admitAnybody lets everybody in.
func (a *API) admitAnybody(*http.Request) error { return nil }

// admitSignedIn lets in whoever has a good access token, and notes who that is.
func (a *API) admitSignedIn(r *http.Request) error {
	token, err := bearerToken(r)
	if err != nil {
		return err
	}
	who, err := a.accounts.Authenticate(r.Context(), token)
	if err != nil {
		return err
	}
	tripOf(r.Context()).signIn(who)
	return nil
}

// admitAdmin lets in whoever has a good access token and is an administrator now.
func (a *API) admitAdmin(r *http.Request) error {
	if err := a.admitSignedIn(r); err != nil {
		return err
	}
	if tripOf(r.Context()).who.Role != account.Admin {
		return fault.Forbidden("only an administrator may do this").WithCode("admin_required")
	}
	return nil
}

// bearerToken returns the token of the Authorization header (RFC 6750, section 2.1). The scheme's case does not
// matter (RFC 9110, section 11.1).
func bearerToken(r *http.Request) (string, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		return "", fault.Unauthorized("sign in first: this needs the header Authorization: Bearer <access token>").WithCode("missing_token")
	}
	scheme, token, _ := strings.Cut(strings.TrimSpace(headers[0]), " ")
	token = strings.TrimSpace(token)
	if len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") || token == "" || strings.ContainsAny(token, " \t,") {
		return "", fault.Unauthorized("the Authorization header must be: Bearer <access token>").WithCode("invalid_token")
	}
	return token, nil
}
