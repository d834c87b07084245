package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/englishapp/englishctl/internal/audit"
)

const insertAudit = `
	INSERT INTO audit_log (id, at, actor, action, object_id, changes, request_id, address)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?)`

// insertAudit writes one line of the audit log, in the transaction of the change it tells of.
func (c conn) insertAudit(ctx context.Context, e audit.Entry) error {
	if e.Changes == nil {
		e.Changes = map[string]audit.Change{}
	}
	changes, err := json.Marshal(e.Changes)
	if err != nil {
		return fmt.Errorf("encode the changes of %s: %w", e.Action, err)
	}
	_, err = c.exec(ctx, insertAudit, e.ID, timestamp(e.At), e.Origin.Actor, e.Action, e.ObjectID, string(changes),
		e.Origin.RequestID, e.Origin.Address)
	if err != nil {
		return fmt.Errorf("insert audit entry %s: %w", e.Action, err)
	}
	return nil
}
