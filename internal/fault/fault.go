// Package fault holds the few kinds of error that the whole program shares.
//
// An error gets its kind where its cause is known. The edges (HTTP, command line, panel) turn the kind into
// a status code, an exit code or a page, each in exactly one place. An error without a kind is internal: its
// text is for the log, never for the user.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind says whose fault it is and what can be done about it.
type Kind string

// The kinds. Their names are stable: they are the default `code` of a problem+json answer.
const (
	KindInvalid      Kind = "invalid"       // the input breaks a rule; Fields names what and why
	KindUnauthorized Kind = "unauthorized"  // nobody is signed in, or the proof is not good
	KindForbidden    Kind = "forbidden"     // signed in, but not allowed
	KindNotFound     Kind = "not_found"     // there is no such thing
	KindConflict     Kind = "conflict"      // it clashes with what is there
	KindTooLarge     Kind = "too_large"     // more bytes than allowed
	KindUnsuitable   Kind = "unprocessable" // well-formed, but it cannot be processed (import rows, audio quality)
	KindUnavailable  Kind = "unavailable"   // something we depend on does not answer; trying again may help
)

// summarised is how many fields one sentence names.
const summarised = 5

// Summary puts broken rules into one sentence, for whoever shows no list of them. It names the first five.
func Summary(fields []Field) string {
	parts := make([]string, 0, summarised)
	for _, field := range fields[:min(len(fields), summarised)] {
		parts = append(parts, field.Name+": "+field.Message)
	}
	text := strings.Join(parts, "; ")
	if len(fields) > summarised {
		text += "; and more (see errors)"
	}
	return text
}

// Field is one broken rule of one input field.
type Field struct {
	// Name is the field as the sender wrote it, with its path: "results[2].speech_id".
	Name string
	// Message says what is wrong with which value, and what is allowed.
	Message string
}

// Error is an error with a kind and a sentence that the user may read.
type Error struct {
	Kind Kind
	// Code is a stable snake_case word for programs. Empty means the kind's name.
	Code string
	// Message is a sentence for a human. It holds no secrets and no internals.
	Message string
	// Fields lists every broken rule of an Invalid (or Unsuitable) input.
	Fields []Field
	// RetryAfter is when asking again makes sense, where that is known; 0 where it is not.
	RetryAfter time.Duration
	// cause is for the log and for errors.Is; the user does not see it.
	cause error
}

// Error returns the sentence, the fields and the cause, for logs and for the terminal.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	for i, f := range e.Fields {
		if i == 0 && e.Message != "" {
			b.WriteString(": ")
		} else if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(f.Name + ": " + f.Message)
	}
	if e.cause != nil {
		b.WriteString(" (" + e.cause.Error() + ")")
	}
	return b.String()
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// WithCode returns a copy of e whose code is the stable word for programs.
func (e *Error) WithCode(code string) *Error {
	c := *e
	c.Code = code
	return &c
}

// WithRetryAfter returns a copy of e that says when asking again makes sense.
func (e *Error) WithRetryAfter(after time.Duration) *Error {
	c := *e
	c.RetryAfter = after
	return &c
}

// WithCause returns a copy of e that wraps cause, which only the log will show.
func (e *Error) WithCause(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Is reports whether err, or an error that it wraps, is of the kind.
func Is(err error, kind Kind) bool {
	e, ok := As(err)
	return ok && e.Kind == kind
}

// As returns the outermost *Error in err's chain.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// Unauthorized says that the caller has not shown who they are.
func Unauthorized(format string, args ...any) *Error {
	return newError(KindUnauthorized, format, args...)
}

// Forbidden says that the caller is known but not allowed.
func Forbidden(format string, args ...any) *Error { return newError(KindForbidden, format, args...) }

// NotFound says that there is no such thing.
func NotFound(format string, args ...any) *Error { return newError(KindNotFound, format, args...) }

// Conflict says that the request clashes with what is there.
func Conflict(format string, args ...any) *Error { return newError(KindConflict, format, args...) }

// TooLarge says that the input has more bytes than allowed.
func TooLarge(format string, args ...any) *Error { return newError(KindTooLarge, format, args...) }

// Unsuitable says that the input is well-formed but cannot be processed.
func Unsuitable(format string, args ...any) *Error { return newError(KindUnsuitable, format, args...) }

// Unavailable says that something the program depends on does not answer.
func Unavailable(format string, args ...any) *Error {
	return newError(KindUnavailable, format, args...)
}

func newError(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Invalid says that one field breaks a rule.
func Invalid(field, format string, args ...any) *Error {
	var c Check
	c.Addf(field, format, args...)
	return c.fault()
}

// Check collects every broken rule of one input, so that the sender learns of all of them at once.
// The zero value is ready to use.
type Check struct{ fields []Field }

// Addf notes that the field breaks a rule.
func (c *Check) Addf(field, format string, args ...any) {
	c.fields = append(c.fields, Field{Name: field, Message: fmt.Sprintf(format, args...)})
}

// Require notes that the field breaks a rule unless ok.
func (c *Check) Require(ok bool, field, format string, args ...any) {
	if !ok {
		c.Addf(field, format, args...)
	}
}

// Merge takes over what another check found, with prefix before each field name.
func (c *Check) Merge(prefix string, fields []Field) {
	for _, f := range fields {
		c.fields = append(c.fields, Field{Name: prefix + f.Name, Message: f.Message})
	}
}

// Fields returns what was found so far, in the order found.
func (c *Check) Fields() []Field { return c.fields }

// Err returns an Invalid error that names every broken rule, or nil if there is none.
func (c *Check) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return c.fault()
}

func (c *Check) fault() *Error {
	return &Error{Kind: KindInvalid, Fields: c.fields}
}
