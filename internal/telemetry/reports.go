package telemetry

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/getsentry/sentry-go"
)

// How much is reported, and for how long a stop waits for it.
const (
	// reportEvery is how often one kind of failure is reported: an outage is one line in a list, not a hundred thousand.
	reportEvery = time.Minute
	// maxKinds bounds the kinds that are remembered. There are some hundred at most: routes times codes.
	maxKinds        = 1000
	reportsInBuffer = 100
	reportTimeout   = 5 * time.Second
)

// Failure is an answer of 500 and more, or a panic.
type Failure struct {
	Method, Route string
	Status        int
	Code          string // of the problem that was answered
	// Err is what went wrong; nil for a panic.
	Err error
	// Panic is the value of a panic; nil for an error.
	Panic any
}

// Reports tells Sentry of failures. A nil *Reports tells nobody. It is safe for concurrent use.
//
// What it tells is the route's template, the status, the ids of request, trace and user, the error's text without e-mail
// addresses and tokens, and for a panic where it happened. It has no header, no cookie, no body, no query and no address.
type Reports struct {
	client *sentry.Client
	now    func() time.Time

	mu   sync.Mutex
	last map[string]time.Time // of each kind, when it was reported
}

// NewReports returns reports to the project that a DSN names (SENTRY_DSN). Its error does not quote the DSN.
func NewReports(dsn string, now func() time.Time) (*Reports, error) {
	transport := sentry.NewHTTPTransport()
	transport.BufferSize, transport.Timeout = reportsInBuffer, reportTimeout
	client, err := sentry.NewClient(sentry.ClientOptions{
		Dsn: dsn, Transport: transport, Release: "englishctl@" + Version().Version, ServerName: "englishctl",
		Integrations:   func([]sentry.Integration) []sentry.Integration { return nil }, // they read the machine and the request
		MaxBreadcrumbs: -1, DisableClientReports: true, DisableTelemetryBuffer: true,
	})
	if err != nil {
		return nil, errors.New("SENTRY_DSN is not an address that Sentry's client understands")
	}
	return &Reports{client: client, now: now, last: make(map[string]time.Time)}, nil
}

// Report tells of a failure, unless one of its kind was told of within a minute. It does not wait.
func (r *Reports) Report(ctx context.Context, f Failure) {
	if r == nil || !r.due(f) {
		return
	}
	event := sentry.NewEvent()
	event.Level = sentry.LevelError
	event.Tags = map[string]string{"method": f.Method, "route": f.Route, "status": fmt.Sprint(f.Status), "code": f.Code}
	for name, id := range map[string]string{"request_id": RequestID(ctx), "trace_id": traceID(ctx)} {
		if id != "" {
			event.Tags[name] = id
		}
	}
	event.User = sentry.User{ID: UserID(ctx)}
	event.Transaction = f.Method + " " + f.Route
	event.Fingerprint = []string{f.Method, f.Route, f.Code, typeOf(f)}
	event.Exception = []sentry.Exception{f.exception()}
	r.client.CaptureEvent(event, nil, nil)
}

// exception is what went wrong, in Sentry's form. Only of a panic the stack says where it happened.
func (f Failure) exception() sentry.Exception {
	if f.Panic != nil {
		return sentry.Exception{Type: "panic", Value: scrubbed(fmt.Sprint(f.Panic)), Stacktrace: sentry.NewStacktrace()}
	}
	return sentry.Exception{Type: typeOf(f), Value: scrubbed(f.Err.Error())}
}

// typeOf is the Go type of the innermost error.
func typeOf(f Failure) string {
	if f.Err == nil {
		return "panic"
	}
	err := f.Err
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return fmt.Sprintf("%T", err)
}

func (r *Reports) due(f Failure) bool {
	kind := f.Method + " " + f.Route + " " + f.Code + " " + typeOf(f)
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if last, known := r.last[kind]; known && now.Sub(last) < reportEvery {
		return false
	}
	if len(r.last) >= maxKinds {
		clear(r.last)
	}
	r.last[kind] = now
	return true
}

// Close sends what waits, for three seconds at most.
func (r *Reports) Close() {
	if r == nil {
		return
	}
	r.client.Flush(flushTimeout)
	r.client.Close()
}

// Patterns of what must not leave in an error's text: addresses of people, tokens, what was quoted (it may be a sentence or
// a name), passwords in addresses.
var (
	mailAddress = regexp.MustCompile(`[^\s"'<>(),;:=]+@[^\s"'<>(),;:=]+`)
	jsonToken   = regexp.MustCompile(`\beyJ[\w-]+\.[\w-]+\.?[\w-]*`)
	quotedText  = regexp.MustCompile(`"[^"]*"|'[^']*'|“[^”]*”`)
	longWord    = regexp.MustCompile(`[A-Za-z0-9+/_=-]{40,}`)
)

// scrubbed is the text without what may be somebody's.
func scrubbed(text string) string {
	text = userinfoPassword.ReplaceAllString(text, "${1}"+masked+"@")
	text = jsonToken.ReplaceAllString(text, masked)
	text = quotedText.ReplaceAllString(text, `"…"`)
	text = mailAddress.ReplaceAllString(text, masked)
	return longWord.ReplaceAllString(text, masked)
}
