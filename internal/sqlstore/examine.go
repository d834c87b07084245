package sqlstore

import (
	"context"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/englishapp/englishctl/internal/doctor"
)

const (
	selectServer = `
	SELECT current_setting('server_version') AS version,
	       pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only,
	       current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
	       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
	         - coalesce(current_setting('reserved_connections', true)::int, 0) AS room,
	       (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS role_limit,
	       (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS database_limit,
	       (SELECT count(*) FROM pg_stat_activity
	         WHERE backend_type = 'client backend' AND application_name IS DISTINCT FROM 'englishctl') AS others`

	selectPosition = `
	SELECT (pg_control_system()).system_identifier::text AS system,
	       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text AS position`

	// A replica that has repeated all that the primary had written shows no lag, however long ago that was.
	selectReplica = `
	SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS follows,
	       (pg_control_system()).system_identifier::text = $1 AS same,
	       CASE WHEN pg_last_wal_replay_lsn() >= $2::pg_lsn THEN 0
	            ELSE coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0) END::float8 AS lag`
)

// examineRounds is how many round trips are timed; the shortest counts, since any may have met a pause.
const examineRounds = 3

// ExaminePostgres says how the database at an address for lib/pq is, and changes nothing. The error is a *doctor.Refusal.
func ExaminePostgres(ctx context.Context, url string, now func() time.Time) (doctor.Postgres, error) {
	var p doctor.Postgres
	err := withPostgres(ctx, url, func(db *DB) (err error) {
		if p, err = db.server(ctx); err != nil {
			return err
		}
		if p.Latency, p.Clock, err = db.roundTrips(ctx, now); err != nil {
			return err
		}
		p.Schema, err = db.schemaState(ctx)
		return err
	})
	return p, err
}

// ExamineReplica says how the database at an address is as a replica of the one at another. The error is a *doctor.Refusal about the
// replica, or says that the primary could not be asked.
func ExamineReplica(ctx context.Context, url, primary string) (doctor.Replica, error) {
	var at struct{ System, Position string }
	if err := withPostgres(ctx, primary, func(db *DB) error { return db.write.GetContext(ctx, &at, selectPosition) }); err != nil {
		return doctor.Replica{}, fmt.Errorf("ask the primary how far it is: %w", err)
	}
	var r doctor.Replica
	err := withPostgres(ctx, url, func(db *DB) (err error) {
		var row struct {
			Version       string
			Follows, Same bool
			Lag           float64
		}
		if err := db.write.GetContext(ctx, &row, selectReplica, at.System, at.Position); err != nil {
			return err
		}
		r = doctor.Replica{Version: bareVersion(row.Version), Follows: row.Follows, SamePrimary: row.Same, Lag: time.Duration(row.Lag * float64(time.Second))}
		r.Schema, err = db.schemaState(ctx)
		return err
	})
	return r, err
}

// withPostgres runs fn on a connection of its own.
func withPostgres(ctx context.Context, url string, fn func(*DB) error) error {
	db, err := openPostgres(Config{URL: url, PoolSize: 1, Silence: silenceOf(ctx)})
	if err != nil {
		return &doctor.Refusal{Cause: doctor.OtherCause, Err: err}
	}
	defer func() { _ = db.Close() }() // nothing was written
	if err := fn(db); err != nil {
		return &doctor.Refusal{Cause: causeOf(err), Err: plainly(err)}
	}
	return nil
}

// silenceOf is how long a server may say nothing before ctx ends.
func silenceOf(ctx context.Context) time.Duration {
	if end, ok := ctx.Deadline(); ok {
		return max(time.Until(end), time.Millisecond)
	}
	return 0
}

func (db *DB) server(ctx context.Context) (doctor.Postgres, error) {
	var row struct {
		Version       string
		ReadOnly      bool `db:"read_only"`
		Fsync         string
		Synchronous   string `db:"synchronous_commit"`
		Room          int
		RoleLimit     int `db:"role_limit"`
		DatabaseLimit int `db:"database_limit"`
		Others        int
	}
	if err := db.write.GetContext(ctx, &row, selectServer); err != nil {
		return doctor.Postgres{}, err
	}
	p := doctor.Postgres{
		Version: bareVersion(row.Version), ReadOnly: row.ReadOnly,
		Room: doctor.Room{Server: row.Room, Role: row.RoleLimit, Database: row.DatabaseLimit, Others: row.Others},
	}
	switch {
	case row.Fsync == "off":
		p.Careless = "fsync"
	case row.Synchronous == "off":
		p.Careless = "synchronous_commit"
	}
	return p, nil
}

// bareVersion leaves out what packagers add: "15.14 (Debian 15.14-0+deb12u1)".
func bareVersion(version string) string {
	for i, r := range version {
		if r == ' ' {
			return version[:i]
		}
	}
	return version
}

func (db *DB) roundTrips(ctx context.Context, now func() time.Time) (shortest time.Duration, clock doctor.Clock, err error) {
	for i := range examineRounds {
		began := time.Now()
		before := now()
		var theirs time.Time
		if err := db.write.GetContext(ctx, &theirs, `SELECT clock_timestamp()`); err != nil {
			return 0, clock, err
		}
		if took := time.Since(began); i == 0 || took < shortest {
			shortest, clock = took, doctor.Clock{Before: before, Theirs: theirs, After: now()}
		}
	}
	return shortest, clock, nil
}

// schemaState says how the schema differs from the one of this program.
func (db *DB) schemaState(ctx context.Context) (doctor.Schema, error) {
	steps, err := db.Status(ctx)
	if err != nil {
		return doctor.Schema{}, err
	}
	var s doctor.Schema
	for _, step := range steps {
		switch {
		case step.Name == "":
			s.Unknown = append(s.Unknown, fmt.Sprint(step.Version))
		case !step.Applied:
			s.Missing = append(s.Missing, step.Name)
		}
		if step.Applied {
			s.Version = step.Version
		}
	}
	return s, nil
}

// causeOf sorts what the driver says of a connection.
func causeOf(err error) doctor.Cause {
	var (
		said    *pq.Error
		unknown x509.UnknownAuthorityError
		other   x509.HostnameError
		expired x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &said) && said.Code.Class() == "28":
		return doctor.Credentials
	case errors.As(err, &said) && said.Code == "3D000":
		return doctor.Missing
	case errors.Is(err, pq.ErrSSLNotSupported), errors.As(err, &unknown), errors.As(err, &other), errors.As(err, &expired):
		return doctor.Insecure
	case errors.As(err, &said):
		return doctor.OtherCause
	case lostConnection(err), errors.Is(err, context.DeadlineExceeded):
		return doctor.Unreachable
	}
	return doctor.OtherCause
}

// plainly leaves out that it was this driver that said so.
func plainly(err error) error {
	var said *pq.Error
	if errors.As(err, &said) {
		return fmt.Errorf("%s (SQLSTATE %s)", said.Message, said.Code)
	}
	return err
}

// sqliteExaminer waits less long for a writer than the daemon does, and makes no file.
const sqliteExaminer = "_pragma=busy_timeout(1000)&_pragma=foreign_keys(1)&_txlock=immediate&mode=rw"

// ExamineSQLite says how the database file at a path is. It makes no file where there is none, and changes no row; SQLite may write the
// write-ahead log back into the file, as it does whenever somebody closes it.
func ExamineSQLite(ctx context.Context, path string) (doctor.SQLite, error) {
	s := doctor.SQLite{Path: path}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		s.Absent = true
		return s, nil
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return s, fmt.Errorf("find the database file: %w", err)
	}
	pool, err := sqlx.Open(sqlite.name, sqliteDSN(full, sqliteExaminer))
	if err != nil {
		return s, fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { _ = pool.Close() }() // nothing was written
	pool.SetMaxOpenConns(1)
	db := &DB{dialect: sqlite, write: pool, read: pool, path: full}
	if err := db.quickCheck(ctx, &s); err != nil || len(s.Damage) > 0 {
		return s, err
	}
	if err := pool.GetContext(ctx, &s.Journal, `PRAGMA journal_mode`); err != nil {
		return s, fmt.Errorf("ask for the journal mode: %w", err)
	}
	if s.Schema, err = db.schemaState(ctx); err != nil {
		return s, err
	}
	return s, db.tryWriting(ctx, &s)
}

// quickCheck is PRAGMA quick_check: all but whether indexes agree with their tables, which takes much longer.
func (db *DB) quickCheck(ctx context.Context, s *doctor.SQLite) error {
	var said []string
	err := db.write.SelectContext(ctx, &said, `PRAGMA quick_check(3)`)
	var e *sqlitedriver.Error
	if errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_CORRUPT || e.Code()&0xff == sqlite3.SQLITE_NOTADB) {
		s.Damage = []string{e.Error()}
		return nil
	}
	if err != nil {
		return fmt.Errorf("check the database file: %w", err)
	}
	if len(said) != 1 || said[0] != "ok" {
		s.Damage = said
	}
	return nil
}

// tryWriting takes the lock of a writer, and gives it back.
func (db *DB) tryWriting(ctx context.Context, s *doctor.SQLite) error {
	tx, err := db.write.BeginTx(ctx, &sql.TxOptions{})
	var e *sqlitedriver.Error
	switch {
	case errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY:
		s.Locked = true
		return nil
	case errors.As(err, &e):
		s.Unwritable = e.Error()
		return nil
	case err != nil:
		return fmt.Errorf("begin to write: %w", err)
	}
	return tx.Rollback()
}
