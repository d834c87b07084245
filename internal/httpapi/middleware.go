package httpapi

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"

	"github.com/gorilla/mux"

	"github.com/englishapp/englishctl/internal/telemetry"
)

// middleware is what every request passes on its way in, top to bottom; unknown paths and wrong methods too, for
// which mux's own Use does not run.
func (a *API) middleware(routes http.Handler) http.Handler {
	return a.begin( // first: whatever is logged further in carries the id
		a.accessLog( // outside all that may answer, so that it sees the final status
			securityHeaders( // outside recoverPanics: the answer about a panic has them too
				a.recoverPanics( // a panic becomes an answer, which the access log then counts
					a.sendAway(
						a.requireHTTPS(
							a.fewHeaders(
								a.cors(routes))))))))
}

// maxHeaders is how many header lines a request may have: many times what phones, browsers and proxies send.
const maxHeaders = 100

// fewHeaders refuses a request with more lines than anybody needs. Their size is the server's business (maxHeaderBytes),
// but 64 KiB may hold 16,000 of them.
func (a *API) fewHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lines := 0
		for _, values := range r.Header {
			lines += len(values)
		}
		if lines > maxHeaders {
			a.fail(w, r, &refusal{http.StatusRequestHeaderFieldsTooLarge, "too_many_headers",
				fmt.Sprintf("the request has %d header lines; at most %d are allowed", lines, maxHeaders)})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// requestIDHeader is X-Request-ID, spelled as net/http sends it.
const requestIDHeader = "X-Request-Id"

// begin gives every request an id, the caller's own if it is a sane one, says it in the answer, and begins the request's trip.
func (a *API) begin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := telemetry.NewRequestID(r.Header.Get(requestIDHeader), a.newRequestID)
		w.Header().Set(requestIDHeader, id)
		next.ServeHTTP(w, beginTrip(r, id, a.proxies.client(r)))
	})
}

// accessLog counts every request and writes a line about it. It never shows bodies, queries (signatures of links) or headers (tokens), and
// of paths only the template.
func (a *API) accessLog(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := a.now()
		t := tripOf(r.Context())
		sent := &recorder{ResponseWriter: w}
		a.requests.Begin()
		defer func() { // deferred, since recoverPanics may have to cut the connection by panicking again
			took := a.now().Sub(start)
			a.requests.Request(r.Method, t.route, sent.status, took)
			a.spans.Route(r.Context(), telemetry.KnownMethod(r.Method), t.route)
			a.requestLog.Write(r.Context(), levelOf(t), telemetry.RequestLine{
				Method: r.Method, Route: t.route, Status: sent.status, Code: t.code, Bytes: sent.bytes, Took: took, Address: t.address,
			})
		}()
		next.ServeHTTP(sent, r)
	})
}

// levelOf keeps what an orchestrator asks every few seconds out of the usual log.
func levelOf(t *trip) slog.Level {
	if t.route == "/healthz" || t.route == "/readyz" || t.route == "/metrics" {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// noteRoute tells the access log which route was taken. It runs inside mux: outside, nobody knows.
func noteRoute(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if template, err := mux.CurrentRoute(r).GetPathTemplate(); err == nil {
			tripOf(r.Context()).route = template
		}
		next.ServeHTTP(w, r)
	})
}

// security are header fields for browsers that are led here by a stranger's page. All answers share the values: nobody may change one
// in place.
var security = http.Header{
	"X-Content-Type-Options":  {"nosniff"}, // JSON with somebody's <script> in it stays JSON
	"Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'"},
	"X-Frame-Options":         {"DENY"},
	"Referrer-Policy":         {"no-referrer"}, // the address may be a signed link
	"Cache-Control":           {"no-store"},    // most answers are one person's business
}

// securityHeaders adds them to every answer. Handlers may replace Cache-Control where an answer is fit for keeping.
func securityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), security)
		next.ServeHTTP(w, r)
	})
}

// recoverPanics turns a panic into a 500 and keeps the process alive. Where the answer has begun already, it cuts the
// connection instead, so that nobody takes half an answer for a whole one.
func (a *API) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			panicked := recover()
			if panicked == nil {
				return
			}
			if panicked == http.ErrAbortHandler { //nolint:errorlint // a panic value that net/http compares like this
				panic(panicked)
			}
			a.log.ErrorContext(r.Context(), "panic", "value", fmt.Sprint(panicked), "stack", string(debug.Stack()))
			a.reports.Report(r.Context(), telemetry.Failure{
				Method: telemetry.KnownMethod(r.Method), Route: tripOf(r.Context()).route, Status: http.StatusInternalServerError, Code: "panic", Panic: panicked,
			})
			if begun(w) {
				panic(http.ErrAbortHandler)
			}
			a.answer(w, r, internalProblem(r))
		}()
		next.ServeHTTP(w, r)
	})
}

// begun reports whether some of the answer has left already.
func begun(w http.ResponseWriter) bool {
	sent, ok := w.(*recorder)
	return ok && sent.status != 0
}
