package httpapi

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
)

// tokenType is what clients write before the access token (RFC 6750).
const tokenType = "Bearer"

type registerRequest struct {
	Email    field[string] `json:"email"`
	Password field[string] `json:"password"`
	Name     field[string] `json:"name"`
}

func (in registerRequest) registration(c *fault.Check) account.Registration {
	return account.Registration{
		Email:    required(c, "email", in.Email),
		Password: required(c, "password", in.Password),
		Name:     required(c, "name", in.Name),
	}
}

type signedInResponse struct {
	User         signedInUser `json:"user"`
	AccessToken  string       `json:"access_token"`
	RefreshToken string       `json:"refresh_token"`
	TokenType    string       `json:"token_type"`
}

type signedInUser struct {
	ID        uuid.UUID `json:"id"`
	Email     string    `json:"email"`
	Name      string    `json:"name"`
	AvatarURL *string   `json:"avatar_url"`
}

func newSignedIn(s account.SignedIn) signedInResponse {
	return signedInResponse{
		User:         signedInUser{ID: s.User.ID, Email: s.User.Email, Name: s.User.Name, AvatarURL: s.User.AvatarURL},
		AccessToken:  s.AccessToken,
		RefreshToken: s.RefreshToken,
		TokenType:    tokenType,
	}
}

func (a *API) register(w http.ResponseWriter, r *http.Request) error {
	registration, err := decode(w, r, registerRequest.registration)
	if err != nil {
		return err
	}
	signedIn, err := a.accounts.Register(r.Context(), registration)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, newSignedIn(signedIn))
}

type loginRequest struct {
	Email    field[string] `json:"email"`
	Password field[string] `json:"password"`
}

type credentials struct{ email, password string }

func (in loginRequest) credentials(c *fault.Check) credentials {
	return credentials{required(c, "email", in.Email), required(c, "password", in.Password)}
}

func (a *API) login(w http.ResponseWriter, r *http.Request) error {
	given, err := decode(w, r, loginRequest.credentials)
	if err != nil {
		return err
	}
	if err := a.limitGuesses(w, r, given.email); err != nil {
		return err
	}
	signedIn, err := a.accounts.Login(r.Context(), given.email, given.password)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, newSignedIn(signedIn))
}

type socialRequest struct {
	Provider field[string] `json:"provider"`
	Token    field[string] `json:"token"`
	Name     field[string] `json:"name"`
	Nonce    field[string] `json:"nonce"`
}

func (in socialRequest) login(c *fault.Check) account.SocialLogin {
	return account.SocialLogin{
		Provider: account.Provider(required(c, "provider", in.Provider)),
		Token:    required(c, "token", in.Token),
		Name:     orElse(nullable(c, "name", in.Name), ""),
		Nonce:    orElse(nullable(c, "nonce", in.Nonce), ""),
	}
}

func (a *API) socialLogin(w http.ResponseWriter, r *http.Request) error {
	login, err := decode(w, r, socialRequest.login)
	if err != nil {
		return err
	}
	signedIn, err := a.accounts.SocialLogin(r.Context(), login)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, newSignedIn(signedIn))
}

type refreshRequest struct {
	RefreshToken field[string] `json:"refresh_token"`
}

func (in refreshRequest) token(c *fault.Check) string {
	return required(c, "refresh_token", in.RefreshToken)
}

type refreshResponse struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
}

func (a *API) refresh(w http.ResponseWriter, r *http.Request) error {
	refreshToken, err := decode(w, r, refreshRequest.token)
	if err != nil {
		return err
	}
	accessToken, err := a.accounts.Refresh(r.Context(), refreshToken)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, refreshResponse{accessToken, tokenType})
}

// logoutRequest ends one refresh token, which it names, or all of the user's, who then has to sign the request.
type logoutRequest struct {
	RefreshToken field[string] `json:"refresh_token"`
	All          field[bool]   `json:"all"`
}

type logout struct {
	refreshToken string
	all          bool
}

func (in logoutRequest) logout(c *fault.Check) logout {
	if all := optional(c, "all", in.All); all != nil && *all {
		return logout{all: true}
	}
	return logout{refreshToken: required(c, "refresh_token", in.RefreshToken)}
}

func (a *API) logout(w http.ResponseWriter, r *http.Request) error {
	asked, err := decode(w, r, logoutRequest.logout)
	if err != nil {
		return err
	}
	if !asked.all {
		return done(w, a.accounts.Logout(r.Context(), asked.refreshToken))
	}
	if err := a.admitSignedIn(r); err != nil {
		return err
	}
	return done(w, a.accounts.LogoutAll(r.Context(), caller(r.Context())))
}
