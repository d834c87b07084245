package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"
)

// conn runs statements, each on its own or all in one transaction. Its errors have their kinds (see DB.fault).
type conn struct {
	db *DB
	// read and write are the pools, or the same transaction twice.
	read, write sqlx.ExtContext
	// tx is nil outside of a transaction.
	tx *transaction
}

// transaction is what the conns bound to one transaction share.
type transaction struct {
	// failed is the error of a joined transaction. The whole must then not be committed, whatever its caller makes of it.
	failed error
	// content is what the transaction has changed in the catalogue.
	content contentChanges
}

// get scans the one row of a query into dest; sql.ErrNoRows if there is none.
func (c conn) get(ctx context.Context, dest any, query string, args ...any) error {
	if err := checkTexts(args); err != nil {
		return err
	}
	bound := c.db.write.Rebind(query)
	return c.db.fault(ctx, c.reading(ctx, dest, query, func() error { return sqlx.GetContext(ctx, c.read, dest, bound, args...) }))
}

// all scans the rows of a query into the slice that dest points to.
func (c conn) all(ctx context.Context, dest any, query string, args ...any) error {
	if err := checkTexts(args); err != nil {
		return err
	}
	bound := c.db.write.Rebind(query)
	return c.db.fault(ctx, c.reading(ctx, dest, query, func() error { return sqlx.SelectContext(ctx, c.read, dest, bound, args...) }))
}

// each calls row for every row of a query, without keeping them.
func (c conn) each(ctx context.Context, row func(*sql.Rows) error, query string, args ...any) (err error) {
	rows, err := c.read.QueryContext(ctx, c.db.write.Rebind(query), args...)
	if err != nil {
		return c.db.fault(ctx, err)
	}
	defer func() { err = c.db.fault(ctx, errors.Join(err, rows.Close())) }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// exec runs a statement and returns how many rows it changed.
func (c conn) exec(ctx context.Context, query string, args ...any) (int, error) {
	if err := checkTexts(args); err != nil {
		return 0, err
	}
	result, err := c.write.ExecContext(ctx, c.db.write.Rebind(query), args...)
	if err != nil {
		return 0, c.db.fault(ctx, err)
	}
	n, err := result.RowsAffected()
	return int(n), c.db.fault(ctx, err)
}

// insertRows runs "INSERT INTO … (columns)" for all rows, with as few statements as the limit on parameters allows,
// all or nothing. suffix may be an ON CONFLICT clause. It returns how many rows were written.
func (c conn) insertRows(ctx context.Context, insert string, rows [][]any, suffix string) (int, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	perChunk := min(maxParameters/len(rows[0]), maxRowsPerStatement)
	if len(rows) <= perChunk {
		return c.insertChunk(ctx, insert, rows, suffix)
	}
	written := 0
	err := c.inTx(ctx, func(tx conn) error {
		for first := 0; first < len(rows); first += perChunk {
			n, err := tx.insertChunk(ctx, insert, rows[first:min(first+perChunk, len(rows))], suffix)
			if err != nil {
				return err
			}
			written += n
		}
		return nil
	})
	return written, err
}

func (c conn) insertChunk(ctx context.Context, insert string, rows [][]any, suffix string) (int, error) {
	one := "(" + strings.Repeat("?, ", len(rows[0])-1) + "?)"
	args := make([]any, 0, len(rows)*len(rows[0]))
	for _, row := range rows {
		args = append(args, row...)
	}
	return c.exec(ctx, insert+" VALUES "+strings.Repeat(one+", ", len(rows)-1)+one+suffix, args...)
}

// inTx runs fn in a transaction: the running one where there is one, else its own. On SQLite only one transaction runs
// at a time; a write from inside fn past tx would wait for itself until the context ends.
func (c conn) inTx(ctx context.Context, fn func(tx conn) error) error {
	if c.tx != nil {
		err := fn(c)
		if err != nil && c.tx.failed == nil {
			c.tx.failed = err
		}
		return err
	}
	tx, err := c.db.write.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", c.db.fault(ctx, err))
	}
	return c.db.finish(ctx, tx, fn)
}

// inOneVersion runs fn in a reading transaction in which all statements see one state of the database. In a running
// transaction it is that one.
func (c conn) inOneVersion(ctx context.Context, fn func(tx conn) error) error {
	if c.tx != nil {
		return fn(c)
	}
	tx, err := c.db.read.BeginTxx(ctx, c.db.dialect.oneVersion)
	if err != nil {
		return fmt.Errorf("begin a reading transaction: %w", c.db.fault(ctx, err))
	}
	if c.db.timed { // rows may be fetched for longer than any other statement works
		if _, err := tx.ExecContext(ctx, `SET LOCAL statement_timeout = 0`); err != nil {
			return errors.Join(fmt.Errorf("take the timeout off: %w", c.db.fault(ctx, err)), tx.Rollback())
		}
	}
	return c.db.finish(ctx, tx, fn)
}

// finish runs fn on the transaction and commits it, or rolls it back where fn fails or panics.
func (db *DB) finish(ctx context.Context, tx *sqlx.Tx, fn func(tx conn) error) (err error) {
	finished := false
	defer func() {
		if finished {
			return
		}
		// After the end of the context database/sql has rolled back by itself.
		if failed := tx.Rollback(); failed != nil && !errors.Is(failed, sql.ErrTxDone) && ctx.Err() == nil {
			err = errors.Join(err, fmt.Errorf("roll back: %w", db.fault(ctx, failed)))
		}
	}()
	bound := conn{db: db, read: tx, write: tx, tx: &transaction{}}
	if err := fn(bound); err != nil {
		return err
	}
	if bound.tx.failed != nil {
		return fmt.Errorf("a part of the transaction has failed: %w", bound.tx.failed)
	}
	if err := bound.noteChanges(ctx); err != nil {
		return fmt.Errorf("note what has changed in the catalogue: %w", err)
	}
	finished = true
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", db.fault(ctx, err))
	}
	return nil
}

// list makes one parameter of a slice, for dialect.inUUIDs and its like.
func (c conn) list(values any) (any, error) { return c.db.dialect.list(values) }

// checkTexts refuses texts that PostgreSQL cannot store, before they are sent: SQLite would take them.
func checkTexts(args []any) error {
	for i, arg := range args {
		v := reflect.ValueOf(arg)
		if v.Kind() == reflect.Pointer {
			v = v.Elem() // of a nil pointer: the zero Value, which is no string
		}
		if v.Kind() != reflect.String {
			continue
		}
		if s := v.String(); !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return errUnstorable.WithCause(fmt.Errorf("parameter %d is not UTF-8 without NUL", i+1))
		}
	}
	return nil
}
