package telemetry

import (
	"context"
	"strings"
)

type contextKey int

const (
	requestIDKey contextKey = iota
	userIDKey
)

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

// WithRequestID returns a context that carries the id; lines logged with it show the id as request_id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey, id)
}

// RequestID returns the id that ctx carries, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey).(string)
	return id
}

// WithUserID returns a context that carries the id of who is signed in; lines logged with it show it as user_id.
func WithUserID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, userIDKey, id)
}

// UserID returns the id of who is signed in that ctx carries, or "".
func UserID(ctx context.Context) string {
	id, _ := ctx.Value(userIDKey).(string)
	return id
}
