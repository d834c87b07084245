package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

// maxPage is the largest page of entries, that of the other lists of administrators.
const maxPage = 200

// Query chooses entries; zero fields do not filter.
type Query struct {
	Actor string
	// Action is a whole action ("tag.merge"), or an object ("tag"), which stands for all that is done to it.
	Action   string
	ObjectID string
	// From and To are inclusive.
	From, To time.Time
}

// Store is what reading the log needs of a database. Nothing of the product changes or removes an entry.
type Store interface {
	// AuditEntries returns one page, newest first (at, then id, descending), and the number of all matches.
	AuditEntries(ctx context.Context, q Query, p paging.Page) ([]Entry, int, error)
}

// Log is the audit log as one reads it. It is safe for concurrent use.
type Log struct{ store Store }

// NewLog returns the log that the store keeps.
func NewLog(store Store) *Log { return &Log{store} }

// Entries returns one page of entries, newest first, and the number of all matches. A page holds at most 200. It returns
// fault.Invalid, naming every field that breaks a rule.
func (l *Log) Entries(ctx context.Context, q Query, p paging.Page) ([]Entry, int, error) {
	var c fault.Check
	p.Check(&c, maxPage)
	c.Require(q.From.IsZero() || q.To.IsZero() || !q.From.After(q.To), "from_date", "it is later than to_date")
	if err := c.Err(); err != nil {
		return nil, 0, err
	}
	entries, total, err := l.store.AuditEntries(ctx, q, p)
	if err != nil {
		return nil, 0, fmt.Errorf("read the audit log: %w", err)
	}
	return entries, total, nil
}
