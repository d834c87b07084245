package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// hot are the statements that every learner runs with every game, on either database. They are parsed and planned once on each connection,
// not at every run: a save has more words than rows (docs/performance.md). They stand here up to their first parameter or condition. What
// streams its rows (conn.each) does not belong here: its statement would be run again before it has ended.
var hot = []string{
	beginning(insertSessionsPG), beginning(selectMissingSpeeches), beginning(claimKey), beginning(insertGameSessions), beginning(insertGameResults),
	beginning(selectSessions), beginning(sumSessions), beginning(selectResults),
}

// maxPrepared bounds what one connection keeps: the conditions of a history and the number of results of a game make texts of their own.
const maxPrepared = 64

// beginning is a statement up to its first parameter.
func beginning(query string) string {
	if i := strings.IndexAny(query, "?$"); i >= 0 {
		return query[:i]
	}
	return query
}

// isHot reports whether a statement is prepared, or will be.
func isHot(query string) bool {
	for _, b := range hot {
		if strings.HasPrefix(query, b) {
			return true
		}
	}
	return false
}

// session is what both drivers' connections can do.
type session interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// statement is what both drivers' statements can do.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// preparedConn is a connection of a driver's that runs hot statements by the name under which the database remembers them. As every
// connection it is used by one goroutine at a time.
type preparedConn struct {
	session
	prepared map[string]statement
	// closes says that statements must be closed before the connection.
	closes bool
	// off says that names do not last on this connection: something stands between it and the database.
	off bool
}

// withPrepared returns the connection with prepared statements, or as it is where its driver knows none.
func withPrepared(c driver.Conn, closes bool) driver.Conn {
	s, ok := c.(session)
	if !ok {
		return c
	}
	return &preparedConn{session: s, prepared: map[string]statement{}, closes: closes}
}

// QueryContext implements driver.QueryerContext.
func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return run(ctx, c, query, func(s statement) (driver.Rows, error) {
		if s == nil {
			return c.session.QueryContext(ctx, query, args)
		}
		return s.QueryContext(ctx, args)
	})
}

// ExecContext implements driver.ExecerContext.
func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return run(ctx, c, query, func(s statement) (driver.Result, error) {
		if s == nil {
			return c.session.ExecContext(ctx, query, args)
		}
		return s.ExecContext(ctx, args)
	})
}

// run runs a query by its prepared statement, or by its text: then do is given nil. What the database says of the statement instead of running
// it is no failure of the query, which is run once more, by its text. In a transaction, which has failed with it, that changes nothing.
func run[T any](ctx context.Context, c *preparedConn, query string, do func(s statement) (T, error)) (T, error) {
	s, err := c.statement(ctx, query)
	if err == nil {
		var result T
		if result, err = do(s); s == nil || !c.stale(query, err) {
			return result, err
		}
	} else if !c.stale(query, err) {
		var none T
		return none, err
	}
	result, again := do(nil)
	if hasState(again, pqerror.InFailedSQLTransaction) {
		return result, err
	}
	return result, again
}

// statement returns the query's statement, and prepares it if need be; nil if it is to be run by its text.
func (c *preparedConn) statement(ctx context.Context, query string) (statement, error) {
	if s := c.prepared[query]; s != nil {
		return s, nil
	}
	if c.off || !isHot(query) {
		return nil, nil //nolint:nilnil // it says that there is none to be had
	}
	if len(c.prepared) >= maxPrepared {
		if err := c.forget(); err != nil {
			return nil, err
		}
	}
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s, ok := made.(statement)
	if !ok {
		return nil, made.Close()
	}
	c.prepared[query] = s
	return s, nil
}

// stale reports whether the database has refused the statement and not the query, and sees to it that it is not asked so again: a table has
// changed since it was prepared, or its name means nothing there, or something else, which a pool in transaction mode can bring about.
func (c *preparedConn) stale(query string, err error) bool {
	switch {
	case hasState(err, pqerror.FeatureNotSupported): // "cached plan must not change result type"
		if s := c.prepared[query]; s != nil {
			delete(c.prepared, query)
			_ = s.Close() // in a failed transaction it lasts until the connection ends
		}
		return true
	case hasState(err, pqerror.InvalidSQLStatementName), hasState(err, pqerror.DuplicatePstatement):
		c.off = true
		clear(c.prepared)
		return true
	}
	return false
}

// forget gives all statements back.
func (c *preparedConn) forget() error {
	var err error
	for query, s := range c.prepared {
		err = errors.Join(err, s.Close())
		delete(c.prepared, query)
	}
	return err
}

// Close implements driver.Conn.
func (c *preparedConn) Close() error {
	if !c.closes {
		return c.session.Close()
	}
	return errors.Join(c.forget(), c.session.Close())
}

// CheckNamedValue implements driver.NamedValueChecker, which lib/pq's connections have and SQLite's have not.
func (c *preparedConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.session.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// hasState reports whether PostgreSQL has said so.
func hasState(err error, code pqerror.Code) bool { return pq.As(err, code) != nil }
