package remote

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/paging"
)

// Audit has the methods of audit.Log.
type Audit struct{ client *client }

type entryAnswer struct {
	ID        uuid.UUID               `json:"id"`
	At        time.Time               `json:"at"`
	Actor     string                  `json:"actor"`
	Action    string                  `json:"action"`
	ObjectID  string                  `json:"object_id"`
	Changes   map[string]audit.Change `json:"changes"`
	RequestID string                  `json:"request_id"`
	Address   string                  `json:"address"`
}

func (a entryAnswer) entry() audit.Entry {
	return audit.Entry{
		ID: a.ID, At: a.At, Action: a.Action, ObjectID: a.ObjectID, Changes: a.Changes,
		Origin: audit.Origin{Actor: a.Actor, RequestID: a.RequestID, Address: a.Address},
	}
}

// Entries is audit.Log.Entries.
func (s *Audit) Entries(ctx context.Context, q audit.Query, p paging.Page) ([]audit.Entry, int, error) {
	var answer struct {
		Entries    []entryAnswer `json:"entries"`
		Pagination pagination    `json:"pagination"`
	}
	query := parameters(p, "actor", q.Actor, "action", q.Action, "object_id", q.ObjectID, "from_date", moment(q.From), "to_date", moment(q.To))
	err := s.client.do(ctx, call{method: http.MethodGet, path: "/admin/audit", query: query}, &answer)
	return each(answer.Entries, entryAnswer.entry), answer.Pagination.Total, err
}

// moment is a time as the API reads it; "" for the zero time, which does not filter.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
