package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/englishapp/englishctl/internal/practice"
)

// pauses stand before the second and the third attempt at what was lost with its connection. A backend that was ended is replaced at once; a
// server that restarts takes longer, and then the caller is told so instead of kept waiting.
var pauses = []time.Duration{10 * time.Millisecond, 100 * time.Millisecond}

// transient reports whether another attempt may well succeed at once: the connection was cut, or another transaction went first. It says nothing
// of whether the first attempt has done its work. A server that keeps silent or is not there is not asked again.
func transient(err error) bool {
	var said *pq.Error
	if errors.As(err, &said) {
		switch said.Code {
		case "40001", "40P01", "57P01", "57P02": // serialization_failure, deadlock_detected, admin_shutdown, crash_shutdown
			return true
		}
		return said.Code.Class() == "08" || readOnly(said) // of a connection from before a failover, which is closed now
	}
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return false
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return false
	}
	return lostConnection(err)
}

// mayRepeat reports whether a statement may be sent again after the error: it stands alone, and the database is not being closed.
func (c conn) mayRepeat(ctx context.Context, err error) bool {
	return err != nil && c.tx == nil && c.db.path == "" && !c.db.closed.Load() && ctx.Err() == nil && transient(err)
}

// reading runs a query into dest, and again where its connection was lost. What does more than read is run once.
func (c conn) reading(ctx context.Context, dest any, query string, run func() error) error {
	err := run()
	if !strings.HasPrefix(strings.TrimSpace(query), "SELECT") {
		return err
	}
	for _, pause := range pauses {
		if !c.mayRepeat(ctx, err) || wait(ctx, pause) != nil {
			return err
		}
		reflect.ValueOf(dest).Elem().SetZero() // of a slice, some rows may have come
		err = run()
	}
	return err
}

// saveSessions is trySessions, whose answer counts only while somebody may still be told. When its context ends, PostgreSQL is asked to give the
// statement up; one that waits for a synchronous replica at that time says that all is well, with a warning that the replica may not have it.
// Whoever repeats the save finds it, or it is stored then.
func (c conn) saveSessions(
	ctx context.Context, sessions []practice.Session, claim *practice.Claim,
) (written bool, missing []uuid.UUID, err error) {
	written, missing, err = c.trySessions(ctx, sessions, claim)
	if err == nil && ctx.Err() != nil {
		return false, nil, fmt.Errorf("save game sessions: the answer came too late: %w", ctx.Err())
	}
	return written, missing, err
}

// trySessions writes sessions, and again where the connection was lost or a deadlock was broken. Nothing is written twice: the ids of the
// sessions are ours, so that the database refuses them where the first attempt had been committed; and it waits for that attempt where
// the server still works on it.
func (c conn) trySessions(
	ctx context.Context, sessions []practice.Session, claim *practice.Claim,
) (written bool, missing []uuid.UUID, err error) {
	written, missing, err = c.db.dialect.insertSessions(ctx, c, sessions, claim)
	for _, pause := range pauses {
		if !c.mayRepeat(ctx, err) || wait(ctx, pause) != nil {
			return written, missing, err
		}
		written, missing, err = c.db.dialect.insertSessions(ctx, c, sessions, claim)
		if !hasCode(err, codeDuplicate) {
			continue
		}
		if there, found := c.haveSessions(ctx, sessions); found != nil || there {
			return there, nil, found
		}
	}
	return written, missing, err
}

// haveSessions reports whether all of the sessions are stored. They are written all or none.
func (c conn) haveSessions(ctx context.Context, sessions []practice.Session) (bool, error) {
	list, err := c.list(convert(sessions, func(s practice.Session) uuid.UUID { return s.ID }))
	if err != nil {
		return false, err
	}
	var n int
	if err := c.get(ctx, &n, countSessions+` WHERE id`+c.db.dialect.inUUIDs, list); err != nil {
		return false, fmt.Errorf("look whether game sessions were saved: %w", err)
	}
	return n == len(sessions), nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
