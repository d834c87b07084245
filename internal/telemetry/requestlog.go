package telemetry

import (
	"context"
	"log/slog"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// RequestLine is what the log says about one request.
type RequestLine struct {
	Method string
	// Route is the template of the path, never the path.
	Route  string
	Status int
	// Code is that of the problem that was answered; empty for none.
	Code  string
	Bytes int64 // of the answer's body
	Took  time.Duration
	// Address is the client's.
	Address netip.Addr
}

// RequestLog writes a line about each request. Where lines are JSON it makes the same line as the logger would, in a fifth of the time,
// and lets it wait up to 100 ms to be written with others. It is safe for concurrent use.
type RequestLog struct {
	log  *slog.Logger
	json *lines // nil: the logger writes
}

// NewRequestLog returns a log of requests whose lines stand among those of the logger.
func NewRequestLog(log *slog.Logger) *RequestLog { return &RequestLog{log, waitingLines(log)} }

// Flush writes the lines of requests that wait, where the logger comes from NewLogger. It is for the end of the process.
func Flush(log *slog.Logger) {
	if waiting := waitingLines(log); waiting != nil {
		waiting.flush()
	}
}

func waitingLines(log *slog.Logger) *lines {
	if h, ok := log.Handler().(*contextHandler); ok {
		return h.json
	}
	return nil
}

// Write logs the request, with the ids of ctx.
func (l *RequestLog) Write(ctx context.Context, level slog.Level, r RequestLine) {
	if !l.log.Enabled(ctx, level) {
		return
	}
	if l.json == nil || !r.plain() {
		l.log.LogAttrs(ctx, level, "request", r.attrs()...)
		return
	}
	line := lineBuffers.Get().(*[]byte)
	*line = r.appendJSON((*line)[:0], ctx, level)
	l.json.later(*line)
	lineBuffers.Put(line)
}

var lineBuffers = sync.Pool{New: func() any { return new([]byte) }}

func (r RequestLine) attrs() []slog.Attr {
	return []slog.Attr{
		slog.String("method", r.Method), slog.String("route", r.Route), slog.Int("status", r.Status), slog.String("code", r.Code),
		slog.Int64("bytes", r.Bytes), slog.Float64("duration_ms", r.milliseconds()), slog.String("address", r.Address.String()),
	}
}

func (r RequestLine) milliseconds() float64 { return float64(r.Took.Microseconds()) / 1000 }

// plain reports whether appendJSON can write it: all texts stand in JSON as they are.
func (r RequestLine) plain() bool {
	return isPlain(r.Method) && isPlain(r.Route) && isPlain(r.Code) && r.Address.IsValid()
}

func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// appendJSON appends the line that slog would write. A test compares them. The ids are plain: they are sane request ids, UUIDs, and
// hexadecimal.
func (r RequestLine) appendJSON(to []byte, ctx context.Context, level slog.Level) []byte {
	text := func(name, value string) {
		to = append(to, name...)
		to = append(to, value...)
		to = append(to, '"')
	}
	to = append(to, `{"time":"`...)
	to = appendTime(to, time.Now().UTC())
	text(`","level":"`, level.String())
	text(`,"msg":"request","method":"`, r.Method)
	text(`,"route":"`, r.Route)
	to = strconv.AppendInt(append(to, `,"status":`...), int64(r.Status), 10)
	text(`,"code":"`, r.Code)
	to = strconv.AppendInt(append(to, `,"bytes":`...), r.Bytes, 10)
	to = strconv.AppendFloat(append(to, `,"duration_ms":`...), r.milliseconds(), 'f', -1, 64)
	to = r.Address.AppendTo(append(to, `,"address":"`...))
	to = append(to, '"')
	if id := RequestID(ctx); id != "" {
		text(`,"request_id":"`, id)
	}
	if id := UserID(ctx); id != "" {
		text(`,"user_id":"`, id)
	}
	if id := traceID(ctx); id != "" {
		text(`,"trace_id":"`, id)
	}
	return append(to, "}\n"...)
}

// appendTime is AppendFormat with timeLayout, of a time in UTC: time knows its way through RFC 3339, and has to read every other layout.
func appendTime(to []byte, utc time.Time) []byte {
	to = utc.AppendFormat(to, time.RFC3339)
	ms := utc.Nanosecond() / int(time.Millisecond)
	return append(to[:len(to)-1], '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
}
