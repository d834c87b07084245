package httpapi

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
)

// defaultAuditPage is that of the other lists of administrators.
const defaultAuditPage = 50

type auditResponse struct {
	Entries    []auditEntryResponse `json:"entries"`
	Pagination paginationResponse   `json:"pagination"`
}

type auditEntryResponse struct {
	ID        uuid.UUID               `json:"id"`
	At        time.Time               `json:"at"`
	Actor     string                  `json:"actor"`
	Action    string                  `json:"action"`
	ObjectID  string                  `json:"object_id"`
	Changes   map[string]audit.Change `json:"changes"`
	RequestID *string                 `json:"request_id"` // null for the command line
	Address   *string                 `json:"address"`    // null for the command line
}

func newAuditEntry(e audit.Entry) auditEntryResponse {
	changes := e.Changes
	if changes == nil {
		changes = map[string]audit.Change{}
	}
	return auditEntryResponse{
		ID: e.ID, At: e.At.UTC(), Actor: e.Origin.Actor, Action: e.Action, ObjectID: e.ObjectID, Changes: changes,
		RequestID: orNull(e.Origin.RequestID), Address: orNull(e.Origin.Address),
	}
}

func (a *API) listAudit(w http.ResponseWriter, r *http.Request) error {
	q := parseQuery(r)
	page := q.page(defaultAuditPage)
	wanted := audit.Query{From: q.from("from_date"), To: q.to("to_date")}
	wanted.Actor, _ = q.text("actor")
	wanted.Action, _ = q.text("action")
	wanted.ObjectID, _ = q.text("object_id")
	if err := q.err(); err != nil {
		return err
	}
	entries, total, err := a.audit.Entries(r.Context(), wanted, page)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, auditResponse{list(entries, newAuditEntry), newPagination(page, total)})
}
