package httpapi

import (
	"context"
	"net/http"
	"net/netip"

	"github.com/englishapp/englishctl/internal/telemetry"
)

// trip is what one request's layers tell each other, and the inner ones the access log.
type trip struct {
	address netip.Addr // of the client

	route string // template of the path, "unknown" if there is none
	user  string // id of who is signed in, "" for strangers
	code  string // code of the problem that was answered, "" for none
}

type tripKey struct{}

func withTrip(ctx context.Context, client netip.Addr) (context.Context, *trip) {
	t := &trip{address: client, route: "unknown"}
	return context.WithValue(ctx, tripKey{}, t), t
}

// tripOf returns the request's trip. Inside accessLog there always is one.
func tripOf(ctx context.Context) *trip { return ctx.Value(tripKey{}).(*trip) }

// logContext is ctx with the name of who is signed in, which the layers outside of admit would not know.
func logContext(ctx context.Context) context.Context {
	return telemetry.WithUserID(ctx, tripOf(ctx).user)
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
