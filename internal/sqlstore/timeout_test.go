package sqlstore

import (
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

// TestStatementTimeout: the server itself gives up, and the caller is told that the database is not available now.
func TestStatementTimeout(t *testing.T) {
	db, err := Open(t.Context(), Config{URL: postgresTestURL(t), PoolSize: 1, StatementTimeout: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	var nothing string
	err = db.conn().get(t.Context(), &nothing, `SELECT pg_sleep(20)::text`)
	if !fault.Is(err, fault.KindUnavailable) {
		t.Errorf("a statement that takes too long: %v", err)
	}
	err = db.conn().inOneVersion(t.Context(), func(tx conn) error { return tx.get(t.Context(), &nothing, `SELECT pg_sleep(0.7)::text`) })
	if err != nil {
		t.Errorf("a reading transaction has no timeout: %v", err)
	}
}
