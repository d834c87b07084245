package telemetry

import (
	"io"
	"log/slog"
)

// Format is the shape of a log line.
type Format string

// The formats of LOG_FORMAT.
const (
	FormatAuto Format = "auto" // text on a terminal, JSON elsewhere
	FormatJSON Format = "json"
	FormatText Format = "text"
)

// IsText reports whether lines are text for people: always with FormatText, never with FormatJSON, and otherwise where
// they go to a terminal.
func (f Format) IsText(isTerminal bool) bool {
	return f == FormatText || (f != FormatJSON && isTerminal)
}

// timeLayout is RFC 3339 with exactly three decimals, so that lines sort as text.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

// NewLogger returns a logger that writes lines of at least the level to w, each at once. Only the lines of a RequestLog may wait; see
// there, and Flush.
//
// The format is JSON or text; FormatAuto, and whatever is neither, means text where w is a terminal and JSON
// elsewhere. Times are RFC 3339 in UTC with milliseconds. Each line logged with a context carries the request_id
// and user_id that the context holds, and attributes whose names promise a secret are masked (see Redact).
// The logger is safe for concurrent use.
func NewLogger(w io.Writer, level slog.Leveler, format Format, isTerminal bool) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: replaceAttr}
	if format.IsText(isTerminal) {
		return slog.New(withContextIDs(slog.NewTextHandler(w, options)))
	}
	out := &lines{to: w}
	return slog.New(&contextHandler{next: slog.NewJSONHandler(out, options), json: out})
}

func replaceAttr(groups []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindTime {
		return slog.String(a.Key, a.Value.Time().UTC().Format(timeLayout))
	}
	return Redact(groups, a)
}
