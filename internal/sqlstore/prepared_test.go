package sqlstore

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/testenv"
)

// openPrepared opens the database at the address with one connection.
func openPrepared(t *testing.T, address string, prepared Prepared) *DB {
	t.Helper()
	db, err := Open(t.Context(), Config{URL: address, PoolSize: 1, StatementTimeout: time.Minute, Prepared: prepared})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// inPool is the address by way of PgBouncer of a database.
func inPool(t *testing.T, address string) string {
	t.Helper()
	pool, err := url.Parse(testenv.Required(t, "TEST_PGBOUNCER_URL"))
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Host, u.User = pool.Host, pool.User
	return u.String()
}

// playOnce saves a session, and reads it in both ways.
func playOnce(t *testing.T, db *DB, w world) {
	t.Helper()
	s := w.session()
	outcome, err := db.Practice().InsertSessions(t.Context(), []practice.Session{s}, w.claim(uuid.NewString()))
	if err != nil || outcome.Earlier != nil || len(outcome.Missing) > 0 {
		t.Fatal(outcome, err)
	}
	if got, err := db.Practice().Session(t.Context(), s.ID); err != nil || len(got.Results) != len(s.Results) {
		t.Fatal(len(got.Results), err)
	}
	history, total, err := db.Practice().Sessions(t.Context(), w.user.ID, practice.HistoryFilter{}, paging.Page{Number: 1, Limit: 1000})
	if err != nil || total != len(history) || total == 0 {
		t.Fatal(total, len(history), err)
	}
}

func exec(t *testing.T, db *DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.write.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// preparedNow are the beginnings of what the one connection has prepared.
func preparedNow(t *testing.T, db *DB) []string {
	t.Helper()
	var texts []string
	if err := db.write.SelectContext(t.Context(), &texts, `SELECT statement FROM pg_prepared_statements ORDER BY prepare_time`); err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		texts[i] = strings.Join(strings.Fields(text)[:2], " ")
	}
	return texts
}

// TestPrepared: what is run with every game is prepared, once on each connection, where a name lasts as long as the connection.
func TestPrepared(t *testing.T) {
	address := postgresTestURL(t)
	hot := []string{"WITH wanted", "SELECT id,", "SELECT id,", "SELECT COALESCE(sum(sessions),", "SELECT id,"}
	for _, test := range []struct {
		name     string
		address  func() string
		prepared Prepared
		want     []string
	}{
		{"directly", func() string { return address }, "", hot},
		{"directly, but not wanted", func() string { return address }, PreparedOff, nil},
		{"wanted in any case", func() string { return address }, PreparedOn, hot},
		{"by way of PgBouncer", func() string { return inPool(t, address) }, PreparedAuto, nil},
		{"by way of PgBouncer, and not wanted", func() string { return inPool(t, address) }, PreparedOff, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := openPrepared(t, test.address(), test.prepared)
			w := newWorld(t, db, 3)
			exec(t, db, `DELETE FROM game_sessions`)
			playOnce(t, db, w)
			playOnce(t, db, w)
			if got := preparedNow(t, db); !slices.Equal(got, test.want) {
				t.Errorf("prepared are %q, want %q", got, test.want)
			}
		})
	}
}

// TestPreparedGoesStale: what happens to tables, names and servers under prepared statements is nothing that a learner sees, and no game is
// saved twice for it.
func TestPreparedGoesStale(t *testing.T) {
	db := openPrepared(t, postgresTestURL(t), PreparedAuto)
	w := newWorld(t, db, 3)
	playOnce(t, db, w)
	for _, test := range []struct {
		name    string
		happens []string
		off     bool
	}{
		{"a migration changes what a statement returns", []string{`ALTER TABLE game_sessions ALTER COLUMN level TYPE TEXT`}, false},
		{"a migration adds columns", []string{`ALTER TABLE game_results ADD COLUMN added INTEGER`, `ALTER TABLE game_sessions ADD COLUMN added INTEGER`}, false},
		{"a table is made anew", []string{
			`ALTER TABLE idempotency_keys RENAME TO old_keys`, `CREATE TABLE idempotency_keys (LIKE old_keys INCLUDING ALL)`, `DROP TABLE old_keys`,
		}, false},
		{"the names are forgotten", []string{`DEALLOCATE ALL`}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			exec(t, db, test.happens...)
			playOnce(t, db, w)
			playOnce(t, db, w)
			if got := preparedNow(t, db); (len(got) == 0) != test.off {
				t.Errorf("prepared are %q", got)
			}
		})
	}
	t.Run("a name is taken", func(t *testing.T) {
		other := openPrepared(t, postgresTestURL(t), PreparedAuto)
		exec(t, other, `PREPARE "1" AS SELECT 1`, `PREPARE "2" AS SELECT 1`)
		playOnce(t, other, newWorld(t, other, 3))
	})
	t.Run("in a transaction, which has failed with it", func(t *testing.T) {
		other := openPrepared(t, postgresTestURL(t), PreparedAuto)
		w := newWorld(t, other, 3)
		playOnce(t, other, w)
		read := func(ctx context.Context, change bool) error {
			return other.conn().inTx(ctx, func(tx conn) error {
				if change {
					if _, err := tx.exec(ctx, `ALTER TABLE game_sessions ALTER COLUMN level TYPE TEXT`); err != nil {
						return err
					}
				}
				_, _, err := tx.sessionPage(ctx, w.user.ID, practice.HistoryFilter{}, paging.Page{Number: 1, Limit: 5})
				return err
			})
		}
		if err := read(t.Context(), true); !hasState(err, "0A000") {
			t.Errorf("the first error is %v", err)
		}
		if err := read(t.Context(), false); err != nil {
			t.Errorf("after that: %v", err)
		}
	})
}

// TestPoolPutBetween: each connection finds out what it is connected to, and behind PgBouncer the server may be another one for every
// transaction.
func TestPoolPutBetween(t *testing.T) {
	address := postgresTestURL(t)
	db := openPrepared(t, inPool(t, address), PreparedAuto)
	w := newWorld(t, db, 3)
	console, err := sql.Open("postgres", inPool(t, strings.Replace(address, u(t, address).Path, "/pgbouncer", 1)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = console.Close() })
	for range 3 {
		playOnce(t, db, w)
		// Its connections to the server are replaced.
		if _, err := console.ExecContext(t.Context(), `RECONNECT `+strings.TrimPrefix(u(t, address).Path, "/")); err != nil {
			t.Fatal(err)
		}
	}
}

func u(t *testing.T, address string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// TestPreparedIsBounded: a connection does not keep more than its share, and works on when it lets go.
func TestPreparedIsBounded(t *testing.T) {
	for _, db := range []*DB{openPrepared(t, postgresTestURL(t), PreparedAuto), openTestSQLite(t, filepath.Join(t.TempDir(), "test.db"))} {
		t.Run(db.Dialect(), func(t *testing.T) {
			w := newWorld(t, db, 1)
			playOnce(t, db, w)
			for i := range maxPrepared + 3 { // each with a text of its own
				var rows []sessionRow
				if err := db.conn().all(t.Context(), &rows, selectSessions+strings.Repeat(` `, i)+` WHERE user_id = ?`, w.user.ID); err != nil || len(rows) != 1 {
					t.Fatal(len(rows), err)
				}
			}
			if db.dialect == postgres {
				if n := len(preparedNow(t, db)); n == 0 || n > maxPrepared {
					t.Errorf("%d are prepared, want 1 to %d", n, maxPrepared)
				}
			}
			playOnce(t, db, w)
		})
	}
}

// TestPreparedOnSQLite: a statement that was prepared before the schema changed still means what it says.
func TestPreparedOnSQLite(t *testing.T) {
	db := openTestSQLite(t, filepath.Join(t.TempDir(), "test.db"))
	w := newWorld(t, db, 3)
	playOnce(t, db, w)
	exec(t, db, `ALTER TABLE game_sessions ADD COLUMN added INTEGER`, `DROP INDEX idx_game_session_saved`, `VACUUM`)
	playOnce(t, db, w)
	exec(t, db, `DROP TRIGGER game_sessions_saved`)
	playAgain := w.session()
	if _, err := db.Practice().InsertSessions(t.Context(), []practice.Session{playAgain}, nil); err != nil {
		t.Fatal(err)
	}
	_, total, err := db.Practice().Sessions(t.Context(), w.user.ID, practice.HistoryFilter{}, paging.Page{Number: 1, Limit: 5})
	if err != nil || total != 2 {
		t.Errorf("the trigger, which is gone, has counted: %d, %v", total, err)
	}
}

// TestRefusedSettings: what PgBouncer 1.18 says of what it does not take, and what means something else.
func TestRefusedSettings(t *testing.T) {
	for message, want := range map[string]bool{
		"unsupported startup parameter: statement_timeout": true,
		"unsupported startup parameter: englishctl.direct": true,
		"unsupported startup parameter: options":           false,
	} {
		if got := refusesSetting(&pq.Error{Code: "08P01", Message: message}); got != want {
			t.Errorf("%s: %v, want %v", message, got, want)
		}
	}
	if refusesSetting(&pq.Error{Code: "42704", Message: `unrecognized configuration parameter "englishctl.direct"`}) {
		t.Error("another error counts as the refusal")
	}
}
