package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/telemetry"
)

type callerKey struct{}

// caller returns the id of who is signed in. Only handlers behind learner or admin may ask.
func caller(ctx context.Context) uuid.UUID {
	return ctx.Value(callerKey{}).(account.Principal).UserID
}

// admitAnybody lets everybody in.
func (a *API) admitAnybody(r *http.Request) (*http.Request, error) {
	return r.WithContext(withOrigin(r, "anonymous")), nil
}

// admitSignedIn lets in whoever has a good access token.
func (a *API) admitSignedIn(r *http.Request) (*http.Request, error) {
	r, _, err := a.signedIn(r)
	return r, err
}

// admitAdmin lets in whoever has a good access token and is an administrator now.
func (a *API) admitAdmin(r *http.Request) (*http.Request, error) {
	r, who, err := a.signedIn(r)
	if err != nil {
		return r, err
	}
	if who.Role != account.Admin {
		return r, fault.Forbidden("only an administrator may do this").WithCode("admin_required")
	}
	return r, nil
}

// signedIn checks the access token and returns the request with its sender's name on it: for the handler, for the
// audit log, and for the log. With an error it returns the request as it is.
func (a *API) signedIn(r *http.Request) (*http.Request, account.Principal, error) {
	token, err := bearerToken(r)
	if err != nil {
		return r, account.Principal{}, err
	}
	who, err := a.accounts.Authenticate(r.Context(), token)
	if err != nil {
		return r, account.Principal{}, err
	}
	id := who.UserID.String()
	tripOf(r.Context()).user = id
	ctx := withOrigin(r, "user:"+id)
	ctx = telemetry.WithUserID(ctx, id)
	ctx = context.WithValue(ctx, callerKey{}, who)
	return r.WithContext(ctx), who, nil
}

func withOrigin(r *http.Request, actor string) context.Context {
	return audit.WithOrigin(r.Context(), audit.Origin{
		Actor:     actor,
		RequestID: telemetry.RequestID(r.Context()),
		Address:   tripOf(r.Context()).address.String(),
	})
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
