package telemetry

import (
	"context"
	"log/slog"
)

// contextHandler adds the ids that a context carries to each record, always at the top level of the line.
//
// Attributes added to the record itself would land inside the groups that WithGroup has opened, where nobody
// searches for a request_id. So the handler remembers what was done since the first group, and does it again on
// top of the ids when there are any.
type contextHandler struct {
	next   slog.Handler                      // with all attributes and groups
	root   slog.Handler                      // as it was before the first group; nil when there is no group
	replay []func(slog.Handler) slog.Handler // from root to next
	json   *lines                            // where next writes plain lines of JSON; nil for others
}

func withContextIDs(next slog.Handler) slog.Handler { return &contextHandler{next: next} }

// Enabled reports whether the wrapped handler takes records of the level.
func (h *contextHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle writes the record with the ids of ctx.
func (h *contextHandler) Handle(ctx context.Context, r slog.Record) error {
	ids := contextIDs(ctx)
	if len(ids) == 0 {
		return h.next.Handle(ctx, r)
	}
	if h.root == nil {
		r = r.Clone() // the caller may hand the same record to another handler
		r.AddAttrs(ids...)
		return h.next.Handle(ctx, r)
	}
	next := h.root.WithAttrs(ids)
	for _, step := range h.replay {
		next = step(next)
	}
	return next.Handle(ctx, r)
}

// WithAttrs returns a handler whose records all have the attributes.
func (h *contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if h.root == nil {
		return &contextHandler{next: h.next.WithAttrs(attrs)}
	}
	return h.then(func(next slog.Handler) slog.Handler { return next.WithAttrs(attrs) })
}

// WithGroup returns a handler that puts what follows into the group; the ids stay outside.
func (h *contextHandler) WithGroup(name string) slog.Handler {
	if name == "" { // slog's rule: an empty name opens no group
		return h
	}
	return h.then(func(next slog.Handler) slog.Handler { return next.WithGroup(name) })
}

func (h *contextHandler) then(step func(slog.Handler) slog.Handler) slog.Handler {
	root := h.root
	if root == nil {
		root = h.next
	}
	replay := append(h.replay[:len(h.replay):len(h.replay)], step) // a copy: two loggers may grow from one
	return &contextHandler{next: step(h.next), root: root, replay: replay}
}

func contextIDs(ctx context.Context) []slog.Attr {
	var ids []slog.Attr
	if id := RequestID(ctx); id != "" {
		ids = append(ids, slog.String("request_id", id))
	}
	if id := UserID(ctx); id != "" {
		ids = append(ids, slog.String("user_id", id))
	}
	if id := traceID(ctx); id != "" {
		ids = append(ids, slog.String("trace_id", id))
	}
	return ids
}
