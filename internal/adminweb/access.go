package adminweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

// handler is an http.Handler that may fail. What it returns becomes a page in fail, and only there.
type handler func(w http.ResponseWriter, r *http.Request) error

// forAll is for pages that need nobody signed in.
func (p *Panel) forAll(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		err := p.checkOrigin(r)
		if err == nil {
			err = h(w, r)
		}
		if err != nil {
			p.fail(w, r, err)
		}
	})
}

// forEditors is for pages that need somebody signed in.
func (p *Panel) forEditors(h handler) http.Handler {
	return p.forAll(func(w http.ResponseWriter, r *http.Request) error {
		editor, err := p.accounts.PanelEditor(r.Context(), p.token(r))
		if err != nil {
			return err
		}
		origin := audit.OriginFrom(r.Context()) // request and address are known already
		origin.Actor = editor.Actor
		ctx := context.WithValue(audit.WithOrigin(r.Context(), origin), editorKey{}, editor)
		r = r.WithContext(ctx)
		if err := h(w, r); err != nil {
			p.fail(w, r, err) // here, so that the page has its menu
		}
		return nil
	})
}

type editorKey struct{}

// editorOf returns who is signed in, or nobody on pages for all.
func editorOf(ctx context.Context) account.Editor {
	editor, _ := ctx.Value(editorKey{}).(account.Editor)
	return editor
}

// secure sets what keeps a browser from running, framing, keeping or telling what it should not. media are the origins of
// the recordings that the page plays.
func secure(h http.Header, media ...string) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
		"media-src "+strings.Join(append([]string{"'self'"}, media...), " ")+"; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	// Not no-referrer: a browser that says nothing of where a form stands says nothing of its origin either.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// checkOrigin refuses what another site's page makes a browser send. All browsers say where an unsafe request comes from, in
// Sec-Fetch-Site or, over plain http, in Origin: one that says nothing comes from none.
func (p *Panel) checkOrigin(r *http.Request) error {
	err := p.origins.Check(r)
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead
	if err == nil && (safe || r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != "") {
		return nil
	}
	return fault.Forbidden("this form was not sent from a page of the panel; nothing was changed").WithCause(err)
}

// The session cookie. Over https its name makes browsers take it from this host alone, over https alone, so that no
// neighbour can plant one (RFC 6265bis, section 4.1.3.2).
const (
	secureCookie = "__Host-englishctl-panel"
	plainCookie  = "englishctl-panel"
)

func (p *Panel) cookie(r *http.Request, token string) *http.Cookie {
	c := &http.Cookie{
		Name: plainCookie, Value: token, Path: "/admin", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if p.overHTTPS(r) {
		c.Name, c.Path, c.Secure = secureCookie, "/", true
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}

// token returns what the session cookie says, or "".
func (p *Panel) token(r *http.Request) string {
	c, err := r.Cookie(p.cookie(r, "").Name)
	if err != nil {
		return ""
	}
	return c.Value
}

// loginPath leads to the login and from there back to the page that was asked for.
func loginPath(r *http.Request) string {
	if r.Method != http.MethodGet || r.URL.Path == "/admin" {
		return "/admin/login"
	}
	return "/admin/login?" + url.Values{"next": {r.URL.RequestURI()}}.Encode()
}

// nextPath returns a path of the panel, whatever is asked for.
func nextPath(next string) string {
	u, err := url.Parse(next)
	ours := err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && !strings.ContainsAny(next, "\\\r\n\t") &&
		(u.Path == "/admin" || strings.HasPrefix(u.Path, "/admin/")) && !strings.Contains(u.Path, "//")
	if !ours {
		return "/admin"
	}
	return u.RequestURI()
}
