package sqlstore_test

import (
	"testing"

	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
	"github.com/englishapp/englishctl/internal/sqlstore/storetest"
)

func TestSQLite(t *testing.T) { storetest.Run(t, sqltest.SQLite) }

func TestPostgres(t *testing.T) { storetest.Run(t, sqltest.Postgres) }

// TestPgBouncer is what needs more of a connection than one statement, and what is prepared elsewhere, by way of a pool that hands every
// transaction to another connection.
func TestPgBouncer(t *testing.T) {
	storetest.RunOnly(t, sqltest.PgBouncer, "changes", "changes, at once", "identities, at once", "locks", "seeds, locks", "sessions", "sessions, claims", "sessions, history",
		"sessions, refused", "snapshot", "statistics, lease", "tags, merged", "times", "transactions", "users, at once")
}
