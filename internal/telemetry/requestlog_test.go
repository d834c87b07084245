package telemetry

import (
	"bytes"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var aRequest = RequestLine{Method: "GET", Route: "/api/v1/tags", Status: 200, Bytes: 1234, Took: 1500 * time.Microsecond, Address: netip.MustParseAddr("192.0.2.1")}

// written is where lines go.
type written struct {
	mu    sync.Mutex
	text  bytes.Buffer
	times int
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.times++
	return w.text.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

var timeOfLine = regexp.MustCompile(`"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`)

// A request's line is the one that the logger itself would write, byte for byte but for the moment.
func TestRequestLinesAreTheLoggersOwn(t *testing.T) {
	changed := func(change func(*RequestLine)) RequestLine {
		r := aRequest
		change(&r)
		return r
	}
	for name, r := range map[string]RequestLine{
		"usual":          aRequest,
		"a problem":      changed(func(r *RequestLine) { r.Status, r.Code = 404, "unknown_path" }),
		"no status":      changed(func(r *RequestLine) { r.Status = 0 }),
		"no address":     changed(func(r *RequestLine) { r.Address = netip.Addr{} }),
		"IPv6":           changed(func(r *RequestLine) { r.Address = netip.MustParseAddr("2001:db8::1") }),
		"a microsecond":  changed(func(r *RequestLine) { r.Took = time.Microsecond }),
		"an hour":        changed(func(r *RequestLine) { r.Took = time.Hour }),
		"no plain texts": changed(func(r *RequestLine) { r.Method, r.Route = "G\"\\\n", "é" }),
	} {
		for _, ids := range []*IDs{{}, {Request: "r-1"}, {Request: "r-1", User: "u-1"}} {
			for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo} {
				var ours, theirs written
				quick, logger := NewLogger(&ours, slog.LevelDebug, FormatJSON, false), NewLogger(&theirs, slog.LevelDebug, FormatJSON, false)
				NewRequestLog(quick).Write(WithIDs(t.Context(), ids), level, r)
				Flush(quick)
				logger.LogAttrs(WithIDs(t.Context(), ids), level, "request", r.attrs()...)
				got, want := timeOfLine.ReplaceAllString(ours.String(), "TIME"), timeOfLine.ReplaceAllString(theirs.String(), "TIME")
				if got != want || !strings.Contains(want, "TIME") {
					t.Errorf("%s:\n%swant\n%s", name, got, want)
				}
			}
		}
	}
}

func TestRequestLinesKeepToTheLevel(t *testing.T) {
	var out written
	log := NewLogger(&out, slog.LevelInfo, FormatJSON, false)
	NewRequestLog(log).Write(t.Context(), slog.LevelDebug, aRequest)
	Flush(log)
	if out.String() != "" {
		t.Errorf("at level info there is %s", out.String())
	}
}

// Lines of requests wait for each other, a tenth of a second at most.
func TestRequestLinesAreWrittenTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out written
		requests := NewRequestLog(NewLogger(&out, slog.LevelInfo, FormatJSON, false))
		for range 2 {
			for range 50 {
				requests.Write(t.Context(), slog.LevelInfo, aRequest)
			}
			time.Sleep(lineDelay)
			synctest.Wait()
		}
		if n := strings.Count(out.String(), "\n"); n != 100 || out.times != 2 {
			t.Errorf("%d lines in %d writes, want twice 50 in one each", n, out.times)
		}
	})
}

// Whatever else is logged comes after what was logged before it, and at once: so a failure has its requests before it.
func TestOtherLinesDoNotWait(t *testing.T) {
	var out written
	log := NewLogger(&out, slog.LevelInfo, FormatJSON, false)
	requests := NewRequestLog(log)
	log.Info("first")
	requests.Write(t.Context(), slog.LevelInfo, aRequest)
	log.With("a", 1).Warn("last")
	var said []any
	for line := range strings.Lines(out.String()) {
		said = append(said, decode(t, []byte(line))["msg"])
	}
	if len(said) != 3 || said[0] != "first" || said[1] != "request" || said[2] != "last" {
		t.Errorf("the log says %v", said)
	}
}

// Much does not wait: memory stays.
func TestWaitingLinesAreBounded(t *testing.T) {
	var out written
	requests := NewRequestLog(NewLogger(&out, slog.LevelInfo, FormatJSON, false))
	for range 1000 {
		requests.Write(t.Context(), slog.LevelInfo, aRequest)
	}
	if n := strings.Count(out.String(), "\n"); n < 1000-maxWaiting/100 {
		t.Errorf("of 1000 lines %d are written", n)
	}
}

// Text is for people who watch: nothing waits.
func TestTextLinesDoNotWait(t *testing.T) {
	var out written
	NewRequestLog(NewLogger(&out, slog.LevelInfo, FormatText, true)).Write(t.Context(), slog.LevelInfo, aRequest)
	if !strings.Contains(out.String(), "route=/api/v1/tags") {
		t.Errorf("written: %q", out.String())
	}
}

func BenchmarkRequestLog(b *testing.B) {
	log := NewLogger(new(written), slog.LevelInfo, FormatJSON, false)
	ctx := WithIDs(b.Context(), &IDs{"0193b3c4-5d6e-7f80-9a1b-2c3d4e5f6071", "0193b3c4-5d6e-7f80-9a1b-2c3d4e5f6072"})
	b.Run("requestlog", func(b *testing.B) {
		requests := NewRequestLog(log)
		for b.Loop() {
			requests.Write(ctx, slog.LevelInfo, aRequest)
		}
	})
	b.Run("slog", func(b *testing.B) {
		for b.Loop() {
			log.LogAttrs(ctx, slog.LevelInfo, "request", aRequest.attrs()...)
		}
	})
}
