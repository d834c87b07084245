package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/lib/pq"
	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/englishapp/englishctl/internal/fault"
)

// problem is what a driver's error reports, whichever driver it is.
type problem int

const (
	otherProblem problem = iota
	duplicate            // a unique key is taken
	dangling             // a row refers to one that is not there, or is referred to
	unstorable           // a value breaks a CHECK, is too long, out of range, or no text
	full                 // there is no room left on its disk
	unreachable          // the database does not answer, or not now
)

// Codes of faults made here that a caller may want to tell apart.
const (
	codeDuplicate = "already_exists"
	codeDangling  = "reference_broken"
	codeDatabase  = "database_unavailable"
	codeFull      = "storage_full"
)

// noRowf says why conn.get has given no row: missing where there is none, otherwise err, with what was tried.
func noRowf(err, missing error, tried string, args ...any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return missing
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(tried, args...), err)
}

// fault gives the driver's error its kind. sql.ErrNoRows stays as it is, for the repositories to say what is missing;
// the end of the context stays the context's error: a caller that has hung up is no failure of the database.
func (db *DB) fault(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if _, done := fault.As(err); done {
		return err
	}
	kind := db.dialect.problem(err)
	if said, ok := errors.AsType[*pq.Error](err); ok && readOnly(said) {
		db.leave()
	}
	switch kind {
	case duplicate:
		return fault.Conflict("this exists already").WithCode(codeDuplicate).WithCause(err)
	case dangling:
		return fault.Conflict("something refers to this, or this refers to what does not exist").
			WithCode(codeDangling).WithCause(err)
	case unstorable:
		return errUnstorable.WithCause(err)
	case full:
		return fault.Unavailable("the disk of the database is full; make room and try again").WithCode(codeFull).WithCause(err)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%w (%w)", ctx.Err(), err)
	}
	if kind == unreachable || lostConnection(err) || db.closed.Load() {
		return fault.Unavailable("the database does not answer; try again").WithCode(codeDatabase).WithCause(err)
	}
	return err
}

// errUnstorable is what both databases say of a value that the services should not have let through.
var errUnstorable = &fault.Error{
	Kind:    fault.KindInvalid,
	Message: "a value is too long, out of range, or no valid text",
}

// hasCode reports whether err is a fault with the code.
func hasCode(err error, code string) bool {
	f, ok := fault.As(err)
	return ok && f.Code == code
}

// lostConnection reports whether err is what remains of a connection that broke or was never made.
func lostConnection(err error) bool {
	var netErr net.Error
	var never *unreached
	return errors.As(err, &never) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.As(err, &netErr)
}

// postgresProblem goes by SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
func postgresProblem(err error) problem {
	var e *pq.Error
	if !errors.As(err, &e) {
		return otherProblem
	}
	if readOnly(e) { // a failover in progress; see DB.leave
		return unreachable
	}
	switch e.Code {
	case "23505": // unique_violation
		return duplicate
	case "23503": // foreign_key_violation
		return dangling
	case "23514", // check_violation
		"22001",          // string_data_right_truncation
		"22003", "22008", // numeric_value_out_of_range, datetime_field_overflow
		"22021", "22P05", // character_not_in_repertoire (NUL, no UTF-8), untranslatable_character (\u0000 in JSON)
		"54000": // program_limit_exceeded: too long for an index
		return unstorable
	case "53100": // disk_full
		return full
	case "3D000", // invalid_catalog_name: there is no such database
		"40001", "40P01", // serialization_failure, deadlock_detected: the other one went first
		"57014", "57P01", "57P02", "57P03": // query_canceled (by the server), admin_shutdown, crash_shutdown, cannot_connect_now
		return unreachable
	}
	switch e.Code.Class() {
	case "08", "28", "53": // connection_exception, invalid_authorization, insufficient_resources
		return unreachable
	}
	return otherProblem
}

// sqliteProblem goes by result code: https://www.sqlite.org/rescode.html
func sqliteProblem(err error) problem {
	var e *sqlitedriver.Error
	if !errors.As(err, &e) {
		return otherProblem
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return duplicate
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return dangling
	case sqlite3.SQLITE_CONSTRAINT_CHECK, sqlite3.SQLITE_CONSTRAINT_DATATYPE:
		return unstorable
	}
	switch e.Code() & 0xff { // the primary code
	case sqlite3.SQLITE_TOOBIG:
		return unstorable
	case sqlite3.SQLITE_FULL:
		return full
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL:
		return unreachable
	}
	return otherProblem
}
