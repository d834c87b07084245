package adminweb

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// statusOf is the one table from a kind of error to a page's status.
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

// refusal is an error that only pages know, and so has no kind.
type refusal struct {
	status   int
	sentence string
}

func (e *refusal) Error() string { return e.sentence }

// failure is what a page says of an error.
type failure struct {
	Status   int
	Sentence string
}

// fail answers err. It is the only place where an error becomes a page of its own.
func (p *Panel) fail(w http.ResponseWriter, r *http.Request, err error) {
	if fault.Is(err, fault.KindUnauthorized) { // the login itself answers a wrong password
		http.Redirect(w, r, loginPath(r), http.StatusSeeOther)
		return
	}
	shown := failureOf(r.Context(), err)
	p.logFailure(r.Context(), shown.Status, err)
	p.showFailure(w, r, shown)
}

// logFailure logs what an operator should know of: what editors can mend is none of it.
func (p *Panel) logFailure(ctx context.Context, status int, err error) {
	switch status {
	case http.StatusInternalServerError:
		p.log.ErrorContext(ctx, "page failed", "error", err)
	case http.StatusServiceUnavailable:
		p.log.WarnContext(ctx, "page failed", "error", err)
	}
}

func failureOf(ctx context.Context, err error) failure {
	if refused, ok := errors.AsType[*refusal](err); ok {
		return failure{refused.status, capital(refused.sentence)}
	}
	if f, ok := fault.As(err); ok {
		if status, known := statusOf[f.Kind]; known {
			return failure{status, capital(sentence(f))}
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return failure{http.StatusServiceUnavailable, "This took too long. Please try again."}
	}
	return failure{http.StatusInternalServerError,
		"Something went wrong on our side. If it happens again, tell us the number of this request: " + telemetry.RequestID(ctx)}
}

// sentence is what a human reads: the error's own words, or the first few fields.
func sentence(f *fault.Error) string {
	if f.Message != "" {
		return f.Message
	}
	return fault.Summary(f.Fields)
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// problems are what is wrong with a form, by field; "" is the form as a whole.
type problems map[string]string

// problemsOf are the broken rules of an input, by field.
func problemsOf(f *fault.Error) problems {
	found := problems{}
	for _, field := range f.Fields {
		name, _, _ := strings.Cut(field.Name, "[")
		found[name] = strings.TrimSpace(found[name] + " " + capital(field.Message) + ".")
	}
	if f.Message != "" {
		found[""] = capital(f.Message)
	}
	return found
}

// mendable says what is wrong with a form that its sender can mend, or returns err.
func mendable(err error) (problems, error) {
	f, ok := fault.As(err)
	if !ok {
		return nil, err
	}
	switch f.Kind {
	case fault.KindInvalid, fault.KindConflict, fault.KindTooLarge, fault.KindUnsuitable:
		return problemsOf(f), nil
	}
	return nil, err
}

func (p *Panel) showFailure(w http.ResponseWriter, r *http.Request, f failure) {
	if err := p.render(w, r, f.Status, page{Name: "failure", Title: http.StatusText(f.Status), Data: f}); err != nil {
		p.log.ErrorContext(r.Context(), "the page about a failure failed", "error", err)
		http.Error(w, f.Sentence, f.Status)
	}
}

func (p *Panel) unknownPage(http.ResponseWriter, *http.Request) error {
	return fault.NotFound("there is no such page")
}
