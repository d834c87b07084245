package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// statusClientClosedRequest is what the log shows when the caller hung up (nginx's number). Nobody receives it.
const statusClientClosedRequest = 499

// retryAfter is in seconds: long enough for a restart, short enough for somebody with a phone in hand.
const retryAfter = "5"

// statusOf is the one table from a kind of error to a status.
var statusOf = map[fault.Kind]int{
	fault.KindInvalid:      http.StatusBadRequest,
	fault.KindUnauthorized: http.StatusUnauthorized,
	fault.KindForbidden:    http.StatusForbidden,
	fault.KindNotFound:     http.StatusNotFound,
	fault.KindConflict:     http.StatusConflict,
	fault.KindTooLarge:     http.StatusRequestEntityTooLarge,
	fault.KindUnsuitable:   http.StatusUnprocessableEntity,
	fault.KindUnavailable:  http.StatusServiceUnavailable,
}

// refusal is an error that only HTTP knows, and so has no kind: a wrong method, a body that comes too slowly.
type refusal struct {
	status int
	code   string
	detail string
}

func (e *refusal) Error() string { return e.detail }

// comeBack is Retry-After: what whoever failed knows, in whole seconds, or else what is usual.
func comeBack(err error) string {
	if f, ok := fault.As(err); ok && f.RetryAfter > 0 {
		return strconv.Itoa(int((f.RetryAfter + time.Second - 1) / time.Second))
	}
	return retryAfter
}

// fail answers err. It is the only place where an error becomes a status, and where it is logged.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(r, err)
	if p.Status >= http.StatusInternalServerError && hungUp(r) {
		tripOf(r.Context()).code = "client_closed_request"
		w.WriteHeader(statusClientClosedRequest) // otherwise net/http would note a 200
		return
	}
	a.report(r, p, err)
	switch p.Status {
	case http.StatusInternalServerError:
		a.log.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.Any("error", err))
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", comeBack(err))
		a.log.LogAttrs(r.Context(), slog.LevelWarn, "request failed", slog.Any("error", err))
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", challenge(p.Code))
		if lacksSignature(p.Code) {
			w.Header().Set("Accept-Signature", a.signatures.Accepted()) // RFC 9421, section 5
		}
	}
	a.answer(w, r, p)
}

// report tells of an answer that is our failure.
func (a *API) report(r *http.Request, p problem, err error) {
	if p.Status < http.StatusInternalServerError || hungUp(r) {
		return
	}
	a.reports.Report(r.Context(), telemetry.Failure{
		Method: telemetry.KnownMethod(r.Method), Route: tripOf(r.Context()).route, Status: p.Status, Code: p.Code, Err: err,
	})
}

// hungUp reports whether the caller is gone; a deadline of ours ends the context with another error.
func hungUp(r *http.Request) bool { return errors.Is(r.Context().Err(), context.Canceled) }

// problemOf describes err to the caller. What has no kind is internal, and the caller learns nothing of it.
func problemOf(r *http.Request, err error) problem {
	if refused, ok := errors.AsType[*refusal](err); ok {
		return newProblem(r, refused.status, refused.code, refused.detail)
	}
	if f, ok := fault.As(err); ok {
		p := faultProblem(r, f)
		if rejected, ok := errors.AsType[*importing.Rejected](err); ok {
			p.addReport(rejected.Report)
		}
		return p
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return newProblem(r, http.StatusServiceUnavailable, "timeout", "this took too long; please try again")
	}
	return internalProblem(r)
}

func faultProblem(r *http.Request, f *fault.Error) problem {
	status, known := statusOf[f.Kind]
	if !known {
		return internalProblem(r)
	}
	code := f.Code
	if code == "" {
		code = string(f.Kind)
	}
	p := newProblem(r, status, code, sentence(f))
	if len(f.Fields) > 0 {
		p.Errors = fieldProblems(f.Fields[:min(len(f.Fields), maxProblemFields)])
	}
	return p
}

func fieldProblems(fields []fault.Field) []fieldProblem {
	out := make([]fieldProblem, len(fields))
	for i, f := range fields {
		out[i] = fieldProblem{f.Name, f.Message}
	}
	return out
}

func internalProblem(r *http.Request) problem {
	return newProblem(r, http.StatusInternalServerError, "internal",
		"something went wrong on our side; if it happens again, please tell us the request id "+telemetry.RequestID(r.Context()))
}

// maxProblemFields is how much of a long list of mistakes is worth sending: a list of 1 MiB can hold half a million of
// them.
const maxProblemFields = 100

// sentence is what a human reads: the error's own words, or the first few fields.
func sentence(f *fault.Error) string {
	if f.Message != "" {
		return f.Message
	}
	return fault.Summary(f.Fields)
}

// challenge is the value of WWW-Authenticate (RFC 6750, section 3): without an error where no token was sent.
func challenge(code string) string {
	switch {
	case lacksSignature(code), // the token is good
		code == "missing_token", code == "invalid_credentials", code == "provider_token_invalid": // the last is another's token, in the body
		return `Bearer realm="englishctl"`
	default:
		return `Bearer realm="englishctl", error="invalid_token"`
	}
}
