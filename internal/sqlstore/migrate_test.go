package sqlstore_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3/lock"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// eachEmpty runs the test on a database of each kind that has no schema yet. again opens the same one once more.
func eachEmpty(t *testing.T, test func(t *testing.T, again func() *sqlstore.DB)) {
	opener := func(t *testing.T, cfg sqlstore.Config) func() *sqlstore.DB {
		return func() *sqlstore.DB {
			t.Helper()
			db, err := sqlstore.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			return db
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		test(t, opener(t, sqlstore.Config{SQLitePath: filepath.Join(t.TempDir(), "test.db")}))
	})
	t.Run("postgres", func(t *testing.T) {
		test(t, opener(t, sqlstore.Config{URL: sqltest.EmptyPostgresURL(t), PoolSize: 2}))
	})
}

// newest is how many migrations there are.
const newest = 13

// steps is the whole schema, all of it applied or not.
func steps(applied bool) []sqlstore.MigrationStatus {
	return []sqlstore.MigrationStatus{
		{Version: 1, Name: "00001_accounts.sql", Applied: applied},
		{Version: 2, Name: "00002_catalog.sql", Applied: applied},
		{Version: 3, Name: "00003_practice.sql", Applied: applied},
		{Version: 4, Name: "00004_import_journal.sql", Applied: applied},
		{Version: 5, Name: "00005_audit_actor.sql", Applied: applied},
		{Version: 6, Name: "00006_score_source.sql", Applied: applied},
		{Version: 7, Name: "00007_panel.sql", Applied: applied},
		{Version: 8, Name: "00008_upload_sheets.sql", Applied: applied},
		{Version: 9, Name: "00009_statistics.sql", Applied: applied},
		{Version: 10, Name: "00010_import_rejects.sql", Applied: applied},
		{Version: 11, Name: "00011_session_counts.sql", Applied: applied},
		{Version: 12, Name: "00012_past_recordings.sql", Applied: applied},
		{Version: 13, Name: "00013_catalog_changes.sql", Applied: applied},
	}
}

func TestMigrate(t *testing.T) {
	eachEmpty(t, func(t *testing.T, open func() *sqlstore.DB) {
		db, ctx := open(), t.Context()
		wantStatus := func(want []sqlstore.MigrationStatus) {
			t.Helper()
			got, err := db.Status(ctx)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("the status differs (%v, -want +got):\n%s", err, diff)
			}
		}
		wantSteps := func(want []sqlstore.MigrationStatus) func([]sqlstore.MigrationStatus, error) {
			return func(got []sqlstore.MigrationStatus, err error) {
				t.Helper()
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Errorf("the steps differ (%v, -want +got):\n%s", err, diff)
				}
			}
		}
		wantStatus(steps(false))
		if got := schema(t, db); len(got) > 0 {
			t.Errorf("asking for the status has changed the database: %v", got)
		}
		wantSteps(nil)(db.MigrateDown(ctx))
		wantSteps(steps(true))(db.Migrate(ctx))
		wantStatus(steps(true))
		first := schema(t, db)
		wantSteps(nil)(db.Migrate(ctx))

		wantSteps(steps(false)[newest-1:])(db.MigrateDown(ctx))
		wantStatus(append(steps(true)[:newest-1], steps(false)[newest-1]))
		wantSteps(steps(true)[newest-1:])(db.Migrate(ctx))

		down := steps(false)
		slices.Reverse(down)
		wantSteps(down)(db.MigrateDownTo(ctx, 0))
		wantStatus(steps(false))
		if got := schema(t, db); len(got) > 0 {
			t.Errorf("after all is taken back there is still %v", got)
		}
		wantSteps(steps(true))(db.Migrate(ctx))
		if diff := cmp.Diff(first, schema(t, db)); diff != "" {
			t.Errorf("up again is not what it was (-first +second):\n%s", diff)
		}
	})
}

func TestMigrateAtOnce(t *testing.T) {
	eachEmpty(t, func(t *testing.T, open func() *sqlstore.DB) {
		dbs := []*sqlstore.DB{open(), open(), open(), open()}
		applied, errs := make([]int, len(dbs)), make([]error, len(dbs))
		var done sync.WaitGroup
		for i, db := range dbs {
			done.Go(func() {
				var done []sqlstore.MigrationStatus
				done, errs[i] = db.Migrate(t.Context())
				applied[i] = len(done)
			})
		}
		done.Wait()
		for _, err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		slices.Sort(applied)
		if diff := cmp.Diff([]int{0, 0, 0, newest}, applied); diff != "" {
			t.Errorf("they applied %v, want all by one of them", applied)
		}
	})
}

// TestMigrateWaits holds the lock that a migrating program holds.
func TestMigrateWaits(t *testing.T) {
	eachEmpty(t, func(t *testing.T, open func() *sqlstore.DB) {
		db := open()
		release := holdMigrationLock(t, db)
		// Long enough to migrate, if nothing were in the way.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := db.Migrate(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the error is %v, want the context's", err)
		}
		if got := schema(t, db); len(got) > 0 {
			t.Errorf("it did not wait: there is %v", got)
		}
		release()
		if _, err := db.Migrate(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func holdMigrationLock(t *testing.T, db *sqlstore.DB) (release func()) {
	t.Helper()
	if db.Dialect() == "postgres" {
		conn, err := db.Raw().Conn(t.Context())
		if err == nil {
			_, err = conn.ExecContext(t.Context(), `SELECT pg_advisory_lock($1)`, lock.DefaultLockID)
		}
		if err != nil {
			t.Fatal(err)
		}
		return func() {
			_, err := conn.ExecContext(t.Context(), `SELECT pg_advisory_unlock($1)`, lock.DefaultLockID)
			if err := errors.Join(err, conn.Close()); err != nil {
				t.Error(err)
			}
		}
	}
	var path string
	if err := db.Raw().GetContext(t.Context(), &path, `SELECT file FROM pragma_database_list WHERE name = 'main'`); err != nil {
		t.Fatal(err)
	}
	file := flock.New(path + ".migrate.lock")
	if err := file.Lock(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestCheckSchema(t *testing.T) {
	eachEmpty(t, func(t *testing.T, open func() *sqlstore.DB) {
		db, ctx := open(), t.Context()
		wantRefusal := func(code string, words ...string) {
			t.Helper()
			err := db.CheckSchema(ctx)
			f, ok := fault.As(err)
			if !ok || f.Code != code {
				t.Fatalf("the error is %v, want code %s", err, code)
			}
			for _, word := range words {
				if !strings.Contains(f.Message, word) {
					t.Errorf("%q does not say %q", f.Message, word)
				}
			}
		}
		wantRefusal("schema_older", "00001_accounts.sql", "00013_catalog_changes.sql", "`englishctl migrate up`")
		if _, err := db.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if err := db.CheckSchema(ctx); err != nil {
			t.Error(err)
		}
		if _, err := db.MigrateDown(ctx); err != nil {
			t.Fatal(err)
		}
		wantRefusal("schema_older", "lacks 00013_catalog_changes.sql;", "`englishctl migrate up`")
		if _, err := db.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		_, err := db.Raw().ExecContext(ctx, db.Raw().Rebind(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, ?)`), 99, true)
		if err != nil {
			t.Fatal(err)
		}
		wantRefusal("schema_newer", "older than the database", "99")
		for name, change := range map[string]func(context.Context) ([]sqlstore.MigrationStatus, error){"up": db.Migrate, "down": db.MigrateDown} {
			steps, err := change(ctx)
			if f, ok := fault.As(err); !ok || f.Code != "schema_newer" || len(steps) != 0 {
				t.Errorf("migrate %s = %v, %v; want schema_newer and nothing changed", name, steps, err)
			}
		}
	})
}

// TestTwins compares what the two databases' migrations leave behind.
func TestTwins(t *testing.T) {
	postgres, sqlite := schema(t, sqltest.Postgres(t)), schema(t, sqltest.SQLite(t))
	if len(postgres) < 100 {
		t.Fatalf("only %d lines describe the schema", len(postgres))
	}
	if diff := cmp.Diff(postgres, sqlite); diff != "" {
		t.Errorf("the schemas differ (-postgres +sqlite):\n%s", diff)
	}
}
