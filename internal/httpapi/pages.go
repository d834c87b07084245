package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/gorilla/mux"
)

// Page is a page of the panel. The API gives it what every request has (an id, the access log, limits, headers, an end);
// what is on it, and who may see it, is the panel's business.
type Page struct {
	Method string
	// Path is a template of gorilla/mux.
	Path    string
	Handler http.Handler
	// Time is how long the work may take; 0 is the usual.
	Time time.Duration
	// SignsIn is set where a password is tried: it counts as a login.
	SignsIn bool
	// Scores is set where a recording is scored: it counts as a score.
	Scores bool
	// Asset is set for files that belong to pages, which are not counted.
	Asset bool
	// Refuse answers in the panel's words a request that does not come as far as Handler.
	Refuse func(w http.ResponseWriter, r *http.Request, status int, sentence string)
}

// addPages adds the panel's pages to the routes. They are counted by address, since who somebody is, the panel finds out.
func (a *API) addPages(root *mux.Router) {
	for _, page := range a.pages {
		rt := a.public(func(w http.ResponseWriter, r *http.Request) error {
			page.Handler.ServeHTTP(w, r)
			return nil
		}).limited(limitOf(page))
		rt.time = max(page.Time, usualTime)
		rt.refuse = page.Refuse
		handle(root, page.Method, page.Path, rt)
	}
}

func limitOf(p Page) string {
	switch {
	case p.SignsIn:
		return limitLogin
	case p.Scores:
		return limitScore
	case p.Asset:
		return unlimited
	}
	return limitAdmin
}

// CountGuess counts a try to sign in to an account from the request's address, as the login of the API does, and returns how
// long to wait before the next one; 0 if this one is allowed. ctx is a request's. Its only error is that of ctx.
func (a *API) CountGuess(ctx context.Context, email string) (time.Duration, error) {
	v, _, err := a.countGuess(ctx, email)
	if err != nil || v.Allowed {
		return 0, err
	}
	return max(v.RetryAfter, time.Second), nil
}

// OverHTTPS reports whether a request has come over https, to this process or to a proxy of ours.
func (a *API) OverHTTPS(r *http.Request) bool {
	return r.TLS != nil || a.proxies.scheme(r) == "https"
}
