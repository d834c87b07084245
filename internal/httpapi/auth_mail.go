package httpapi

import (
	"net/http"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
)

type forgotRequest struct {
	Email field[string] `json:"email"`
}

func (in forgotRequest) email(c *fault.Check) string { return required(c, "email", in.Email) }

// forgotPassword counts by the address that is asked for, too, whether an account has it or not.
func (a *API) forgotPassword(w http.ResponseWriter, r *http.Request) error {
	email, err := decode(w, r, forgotRequest.email)
	if err != nil {
		return err
	}
	if err := a.take(w, r, limitMail, "account:"+account.MailKey(email)); err != nil {
		return err
	}
	return accepted(w, a.accounts.ForgotPassword(r.Context(), email))
}

type resetRequest struct {
	Token    field[string] `json:"token"`
	Password field[string] `json:"password"`
}

type reset struct{ token, password string }

func (in resetRequest) reset(c *fault.Check) reset {
	return reset{required(c, "token", in.Token), required(c, "password", in.Password)}
}

func (a *API) resetPassword(w http.ResponseWriter, r *http.Request) error {
	given, err := decode(w, r, resetRequest.reset)
	if err != nil {
		return err
	}
	return done(w, a.accounts.ResetPassword(r.Context(), given.token, given.password))
}

type verifyRequest struct {
	Token field[string] `json:"token"`
}

func (in verifyRequest) token(c *fault.Check) string { return required(c, "token", in.Token) }

func (a *API) verifyEmail(w http.ResponseWriter, r *http.Request) error {
	token, err := decode(w, r, verifyRequest.token)
	if err != nil {
		return err
	}
	return done(w, a.accounts.VerifyEmail(r.Context(), token))
}

func (a *API) requestVerification(w http.ResponseWriter, r *http.Request) error {
	return accepted(w, a.accounts.RequestVerification(r.Context(), caller(r.Context())))
}

// accepted answers 202, unless what was asked for cannot be promised: the mail goes out later, or not at all.
func accepted(w http.ResponseWriter, err error) error {
	if err == nil {
		w.WriteHeader(http.StatusAccepted)
	}
	return err
}
