// Package audit records who changed what, and when (spec, "API Security": audit logging for all admin actions).
//
// It owns the shape of an entry, how the acting person travels with a request, and reading the log. It writes nothing:
// every service writes its entry through its own store, in the same transaction as the change itself.
package audit

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// What an actor's text begins with where it is an account: a living one, and one that was deleted, of which only an opaque
// id is left (docs/decisions/privacy.md).
const (
	UserActor    = "user:"
	DeletedActor = "deleted:"
	// PanelActor begins the actor of whoever uses the panel without an account (ADMIN_USERNAME).
	PanelActor = "panel:"
)

// Origin is where a change comes from. The edges put it into the context once per request or command.
type Origin struct {
	// Actor is "user:<id>" for the API and the panel ("deleted:<opaque id>" once the account is deleted), "panel:<name>" for
	// the administrator of the settings, "cli:<os user>" for a terminal, "system" for the daemon itself.
	Actor string
	// RequestID is the X-Request-ID of the request; empty on the command line.
	RequestID string
	// Address is the client's IP address; empty on the command line.
	Address string
}

// Change is one field before and after. A nil side means that the field did not exist then.
// Values are plain JSON values; a secret is never one of them.
type Change struct {
	Before any `json:"before"`
	After  any `json:"after"`
}

// Entry is one line of the audit log.
type Entry struct {
	ID     uuid.UUID
	At     time.Time
	Origin Origin
	// Action is "<object>.<verb>": "speech.create", "tag.delete", "user.set_role", "import.apply".
	Action string
	// ObjectID is the id of what was changed.
	ObjectID string
	// Changes maps field names to what happened to them. It may be empty.
	Changes map[string]Change
}

type originKey struct{}

// WithOrigin returns a context that carries o.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// WithOriginOf returns a context that carries what origin returns, which is asked when somebody wants to know: most requests change
// nothing.
func WithOriginOf(ctx context.Context, origin func() Origin) context.Context {
	return context.WithValue(ctx, originKey{}, origin)
}

// OriginFrom returns the origin that the context carries, or the origin "system" where there is none.
func OriginFrom(ctx context.Context) Origin {
	switch o := ctx.Value(originKey{}).(type) {
	case Origin:
		return o
	case func() Origin:
		return o()
	}
	return Origin{Actor: "system"}
}

// Diff returns the fields whose value differs between before and after. A field that one side lacks counts as nil there.
// Values must be comparable.
func Diff(before, after map[string]any) map[string]Change {
	changes := make(map[string]Change)
	for name, was := range before {
		if is := after[name]; is != was {
			changes[name] = Change{Before: was, After: is}
		}
	}
	for name, is := range after {
		if _, known := before[name]; !known {
			changes[name] = Change{After: is}
		}
	}
	return changes
}
