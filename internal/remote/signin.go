package remote

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
)

type loginRequest struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

type loginAnswer struct {
	User struct {
		ID    uuid.UUID `json:"id"`
		Email string    `json:"email"`
	} `json:"user"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
}

// SignInAs signs in to the server of cfg with an e-mail address and a password. Only administrators are let in, since
// nobody else may do anything here: it returns fault.Forbidden for others, and leaves no token of theirs behind.
func SignInAs(ctx context.Context, cfg Config, email, password string) (SignIn, error) {
	if err := (texts{"email", email, "password", password}).check(); err != nil {
		return SignIn{}, err
	}
	c := newClient(cfg)
	defer c.http.CloseIdleConnections()
	var answer loginAnswer
	err := c.do(ctx, call{
		method: http.MethodPost, path: "/auth/login", body: inJSON(loginRequest{email, password}), anonymous: true,
	}, &answer)
	if err != nil {
		return SignIn{}, err
	}
	signIn := SignIn{
		Server: cfg.Server, Email: answer.User.Email, AccessToken: answer.AccessToken, RefreshToken: answer.RefreshToken,
	}
	c.tokens.access, c.tokens.refresh = answer.AccessToken, answer.RefreshToken
	if err := c.mustBeAdmin(ctx, answer); err != nil {
		return SignIn{}, errors.Join(err, c.signOut(ctx, signIn.RefreshToken))
	}
	return signIn, nil
}

// mustBeAdmin asks for what only administrators are told.
func (c *client) mustBeAdmin(ctx context.Context, who loginAnswer) error {
	u, err := (&Accounts{c}).ask(ctx, call{method: http.MethodGet, path: userPath(who.User.ID)})
	if fault.Is(err, fault.KindForbidden) || err == nil && u.Role != account.Admin {
		return fault.Forbidden("%s is no administrator at %s; an operator makes them one: englishctl users set-role %[1]s admin",
			shown(who.User.Email), c.server).WithCode("admin_required")
	}
	return err
}

// SignOut ends the sign-in's refresh token at its server.
func SignOut(ctx context.Context, agent string, s SignIn) error {
	c := newClient(Config{Server: s.Server, Agent: agent})
	defer c.http.CloseIdleConnections()
	return c.signOut(ctx, s.RefreshToken)
}

// signOut is harmless to repeat: a token that is over stays over.
func (c *client) signOut(ctx context.Context, refresh string) error {
	return c.do(ctx, call{
		method: http.MethodPost, path: "/auth/logout", body: inJSON(refreshRequest{refresh}), harmless: true, anonymous: true,
	}, nil)
}

// Overheard reports whether what is sent to the server can be read on the way: its address begins with http:// and is
// not of this machine.
func Overheard(server string) bool {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())
}
