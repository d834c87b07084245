package sqlstore_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

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

// steps is the whole schema, all of it applied or not.
func steps(applied bool) []sqlstore.MigrationStatus {
	return []sqlstore.MigrationStatus{
		{Version: 1, Name: "00001_accounts.sql", Applied: applied},
		{Version: 2, Name: "00002_catalog.sql", Applied: applied},
		{Version: 3, Name: "00003_practice.sql", Applied: applied},
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

		wantSteps(steps(false)[2:])(db.MigrateDown(ctx))
		wantStatus(append(steps(true)[:2], steps(false)[2]))
		wantSteps(steps(true)[2:])(db.Migrate(ctx))

		down := steps(false)
		wantSteps([]sqlstore.MigrationStatus{down[2], down[1], down[0]})(db.MigrateDownTo(ctx, 0))
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
		dbs := []*sqlstore.DB{open(), open()}
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
		if applied[0]+applied[1] != 3 || applied[0]*applied[1] != 0 {
			t.Errorf("they applied %v, want all by one of them", applied)
		}
	})
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
		wantRefusal("schema_older", "00001_accounts.sql", "00003_practice.sql", "`englishctl migrate up`")
		if _, err := db.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if err := db.CheckSchema(ctx); err != nil {
			t.Error(err)
		}
		if _, err := db.MigrateDown(ctx); err != nil {
			t.Fatal(err)
		}
		wantRefusal("schema_older", "lacks 00003_practice.sql;", "`englishctl migrate up`")
		if _, err := db.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		_, err := db.Raw().ExecContext(ctx, db.Raw().Rebind(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, ?)`), 99, true)
		if err != nil {
			t.Fatal(err)
		}
		wantRefusal("schema_newer", "older than the database", "99")
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

// schema describes tables, columns, nullability, keys and indexes in lines that are the same for both databases. Types
// are not in it: SQLite has five. Nor are goose's table and SQLite's tables for searching (see package migrations).
func schema(t *testing.T, db *sqlstore.DB) []string {
	t.Helper()
	queries := postgresSchema
	if db.Dialect() == "sqlite" {
		queries = sqliteSchema
	}
	var lines []string
	for _, query := range queries {
		var part []string
		if err := db.Raw().SelectContext(t.Context(), &part, query); err != nil {
			t.Fatalf("describe the schema: %v", err)
		}
		lines = append(lines, part...)
	}
	return lines
}

var postgresSchema = []string{
	`SELECT format('column %s.%s null=%s default=%s', c.table_name, c.column_name, c.is_nullable,
	               split_part(COALESCE(c.column_default, ''), ':', 1))
	   FROM information_schema.columns c
	  WHERE c.table_schema = 'public' AND c.table_name <> 'goose_db_version'
	  ORDER BY c.table_name COLLATE "C", c.column_name COLLATE "C"`,

	`SELECT format('%s (%s)%s',
	               CASE WHEN i.indisprimary THEN 'primary key ' || t.relname
	                    WHEN i.indisunique THEN 'unique ' || x.relname
	                    ELSE 'index ' || x.relname END,
	               (SELECT string_agg(a.attname || CASE WHEN i.indoption[k.place - 1] & 1 = 1 THEN ' DESC' ELSE '' END,
	                                  ', ' ORDER BY k.place)
	                  FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
	                  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum),
	               CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END)
	   FROM pg_index i
	   JOIN pg_class t ON t.oid = i.indrelid
	   JOIN pg_class x ON x.oid = i.indexrelid
	  WHERE t.relnamespace = 'public'::regnamespace AND t.relname <> 'goose_db_version' AND x.relname <> 'idx_speech_text_fts'
	  ORDER BY NOT i.indisprimary, t.relname COLLATE "C", x.relname COLLATE "C"`,

	`SELECT format('foreign key %s.%s -> %s.%s %s', t.relname, a.attname, r.relname, b.attname,
	               CASE c.confdeltype WHEN 'c' THEN 'CASCADE' ELSE 'NO ACTION' END)
	   FROM pg_constraint c
	   JOIN pg_class t ON t.oid = c.conrelid
	   JOIN pg_class r ON r.oid = c.confrelid
	   JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
	   JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = c.confkey[1]
	  WHERE c.contype = 'f' AND t.relnamespace = 'public'::regnamespace
	  ORDER BY t.relname COLLATE "C", a.attname COLLATE "C"`,

	`SELECT 'check ' || conname FROM pg_constraint
	  WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY conname COLLATE "C"`,
}

const sqliteTables = `(SELECT name, sql FROM sqlite_schema WHERE type = 'table'
	AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'speech_search*' AND name <> 'goose_db_version') t`

var sqliteSchema = []string{
	`SELECT format('column %s.%s null=%s default=%s', t.name, c.name, iif(c."notnull", 'NO', 'YES'), COALESCE(c.dflt_value, ''))
	   FROM ` + sqliteTables + `, pragma_table_info(t.name) c
	  ORDER BY t.name, c.name`,

	`SELECT format('primary key %s (%s)', t.name, group_concat(c.name, ', ' ORDER BY c.pk))
	   FROM ` + sqliteTables + `, pragma_table_info(t.name) c
	  WHERE c.pk > 0
	  GROUP BY t.name
	  ORDER BY t.name`,

	`SELECT format('%s %s (%s)%s', iif(i."unique", 'unique', 'index'), i.name,
	               (SELECT group_concat(k.name || iif(k.desc, ' DESC', ''), ', ' ORDER BY k.seqno)
	                  FROM pragma_index_xinfo(i.name) k WHERE k.key),
	               iif(i.partial, ' partial', ''))
	   FROM ` + sqliteTables + `, pragma_index_list(t.name) i
	  WHERE i.origin <> 'pk'
	  ORDER BY t.name, i.name`,

	`SELECT format('foreign key %s.%s -> %s.%s %s', t.name, f."from", f."table", f."to", f.on_delete)
	   FROM ` + sqliteTables + `, pragma_foreign_key_list(t.name) f
	  ORDER BY t.name, f."from"`,

	// SQLite keeps a constraint's name in the statement's text only.
	`WITH RECURSIVE found (rest, name) AS (
		SELECT substr(t.sql, instr(t.sql, 'CONSTRAINT ')), NULL FROM ` + sqliteTables + ` WHERE instr(t.sql, 'CONSTRAINT ')
		UNION ALL
		SELECT substr(rest, 12 + instr(substr(rest, 12) || 'CONSTRAINT ', 'CONSTRAINT ') - 1),
		       substr(rest, 12, instr(substr(rest, 12), ' CHECK (') - 1)
		  FROM found WHERE rest <> ''
	)
	SELECT 'check ' || name FROM found WHERE name <> '' AND instr(name, ' ') = 0 ORDER BY name`,
}
