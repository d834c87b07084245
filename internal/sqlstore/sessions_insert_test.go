package sqlstore

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/practice"
)

// TestLostClaimThatIsGone plays what hardly ever happens: a claim is lost to one that is deleted before it can be read.
func TestLostClaimThatIsGone(t *testing.T) {
	for name, test := range map[string]struct {
		lost int
		code string
	}{
		"once, and the next attempt writes":      {1, ""},
		"again and again, and it is unavailable": {claimAttempts, "idempotency_key_busy"},
	} {
		t.Run(name, func(t *testing.T) {
			db := openTestSQLite(t, filepath.Join(t.TempDir(), "test.db"))
			w := newWorld(t, db, 1)
			losing, attempts := *sqlite, 0
			losing.insertSessions = func(
				ctx context.Context, c conn, sessions []practice.Session, claim *practice.Claim,
			) (bool, []uuid.UUID, error) {
				if attempts++; attempts <= test.lost {
					return false, nil, nil
				}
				return insertSessionsSQLite(ctx, c, sessions, claim)
			}
			db.dialect = &losing
			session := w.session()
			_, err := db.Practice().InsertSessions(t.Context(), []practice.Session{session}, w.claim("k"))
			if (err != nil) != (test.code != "") || err != nil && !hasCode(err, test.code) {
				t.Errorf("the error is %v, want code %q", err, test.code)
			}
			if _, found := db.Practice().Session(t.Context(), session.ID); (found == nil) != (test.code == "") {
				t.Errorf("reading the session: %v", found)
			}
		})
	}
}
