package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
)

const (
	insertEmailToken = `
	INSERT INTO email_tokens (token_hash, user_id, purpose, email, expires_at)
	VALUES (?, ?, ?, ?, ?)`

	selectEmailToken = `
	SELECT token_hash, user_id, purpose, email, expires_at
	  FROM email_tokens
	 WHERE token_hash = ?`

	deleteEmailTokens        = `DELETE FROM email_tokens WHERE user_id = ? AND purpose = ?`
	deleteExpiredEmailTokens = `DELETE FROM email_tokens WHERE expires_at < ?`
)

type emailTokenRow struct {
	Hash      []byte    `db:"token_hash"`
	UserID    uuid.UUID `db:"user_id"`
	Purpose   string    `db:"purpose"`
	Email     string    `db:"email"`
	ExpiresAt timestamp `db:"expires_at"`
}

// InsertEmailToken implements account.Store.
func (a *Accounts) InsertEmailToken(ctx context.Context, t account.EmailToken) error {
	_, err := a.c.exec(ctx, insertEmailToken, t.Hash, t.UserID, t.Purpose, t.Email, timestamp(t.ExpiresAt))
	if hasCode(err, codeDangling) {
		return errAccountGone(err)
	}
	if err != nil {
		return fmt.Errorf("insert a link for user %s: %w", t.UserID, err)
	}
	return nil
}

// EmailToken implements account.Store.
func (a *Accounts) EmailToken(ctx context.Context, hash []byte) (account.EmailToken, error) {
	var row emailTokenRow
	if err := a.c.get(ctx, &row, selectEmailToken, hash); err != nil {
		return account.EmailToken{}, noRowf(err, fault.NotFound("there is no such link"), "select a link")
	}
	return account.EmailToken{
		Hash: row.Hash, UserID: row.UserID, Purpose: account.Purpose(row.Purpose), Email: row.Email, ExpiresAt: row.ExpiresAt.time(),
	}, nil
}

// DeleteEmailTokens implements account.Store.
func (a *Accounts) DeleteEmailTokens(ctx context.Context, user uuid.UUID, p account.Purpose) error {
	if _, err := a.c.exec(ctx, deleteEmailTokens, user, p); err != nil {
		return fmt.Errorf("delete the links of user %s: %w", user, err)
	}
	return nil
}

// DeleteExpiredEmailTokens implements account.Store.
func (a *Accounts) DeleteExpiredEmailTokens(ctx context.Context, before time.Time) (int, error) {
	n, err := a.c.exec(ctx, deleteExpiredEmailTokens, timestamp(before))
	if err != nil {
		return 0, fmt.Errorf("delete expired links: %w", err)
	}
	return n, nil
}
