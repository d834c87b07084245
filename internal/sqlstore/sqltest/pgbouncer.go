package sqltest

import (
	"net/url"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/testenv"
)

// PgBouncer returns a fresh, migrated PostgreSQL database like Postgres, which is reached by way of the PgBouncer of TEST_PGBOUNCER_URL, in
// transaction mode.
func PgBouncer(tb testing.TB) *sqlstore.DB {
	tb.Helper()
	pool := testenv.Required(tb, "TEST_PGBOUNCER_URL")
	return open(tb, sqlstore.Config{
		URL: Through(tb, pool, PostgresURL(tb)), PoolSize: poolSize, MaxOverflow: maxOverflow, StatementTimeout: time.Minute,
	})
}

// Through returns the address by way of a pool of the database that has another address at its server.
func Through(tb testing.TB, pool, database string) string {
	tb.Helper()
	u, err := url.Parse(database)
	if err != nil {
		tb.Fatal(err)
	}
	p, err := url.Parse(pool)
	if err != nil {
		tb.Fatal(err)
	}
	u.Host, u.User = p.Host, p.User
	return u.String()
}
