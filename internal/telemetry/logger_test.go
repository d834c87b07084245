package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// decode reads the one JSON line that a test has logged.
func decode(t *testing.T, line []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(line, &m); err != nil {
		t.Fatalf("log line is not JSON: %v: %s", err, line)
	}
	return m
}

func TestNewLoggerFormat(t *testing.T) {
	for _, tc := range []struct {
		name       string
		format     Format
		isTerminal bool
		wantJSON   bool
	}{
		{"auto is text on a terminal", FormatAuto, true, false},
		{"auto is JSON elsewhere", FormatAuto, false, true},
		{"json is JSON on a terminal too", FormatJSON, true, true},
		{"text is text elsewhere too", FormatText, false, false},
		{"nothing means auto", "", false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			NewLogger(&out, slog.LevelInfo, tc.format, tc.isTerminal).Info("hello")
			if got := json.Valid(out.Bytes()); got != tc.wantJSON {
				t.Errorf("JSON = %v, want %v: %s", got, tc.wantJSON, out.String())
			}
		})
	}
}

func TestNewLoggerKeepsToTheLevel(t *testing.T) {
	var out bytes.Buffer
	log := NewLogger(&out, slog.LevelWarn, FormatJSON, false)
	log.Info("too quiet")
	if out.Len() != 0 {
		t.Errorf("info was logged at level warn: %s", out.String())
	}
	log.Warn("loud enough")
	if got := decode(t, out.Bytes())["level"]; got != "WARN" {
		t.Errorf("level = %v, want WARN", got)
	}
}

func TestTimesAreUTCWithMilliseconds(t *testing.T) {
	at := time.Date(2025, 12, 10, 1, 2, 3, 4_000_000, time.FixedZone("east", 7*3600))
	var out bytes.Buffer
	handler := NewLogger(&out, slog.LevelInfo, FormatJSON, false).Handler()
	record := slog.NewRecord(at, slog.LevelInfo, "m", 0)
	record.AddAttrs(slog.Time("completed_at", at))
	if err := handler.Handle(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	const want = "2025-12-09T18:02:03.004Z"
	line := decode(t, out.Bytes())
	for _, name := range []string{"time", "completed_at"} {
		if line[name] != want {
			t.Errorf("%s = %v, want %s", name, line[name], want)
		}
	}
}

func TestContextIDs(t *testing.T) {
	both := WithUserID(WithRequestID(context.Background(), "r-1"), "u-1")
	for _, tc := range []struct {
		name string
		log  func(*slog.Logger)
		want map[string]any
	}{
		{"a bare context adds nothing",
			func(l *slog.Logger) { l.InfoContext(context.Background(), "m") },
			map[string]any{}},
		{"both ids are added",
			func(l *slog.Logger) { l.InfoContext(both, "m", "a", "1") },
			map[string]any{"request_id": "r-1", "user_id": "u-1", "a": "1"}},
		{"a request without a user has no user_id",
			func(l *slog.Logger) { l.InfoContext(WithRequestID(context.Background(), "r-2"), "m") },
			map[string]any{"request_id": "r-2"}},
		{"attributes of the logger stay",
			func(l *slog.Logger) { l.With("a", "1").InfoContext(both, "m") },
			map[string]any{"request_id": "r-1", "user_id": "u-1", "a": "1"}},
		{"groups hold what is theirs, never the ids",
			func(l *slog.Logger) { l.With("a", "1").WithGroup("g").With("b", "2").InfoContext(both, "m", "c", "3") },
			map[string]any{"request_id": "r-1", "user_id": "u-1", "a": "1", "g": map[string]any{"b": "2", "c": "3"}}},
		{"a group without ids is as ever",
			func(l *slog.Logger) { l.WithGroup("g").Info("m", "c", "3") },
			map[string]any{"g": map[string]any{"c": "3"}}},
		{"two loggers grown from one group do not mix",
			func(l *slog.Logger) {
				g := l.WithGroup("g").With("a", "1").With("b", "2")
				left, _ := g.With("side", "left"), g.With("side", "right")
				left.InfoContext(WithRequestID(context.Background(), "r-3"), "m")
			},
			map[string]any{"request_id": "r-3", "g": map[string]any{"a": "1", "b": "2", "side": "left"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			tc.log(NewLogger(&out, slog.LevelInfo, FormatJSON, false))
			got := decode(t, out.Bytes())
			for _, builtin := range []string{"time", "level", "msg"} {
				delete(got, builtin)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

// A record with many attributes shares their memory with its copies; slog marks with !BUG what was added twice.
func TestARecordMayBeHandledTwice(t *testing.T) {
	var out bytes.Buffer
	handler := NewLogger(&out, slog.LevelInfo, FormatText, false).Handler()
	record := slog.NewRecord(time.Time{}, slog.LevelInfo, "m", 0)
	for range 8 { // five lie in the record itself, three in a slice that has room for one more
		record.AddAttrs(slog.Int("n", 1))
	}
	for _, id := range []string{"r-1", "r-2"} {
		out.Reset()
		if err := handler.Handle(WithRequestID(t.Context(), id), record); err != nil {
			t.Fatal(err)
		}
		if line := out.String(); strings.Contains(line, "!BUG") || !strings.HasSuffix(line, "request_id="+id+"\n") {
			t.Errorf("line = %s", line)
		}
	}
}

// The standard library's own conformance test for handlers, with an id in no context: we must add nothing then.
func TestHandlerConformsToSlog(t *testing.T) {
	var out bytes.Buffer
	newHandler := func(*testing.T) slog.Handler {
		out.Reset()
		return withContextIDs(slog.NewJSONHandler(&out, nil))
	}
	slogtest.Run(t, newHandler, func(t *testing.T) map[string]any { return decode(t, out.Bytes()) })
}

func TestRedact(t *testing.T) {
	const secret = "hunter2"
	withPassword := &url.URL{Scheme: "redis", Host: "cache:6379", User: url.UserPassword("app", secret)}
	for _, tc := range []struct {
		name   string
		attr   slog.Attr
		hidden bool
	}{
		{"password", slog.String("password", secret), true},
		{"a part of the name tells", slog.String("new_password_again", secret), true},
		{"case and separators do not matter", slog.String("X-API-Key", secret), true},
		{"access token", slog.String("access_token", secret), true},
		{"camel case", slog.String("refreshToken", secret), true},
		{"authorization header", slog.String("Authorization", "Bearer "+secret), true},
		{"cookie", slog.String("cookie", secret), true},
		{"a key", slog.String("key", secret), true},
		{"a signing key", slog.String("signing_key", secret), true},
		{"bytes", slog.Any("secret", []byte(secret)), true},
		{"inside a group with a telling name", slog.Group("credentials", slog.String("value", secret)), true},
		{"inside a group with a plain name", slog.Group("login", slog.String("password", secret)), true},
		{"password of an address in a text", slog.String("detail", "dial postgres://app:"+secret+"@db:5432/app: refused"), true},
		{"password that holds an @", slog.String("detail", "dial postgres://app:p@"+secret+"@db/app"), true},
		{"password of an address in an error", slog.Any("error", errors.New("parse redis://:"+secret+"@cache")), true},
		{"password of a URL value", slog.Any("address", withPassword), true},
		{"an object's key is no secret", slog.String("object_key", secret), false},
		{"keyboard is no key", slog.String("keyboard", secret), false},
		{"a plain attribute", slog.String("path", "/x/"+secret), false},
		{"an address without a password", slog.String("url", "https://"+secret+"@host/"), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, format := range []Format{FormatJSON, FormatText} {
				var out bytes.Buffer
				NewLogger(&out, slog.LevelInfo, format, false).Info("m", tc.attr)
				if hidden := !strings.Contains(out.String(), secret); hidden != tc.hidden {
					t.Errorf("%s: hidden = %v, want %v: %s", format, hidden, tc.hidden, out.String())
				}
				if masking := strings.Contains(out.String(), masked); format == FormatText && masking != tc.hidden {
					t.Errorf("masked = %v, want %v: %s", masking, tc.hidden, out.String())
				}
			}
		})
	}
}

func TestRedactLeavesNumbersAndTheMessageAlone(t *testing.T) {
	var out bytes.Buffer
	NewLogger(&out, slog.LevelInfo, FormatJSON, false).Info("token refused", "revoked_tokens", 3)
	line := decode(t, out.Bytes())
	if line["revoked_tokens"] != 3.0 || line["msg"] != "token refused" {
		t.Errorf("line = %v", line)
	}
}

func TestRedactCleansTheMessage(t *testing.T) {
	var out bytes.Buffer
	NewLogger(&out, slog.LevelInfo, FormatJSON, false).Info("cannot reach postgres://app:hunter2@db/app")
	if got := decode(t, out.Bytes())["msg"]; got != "cannot reach postgres://app:"+masked+"@db/app" {
		t.Errorf("msg = %v", got)
	}
}

// A nil pointer that has a String or Error method must not take the program down from inside the logger.
func TestRedactSurvivesNilPointers(t *testing.T) {
	log := NewLogger(io.Discard, slog.LevelInfo, FormatText, false)
	log.Info("m", "address", (*url.URL)(nil), "error", error((*url.Error)(nil)))
}
