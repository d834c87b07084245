package httpapi

import (
	"context"
	"net/http"
	"net/netip"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// trip is what one request's layers tell each other: one value in its context, which each fills in as it learns.
type trip struct {
	ids     telemetry.IDs
	address netip.Addr // of the client

	route string            // template of the path, "unknown" if there is none
	who   account.Principal // who is signed in; the zero value for strangers
	code  string            // code of the problem that was answered, "" for none
}

type tripKey struct{}

// beginTrip returns the request with a trip in its context, for this package, for the log and for the audit log.
func beginTrip(r *http.Request, id string, client netip.Addr) *http.Request {
	t := &trip{ids: telemetry.IDs{Request: id}, address: client, route: "unknown"}
	ctx := context.WithValue(r.Context(), tripKey{}, t)
	ctx = telemetry.WithIDs(ctx, &t.ids)
	return r.WithContext(audit.WithOriginOf(ctx, t.origin))
}

// tripOf returns the request's trip. Inside begin there always is one.
func tripOf(ctx context.Context) *trip { return ctx.Value(tripKey{}).(*trip) }

// signIn notes who has sent the request.
func (t *trip) signIn(who account.Principal) {
	t.who = who
	t.ids.User = who.UserID.String()
}

// signedIn reports whether the sender is known.
func (t *trip) signedIn() bool { return t.ids.User != "" }

// origin is what the audit log says of the request's sender.
func (t *trip) origin() audit.Origin {
	actor := "anonymous"
	if t.signedIn() {
		actor = audit.UserActor + t.ids.User
	}
	return audit.Origin{Actor: actor, RequestID: t.ids.Request, Address: t.address.String()}
}

// recorder notes what has been answered.
type recorder struct {
	http.ResponseWriter
	status int   // 0 until the header has left; 0 in the log is a connection that was cut
	bytes  int64 // of the body
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 { // 1xx are only announcements
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
