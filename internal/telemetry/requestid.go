package telemetry

import (
	"context"
	"strings"
)

// IDs are what a context carries of the request that it belongs to.
type IDs struct {
	// Request is the request's id, User that of who is signed in; empty for nobody.
	Request, User string
}

type idsKey struct{}

// maxRequestID is the length of the longest request id that is taken from a caller.
const maxRequestID = 128

// SaneRequestID reports whether s may serve as a request id: 1 to 128 letters, digits, dots, underscores, hyphens. What a
// stranger sent ends up in our log and in our answer's header, so it must be short and hold nothing that could break a
// line or be read as markup.
func SaneRequestID(s string) bool {
	return s != "" && len(s) <= maxRequestID && !strings.ContainsFunc(s, unusualInID)
}

func unusualInID(r rune) bool {
	letterOrDigit := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	return !letterOrDigit && r != '.' && r != '_' && r != '-'
}

// NewRequestID returns the id that the caller offered if it is a sane one, and newID() otherwise.
func NewRequestID(offered string, newID func() string) string {
	if SaneRequestID(offered) {
		return offered
	}
	return newID()
}

// WithIDs returns a context that carries the ids; lines logged with it show them as request_id and user_id. What is written into
// ids later, before others read, shows too: who is signed in is found out on the way.
func WithIDs(ctx context.Context, ids *IDs) context.Context {
	return context.WithValue(ctx, idsKey{}, ids)
}

// WithRequestID returns a context that carries the request id, and the same user's as before.
func WithRequestID(ctx context.Context, id string) context.Context {
	return WithIDs(ctx, &IDs{id, UserID(ctx)})
}

// WithUserID returns a context that carries the id of who is signed in, and the same request's as before.
func WithUserID(ctx context.Context, id string) context.Context {
	return WithIDs(ctx, &IDs{RequestID(ctx), id})
}

// RequestID returns the id of the request that ctx carries, or "".
func RequestID(ctx context.Context) string { return idsOf(ctx).Request }

// UserID returns the id of who is signed in that ctx carries, or "".
func UserID(ctx context.Context) string { return idsOf(ctx).User }

func idsOf(ctx context.Context) IDs {
	if ids, ok := ctx.Value(idsKey{}).(*IDs); ok {
		return *ids
	}
	return IDs{}
}
