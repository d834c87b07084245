package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
)

// What speaks of users without being theirs, and so stays when they go.
const (
	forgetActor   = `UPDATE audit_log SET actor = ?, address = '' WHERE actor = ?`
	forgetObject  = `UPDATE audit_log SET object_id = ? WHERE object_id = ?`
	forgetBatches = `UPDATE import_batches SET author = ? WHERE author = ?`
	forgetUploads = `UPDATE upload_sessions SET author = ? WHERE author = ?`

	selectActors = `
	SELECT actor FROM audit_log WHERE at >= ?
	 UNION
	SELECT author FROM import_batches WHERE started_at >= ?
	 UNION
	SELECT author FROM upload_sessions WHERE created_at >= ?
	 ORDER BY 1`
)

// Forget implements account.Store.
func (a *Accounts) Forget(ctx context.Context, user, as uuid.UUID) error {
	known, opaque := audit.UserActor+user.String(), audit.DeletedActor+as.String()
	return a.c.inTx(ctx, func(tx conn) error {
		for _, change := range []struct{ statement, to, from string }{
			{forgetActor, opaque, known},
			{forgetObject, as.String(), user.String()},
			{forgetBatches, opaque, known},
			{forgetUploads, opaque, known},
		} {
			if _, err := tx.exec(ctx, change.statement, change.to, change.from); err != nil {
				return fmt.Errorf("replace user %s by an opaque id: %w", user, err)
			}
		}
		return nil
	})
}

// Actors implements account.Store.
func (a *Accounts) Actors(ctx context.Context, since time.Time) ([]string, error) {
	var actors []string
	at := timestamp(since)
	if err := a.c.all(ctx, &actors, selectActors, at, at, at); err != nil {
		return nil, fmt.Errorf("select the actors since %s: %w", since, err)
	}
	return actors, nil
}
