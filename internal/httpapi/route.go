package httpapi

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/englishapp/englishctl/internal/fault"
)

// handler is an http.Handler that may fail. What it returns becomes an answer in fail, and only there.
type handler func(w http.ResponseWriter, r *http.Request) error

// route is one endpoint: who may call it, how often, what it does, how long it may take, and whether it must be signed.
type route struct {
	api *API
	// admit finds out who has sent the request and notes it in its trip, also where it returns an error because this sender may not.
	admit  func(*http.Request) error
	limit  string
	handle handler
	time   time.Duration
	proof  signing
	yields bool // whether others go first, see stepBack
	// refuse answers an error in place of a problem in JSON; nil for all but pages.
	refuse func(w http.ResponseWriter, r *http.Request, status int, sentence string)
}

// public is a route for everybody.
func (a *API) public(h handler) *route {
	return &route{api: a, admit: a.admitAnybody, limit: limitOther, handle: h, time: usualTime, proof: unsigned}
}

// learner is a route for whoever is signed in.
func (a *API) learner(h handler) *route {
	return &route{api: a, admit: a.admitSignedIn, limit: limitOther, handle: h, time: usualTime, proof: unsigned}
}

// admin is a route for administrators.
func (a *API) admin(h handler) *route {
	return &route{api: a, admit: a.admitAdmin, limit: limitAdmin, handle: h, time: usualTime, proof: unsigned}
}

// limited gives the route another limit.
func (rt *route) limited(name string) *route {
	rt.limit = name
	return rt
}

// within gives the route another time than usualTime.
func (rt *route) within(d time.Duration) *route {
	rt.time = d
	return rt
}

// yielding is for what takes long anyway, and of which many may come at once.
func (rt *route) yielding() *route {
	rt.yields = true
	return rt
}

// stepBack lets all go first who wait for a turn at a processor. Of many requests that arrive together each does a step in turn, and
// whoever comes in between waits for a step of all of them, not for all of each.
func stepBack() { runtime.Gosched() }

// ServeHTTP lets the caller in, or not, runs the handler with a deadline, and turns its error into an answer.
func (rt *route) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), rt.time)
	defer cancel()
	r = r.WithContext(ctx)
	if rt.yields {
		stepBack()
	}
	err := rt.serve(w, r)
	switch {
	case err == nil:
	case rt.refuse != nil:
		p := problemOf(r, err)
		tripOf(r.Context()).code = p.Code
		rt.api.report(r, p, err)
		rt.refuse(w, r, p.Status, p.Detail)
	default:
		rt.api.fail(w, r, err)
	}
}

// serve asks in this order: who it is, so that a budget has an owner; whether they ask too often, forgers of tokens
// included; and only then, for it costs more than a look, whether they have signed what they ask for.
func (rt *route) serve(w http.ResponseWriter, r *http.Request) error {
	denied := rt.admit(r)
	if err := rt.api.limit(w, r, rt.limit, denied); err != nil {
		return err
	}
	if denied != nil {
		return denied
	}
	if err := checkEncoding(w, r); err != nil {
		return err
	}
	if err := rt.checkSignature(w, r); err != nil {
		return err
	}
	if rt.time > usualTime {
		rt.moveDeadlines(w) // not before: strangers get no more time than it takes to refuse them
	}
	return rt.handle(w, r)
}

// moveDeadlines replaces the server's deadlines for this request. A writer that has none (in tests) needs none moved.
func (rt *route) moveDeadlines(w http.ResponseWriter) {
	connection := http.NewResponseController(w)
	end := time.Now().Add(rt.time)
	_ = connection.SetReadDeadline(end.Add(readTime - usualTime))
	_ = connection.SetWriteDeadline(end.Add(writeTime - usualTime))
}

func unknownPath(http.ResponseWriter, *http.Request) error {
	return fault.NotFound("there is nothing at this path; /docs shows what there is").WithCode("unknown_path")
}

// wrongMethod answers where a path exists, but not with this method: 405, which must name the methods that do.
func wrongMethod(router *mux.Router) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		allowed := strings.Join(methodsOf(router, r), ", ")
		w.Header().Set("Allow", allowed)
		return &refusal{http.StatusMethodNotAllowed, "method_not_allowed", "this path takes " + allowed + " only"}
	}
}

// methodsOf asks the router itself, since mux does not tell which routes it has passed over.
func methodsOf(router *mux.Router, r *http.Request) []string {
	var methods []string
	for _, method := range []string{get, head, post, put, del} {
		probe := *r
		probe.Method = method
		var match mux.RouteMatch
		if router.Match(&probe, &match) && match.MatchErr == nil {
			methods = append(methods, method)
		}
	}
	return methods
}
