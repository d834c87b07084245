// Package sqltest opens databases for tests: empty, migrated, and one for each test.
package sqltest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/englishapp/englishctl/internal/sqlstore"
)

// Each runs the test on a fresh SQLite database and on a fresh PostgreSQL database, as subtests of these names.
func Each(t *testing.T, test func(t *testing.T, db *sqlstore.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite returns a fresh, migrated SQLite database. It is closed and removed when the test ends.
func SQLite(tb testing.TB) *sqlstore.DB {
	tb.Helper()
	content, err := sqliteTemplate()
	if err != nil {
		tb.Fatalf("make a template database: %v", err)
	}
	path := filepath.Join(tb.TempDir(), "test.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return open(tb, sqlstore.Config{SQLitePath: path})
}

// sqliteTemplate is the content of a migrated database file.
var sqliteTemplate = sync.OnceValues(func() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "sqltest")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "template.db")
	if err := migrate(context.Background(), sqlstore.Config{SQLitePath: path}); err != nil {
		return nil, err
	}
	return os.ReadFile(path) // closing the database has emptied its WAL
})

func migrate(ctx context.Context, cfg sqlstore.Config) (err error) {
	db, err := sqlstore.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := db.Close(); err == nil {
			err = closeErr
		}
	}()
	_, err = db.Migrate(ctx)
	return err
}

func open(tb testing.TB, cfg sqlstore.Config) *sqlstore.DB {
	tb.Helper()
	db, err := sqlstore.Open(tb.Context(), cfg)
	if err != nil {
		tb.Fatalf("open the test's database: %v", err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("close the test's database: %v", err)
		}
	})
	return db
}

// Count returns how many rows a table has.
func Count(tb testing.TB, db *sqlstore.DB, table string) int {
	tb.Helper()
	var n int
	if err := db.Raw().GetContext(tb.Context(), &n, fmt.Sprintf(`SELECT count(*) FROM %q`, table)); err != nil {
		tb.Fatalf("count the rows of %s: %v", table, err)
	}
	return n
}
