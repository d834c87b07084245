package adminweb

import (
	"fmt"
	"net/http"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

type loginForm struct {
	Name, Next string
	Problems   problems
}

func (p *Panel) showLogin(w http.ResponseWriter, r *http.Request) error {
	return p.render(w, r, http.StatusOK, page{Name: "login", Title: "Sign in", Data: loginForm{Next: nextPath(r.FormValue("next"))}})
}

func (p *Panel) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	form := loginForm{Name: r.PostFormValue("name"), Next: nextPath(r.PostFormValue("next"))}
	err := p.countGuess(r, form.Name)
	if err != nil {
		return err
	}
	token, _, err := p.accounts.SignInToPanel(r.Context(), form.Name, r.PostFormValue("password"))
	refused, ok := fault.As(err)
	switch {
	case ok && (refused.Kind == fault.KindUnauthorized || refused.Kind == fault.KindForbidden):
		form.Problems = problems{"": capital(sentence(refused))}
		return p.render(w, r, http.StatusUnauthorized, page{Name: "login", Title: "Sign in", Data: form})
	case ok && refused.Kind == fault.KindInvalid:
		form.Problems = problemsOf(refused)
		return p.render(w, r, http.StatusBadRequest, page{Name: "login", Title: "Sign in", Data: form})
	case err != nil:
		return err
	}
	http.SetCookie(w, p.cookie(r, token))
	http.Redirect(w, r, form.Next, http.StatusSeeOther)
	return nil
}

// countGuess counts a try at an account where the API counts them too.
func (p *Panel) countGuess(r *http.Request, name string) error {
	if p.guesses == nil {
		return nil
	}
	wait, err := p.guesses.CountGuess(r.Context(), name)
	if err != nil {
		return err
	}
	if wait == 0 {
		return nil
	}
	return &refusal{http.StatusTooManyRequests, fmt.Sprintf("too many tries at this account; the next one in %s", wait.Round(time.Second))}
}

func (p *Panel) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.accounts.SignOutOfPanel(r.Context(), p.token(r)); err != nil {
		return err
	}
	http.SetCookie(w, p.cookie(r, ""))
	http.Redirect(w, r, "/admin/login?said=signed_out", http.StatusSeeOther)
	return nil
}
