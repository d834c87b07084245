package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/testenv"
)

// openTestSQLite opens and migrates a SQLite database in a folder of the test's.
func openTestSQLite(tb testing.TB, path string) *DB {
	tb.Helper()
	db, err := Open(tb.Context(), Config{SQLitePath: path})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	if _, err := db.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return db
}

// postgresTestURL makes a migrated database and returns its address. Package sqltest, which does the same for
// everybody else, imports this one.
func postgresTestURL(tb testing.TB) string {
	tb.Helper()
	server := testenv.Required(tb, "TEST_POSTGRES_URL")
	name := "test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	onServer := func(ctx context.Context, statement string) {
		pool, err := sql.Open("postgres", server)
		if err == nil {
			_, err = pool.ExecContext(ctx, statement)
			err = errors.Join(err, pool.Close())
		}
		if err != nil {
			tb.Errorf("%s: %v", statement, err)
		}
	}
	onServer(tb.Context(), `CREATE DATABASE `+name)
	tb.Cleanup(func() { onServer(context.Background(), `DROP DATABASE `+name+` WITH (FORCE)`) })
	u, err := url.Parse(server)
	if err != nil {
		tb.Fatal(err)
	}
	u.Path = "/" + name
	q := u.Query()
	q.Set("binary_parameters", "yes")
	u.RawQuery = q.Encode()
	address := u.String()
	db, err := Open(tb.Context(), Config{URL: address, PoolSize: 1})
	if err != nil {
		tb.Fatal(err)
	}
	_, err = db.Migrate(tb.Context())
	if err := errors.Join(err, db.Close()); err != nil {
		tb.Fatal(err)
	}
	return address
}
