package sqlstore_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/backup"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
	"github.com/englishapp/englishctl/internal/statistics"
)

// unsaved are the tables of which a backup knows nothing, on purpose.
var unsaved = []string{
	"upload_sheets", "upload_files", "upload_sessions", "email_tokens", "panel_sessions", // short-lived, or of this place
	"catalog_version", "catalog_changes", "goose_db_version", // counts and notes of this database
	// Counted anew from the games.
	"game_session_counts", "statistics_state", "statistics_days", "statistics_scores", "statistics_rankings", "statistics_requests", "statistics_changes",
}

// TestBackupTables: whoever adds a table or a column has to decide whether it belongs into a backup.
func TestBackupTables(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		want := map[string][]string{}
		for _, line := range schema(t, db) {
			if rest, ok := strings.CutPrefix(line, "column "); ok {
				name, _, _ := strings.Cut(rest, " ")
				table, column, _ := strings.Cut(name, ".")
				want[table] = append(want[table], column)
			}
		}
		for _, table := range unsaved {
			delete(want, table)
		}
		got := map[string][]string{}
		for _, table := range tables(t, db) {
			for _, column := range table.Columns {
				got[table.Name] = append(got[table.Name], column.Name)
			}
			slices.Sort(got[table.Name])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the tables of a backup differ from those of the schema; see backup_tables.go (-schema +backup):\n%s", diff)
		}
	})
}

func tables(t *testing.T, db *sqlstore.DB) (tables []backup.Table) {
	t.Helper()
	err := db.Backup().Read(t.Context(), func(r backup.Reader) error {
		tables = r.Tables()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

// dump returns all rows, in a form that can be compared.
func dump(t *testing.T, db *sqlstore.DB) map[string][]backup.Row {
	t.Helper()
	rows := map[string][]backup.Row{}
	err := db.Backup().Read(t.Context(), func(r backup.Reader) error {
		for _, table := range r.Tables() {
			rows[table.Name] = []backup.Row{}
			err := r.Rows(t.Context(), table, func(row backup.Row) error {
				rows[table.Name] = append(rows[table.Name], slices.Clone(row))
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func sequence(rows []backup.Row) iter.Seq2[backup.Row, error] {
	return func(yield func(backup.Row, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// TestRestoredGamesAreCounted: a database on which a daemon has counted days without games is an empty one, and what is restored into it
// is counted.
func TestRestoredGamesAreCounted(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		now := time.Date(2026, 3, 4, 13, 0, 0, 0, time.UTC) // the games of Fill are an hour older
		refresh := func(db *sqlstore.DB) {
			stats := statistics.New(nil, nil, nil, db.Statistics(), "test", func() time.Time { return now })
			if done, err := stats.Refresh(t.Context(), 0); err != nil || !done {
				t.Fatal(done, err)
			}
		}
		refresh(db)
		err := db.Backup().Write(t.Context(), func(w backup.Writer) error {
			if name, err := w.Filled(t.Context()); name != "" || err != nil {
				t.Errorf("filled: %q, %v", name, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		sqltest.Fill(t, db)
		refresh(db)
		found, err := db.Statistics().RollUp(t.Context(), "2026-03-04", "2026-03-04", 7)
		if err != nil || len(found.Days) != 1 || found.Days[0].Sessions != 2 {
			t.Errorf("after it: %+v, %v", found.Days, err)
		}
	})
}

// TestBackupRows writes what one database has given into another one, of both kinds, and back.
func TestBackupRows(t *testing.T) {
	load := func(t *testing.T, rows map[string][]backup.Row, into *sqlstore.DB) {
		err := into.Backup().Write(t.Context(), func(w backup.Writer) error {
			for _, table := range w.Tables() {
				n, err := w.Insert(t.Context(), table, sequence(rows[table.Name]))
				if err != nil || n != len(rows[table.Name]) {
					return fmt.Errorf("%s: %d of %d rows: %w", table.Name, n, len(rows[table.Name]), err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	lite, post, again := sqltest.SQLite(t), sqltest.Postgres(t), sqltest.SQLite(t)
	sqltest.Fill(t, lite)
	want := dump(t, lite)
	for name, rows := range want {
		if len(rows) == 0 {
			t.Errorf("no row of %s is tried", name)
		}
	}
	// jsonb has its own order and blanks; the format has one, which its own test looks at.
	normal := cmp.FilterPath(func(p cmp.Path) bool { return true }, cmp.Comparer(func(a, b string) bool {
		return a == b || strings.HasPrefix(a, "{") || strings.HasPrefix(a, "[")
	}))
	load(t, want, post)
	if diff := cmp.Diff(want, dump(t, post), normal); diff != "" {
		t.Errorf("what PostgreSQL has made of SQLite's rows differs (-want +got):\n%s", diff)
	}
	load(t, dump(t, post), again)
	if diff := cmp.Diff(want, dump(t, again), normal); diff != "" {
		t.Errorf("what SQLite has made of PostgreSQL's rows differs (-want +got):\n%s", diff)
	}
}

func TestBackupRecordings(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		sqltest.Fill(t, db)
		set := `UPDATE speeches SET audio_sha256 = 'abc' WHERE deleted_at IS NOT NULL`
		if _, err := db.Raw().ExecContext(t.Context(), set); err != nil {
			t.Fatal(err)
		}
		var got []backup.Reference
		err := db.Backup().Read(t.Context(), func(r backup.Reader) error {
			return r.Recordings(t.Context(), func(ref backup.Reference) error {
				got = append(got, ref)
				return nil
			})
		})
		want := []backup.Reference{{Key: sqltest.FilledKey, SHA256: "abc"}, {Key: sqltest.FilledOther}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(err, diff)
		}
	})
}

func TestBackupClear(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		sqltest.Fill(t, db)
		giveUp := errors.New("give up")
		err := db.Backup().Write(t.Context(), func(w backup.Writer) error {
			if filled, err := w.Filled(t.Context()); err != nil || filled == "" {
				t.Errorf("filled: %q, %v", filled, err)
			}
			if err := w.Clear(t.Context()); err != nil {
				return err
			}
			if filled, err := w.Filled(t.Context()); err != nil || filled != "" {
				t.Errorf("after it was cleared: %q, %v", filled, err)
			}
			return giveUp
		})
		if !errors.Is(err, giveUp) || sqltest.Count(t, db, "users") != 2 {
			t.Errorf("%v; %d users are left of a transaction that failed, want 2", err, sqltest.Count(t, db, "users"))
		}
	})
}

// TestBackupRefuses: rows come from a file, which may hold anything.
func TestBackupRefuses(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		tags := tables(t, db)[0]
		tag := backup.Row{"0197a000-0000-7000-8000-0000000000b1", "a", "a", nil, time.Now().UTC(), nil}
		with := func(i int, value any) backup.Row {
			row := slices.Clone(tag)
			row[i] = value
			return row
		}
		wrongColumn := backup.Table{Name: "tags", Columns: []backup.Column{{Name: `id) SELECT 1; --`, Kind: backup.UUID}}}
		links := backup.Table{Name: "speech_tags", Columns: []backup.Column{{Name: "speech_id", Kind: backup.UUID}, {Name: "tag_id", Kind: backup.UUID}}}
		failing := errors.New("the file is damaged")
		for name, tt := range map[string]struct {
			table backup.Table
			rows  iter.Seq2[backup.Row, error]
			want  func(error) bool
		}{
			"no table of ours":   {backup.Table{Name: "goose_db_version"}, sequence(nil), isKind(fault.KindInvalid)},
			"no name":            {wrongColumn, sequence(nil), isKind(fault.KindInvalid)},
			"too few values":     {tags, sequence([]backup.Row{tag[:2]}), func(err error) bool { return err != nil }},
			"a text with NUL":    {tags, sequence([]backup.Row{with(1, "a\x00")}), isKind(fault.KindInvalid)},
			"too long":           {tags, sequence([]backup.Row{with(1, strings.Repeat("x", 101))}), isKind(fault.KindInvalid)},
			"twice":              {tags, sequence([]backup.Row{tag, tag}), isKind(fault.KindConflict)},
			"a broken reference": {links, sequence([]backup.Row{{tag[0], tag[0]}}), isKind(fault.KindConflict)},
			"rows that end early": {tags, func(yield func(backup.Row, error) bool) {
				_ = yield(tag, nil) && yield(nil, failing)
			}, func(err error) bool { return errors.Is(err, failing) }},
		} {
			t.Run(name, func(t *testing.T) {
				err := db.Backup().Write(t.Context(), func(w backup.Writer) error {
					_, err := w.Insert(t.Context(), tt.table, tt.rows)
					return err
				})
				if !tt.want(err) {
					t.Errorf("the error is %v", err)
				}
				if n := sqltest.Count(t, db, "tags"); n != 0 {
					t.Errorf("%d rows are left", n)
				}
			})
		}
	})
}

func isKind(kind fault.Kind) func(error) bool {
	return func(err error) bool { return fault.Is(err, kind) }
}
