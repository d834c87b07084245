package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/paging"
)

const (
	selectAudit = `
	SELECT id, at, actor, action, object_id, changes, request_id, address
	  FROM audit_log`

	countAudit = `SELECT count(*) FROM audit_log`
)

// Audit implements audit.Store.
type Audit struct{ c conn }

var _ audit.Store = (*Audit)(nil)

// Audit returns the store of the audit log, for reading.
func (db *DB) Audit() *Audit { return &Audit{db.conn()} }

type auditRow struct {
	ID        uuid.UUID    `db:"id"`
	At        timestamp    `db:"at"`
	Actor     string       `db:"actor"`
	Action    string       `db:"action"`
	ObjectID  string       `db:"object_id"`
	Changes   auditChanges `db:"changes"`
	RequestID string       `db:"request_id"`
	Address   string       `db:"address"`
}

func (r auditRow) entry() audit.Entry {
	return audit.Entry{
		ID: r.ID, At: r.At.time(), Action: r.Action, ObjectID: r.ObjectID, Changes: r.Changes,
		Origin: audit.Origin{Actor: r.Actor, RequestID: r.RequestID, Address: r.Address},
	}
}

// AuditEntries implements audit.Store.
func (s *Audit) AuditEntries(ctx context.Context, q audit.Query, p paging.Page) ([]audit.Entry, int, error) {
	where := auditFilter(q)
	var total int
	if err := s.c.get(ctx, &total, countAudit+where.sql(), where.args...); err != nil {
		return nil, 0, fmt.Errorf("count audit entries: %w", err)
	}
	var rows []auditRow
	err := s.c.all(ctx, &rows, selectAudit+where.sql()+` ORDER BY at DESC, id DESC LIMIT ? OFFSET ?`,
		where.with(p.Limit, p.Offset())...)
	if err != nil {
		return nil, 0, fmt.Errorf("select audit entries: %w", err)
	}
	return convert(rows, auditRow.entry), total, nil
}

func auditFilter(q audit.Query) (where filter) {
	if q.Actor != "" {
		where.and(`actor = ?`, q.Actor)
	}
	switch {
	case q.Action == "":
	case strings.Contains(q.Action, "."):
		where.and(`action = ?`, q.Action)
	default:
		prefix := q.Action + "."
		where.and(`substr(action, 1, ?) = ?`, utf8.RuneCountInString(prefix), prefix)
	}
	if q.ObjectID != "" {
		where.and(`object_id = ?`, q.ObjectID)
	}
	if !q.From.IsZero() {
		where.and(`at >= ?`, timestamp(q.From))
	}
	if !q.To.IsZero() {
		where.and(`at <= ?`, timestamp(q.To))
	}
	return where
}

// auditChanges is a map of changes in a JSON column.
type auditChanges map[string]audit.Change

// Scan implements sql.Scanner: PostgreSQL's driver gives bytes, SQLite's gives texts.
func (c *auditChanges) Scan(src any) error {
	switch v := src.(type) {
	case []byte:
		return json.Unmarshal(v, (*map[string]audit.Change)(c))
	case string:
		return json.Unmarshal([]byte(v), (*map[string]audit.Change)(c))
	default:
		return fmt.Errorf("scan the changes of an audit entry: it is a %T", src)
	}
}
