package cli

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/audit"
)

func newAudit(e *env) *cobra.Command {
	return group("audit", "See who changed what, and when", newAuditList(e))
}

// auditItem is an entry as -o json prints it; the names are those of the API.
type auditItem struct {
	ID        string                  `json:"id"`
	At        time.Time               `json:"at"`
	Actor     string                  `json:"actor"`
	Action    string                  `json:"action"`
	ObjectID  string                  `json:"object_id"`
	Changes   map[string]audit.Change `json:"changes"`
	RequestID string                  `json:"request_id"`
	Address   string                  `json:"address"`
}

var auditColumns = []string{"at", "actor", "action", "object_id", "changes", "request_id", "address", "id"}

func auditListing(entries []audit.Entry) (listing, error) {
	l := listing{
		columns: auditColumns,
		inTable: []string{"at", "actor", "action", "changes"},
		rows:    [][]string{},
	}
	items := make([]auditItem, 0, len(entries))
	for _, e := range entries {
		item := auditItem{
			ID: e.ID.String(), At: e.At.UTC(), Actor: e.Origin.Actor, Action: e.Action, ObjectID: e.ObjectID, Changes: e.Changes,
			RequestID: e.Origin.RequestID, Address: e.Origin.Address,
		}
		changes, err := inWords(e.Changes)
		if err != nil {
			return listing{}, err
		}
		items = append(items, item)
		l.rows = append(l.rows, []string{
			item.At.Format(time.RFC3339), item.Actor, item.Action, item.ObjectID, changes, item.RequestID, item.Address, item.ID,
		})
	}
	l.items = items
	return l, nil
}

// inWords prints changes on one line, `name: "Food" -> "Meals"; …`, as JSON values: what somebody has entered cannot
// steer a terminal.
func inWords(changes map[string]audit.Change) (string, error) {
	var parts []string
	for _, field := range slices.Sorted(maps.Keys(changes)) {
		before, err := inJSON(changes[field].Before)
		if err != nil {
			return "", err
		}
		after, err := inJSON(changes[field].After)
		if err != nil {
			return "", err
		}
		parts = append(parts, field+": "+before+" -> "+after)
	}
	return strings.Join(parts, "; "), nil
}

func inJSON(v any) (string, error) {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return strings.TrimSuffix(out.String(), "\n"), err
}
