package httpapi

import (
	"net/http"

	"github.com/englishapp/englishctl/internal/telemetry"
)

// problem is an error as the caller sees it: RFC 9457, with the members of decisions.md, "HTTP in general".
type problem struct {
	// Type is always "about:blank": Code tells problems apart, and Title is the status in words.
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Code      string `json:"code"`
	RequestID string `json:"request_id"`
	// Errors holds []fieldProblem, or []rowProblem for a rejected import; nil where the detail says it all.
	Errors any `json:"errors,omitempty"`
	// importCounts are set for a rejected import only.
	*importCounts
}

// fieldProblem is one broken rule of one field.
type fieldProblem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func newProblem(r *http.Request, status int, code, detail string) problem {
	return problem{
		Type:      "about:blank",
		Title:     http.StatusText(status),
		Status:    status,
		Detail:    detail,
		Code:      code,
		RequestID: telemetry.RequestID(r.Context()),
	}
}

// answer sends the problem. A caller that is gone is no news.
func (a *API) answer(w http.ResponseWriter, r *http.Request, p problem) {
	tripOf(r.Context()).code = p.Code
	w.Header().Set("Cache-Control", "no-store")
	if err := writeBody(w, p.Status, "application/problem+json", p); err != nil {
		a.log.ErrorContext(r.Context(), "encode a problem", "error", err)
	}
}
