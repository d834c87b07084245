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
	insertRefreshToken = `
	INSERT INTO refresh_tokens (token_hash, user_id, issued_at, expires_at)
	VALUES (?, ?, ?, ?)`

	selectRefreshToken = `
	SELECT token_hash, user_id, issued_at, expires_at
	  FROM refresh_tokens
	 WHERE token_hash = ?`

	deleteRefreshToken  = `DELETE FROM refresh_tokens WHERE token_hash = ?`
	deleteUsersTokens   = `DELETE FROM refresh_tokens WHERE user_id = ?`
	deleteExpiredTokens = `DELETE FROM refresh_tokens WHERE expires_at < ?`
)

type refreshTokenRow struct {
	Hash      []byte    `db:"token_hash"`
	UserID    uuid.UUID `db:"user_id"`
	IssuedAt  timestamp `db:"issued_at"`
	ExpiresAt timestamp `db:"expires_at"`
}

// InsertRefreshToken implements account.Store.
func (a *Accounts) InsertRefreshToken(ctx context.Context, t account.RefreshToken) error {
	_, err := a.c.exec(ctx, insertRefreshToken, t.Hash, t.UserID, timestamp(t.IssuedAt), timestamp(t.ExpiresAt))
	if hasCode(err, codeDangling) {
		return errAccountGone(err)
	}
	if err != nil {
		return fmt.Errorf("insert a refresh token of user %s: %w", t.UserID, err)
	}
	return nil
}

// RefreshToken implements account.Store.
func (a *Accounts) RefreshToken(ctx context.Context, hash []byte) (account.RefreshToken, error) {
	var row refreshTokenRow
	if err := a.c.get(ctx, &row, selectRefreshToken, hash); err != nil {
		return account.RefreshToken{}, noRowf(err, fault.NotFound("there is no such refresh token"), "select a refresh token")
	}
	return account.RefreshToken{
		Hash: row.Hash, UserID: row.UserID, IssuedAt: row.IssuedAt.time(), ExpiresAt: row.ExpiresAt.time(),
	}, nil
}

// DeleteRefreshToken implements account.Store.
func (a *Accounts) DeleteRefreshToken(ctx context.Context, hash []byte) error {
	if _, err := a.c.exec(ctx, deleteRefreshToken, hash); err != nil {
		return fmt.Errorf("delete a refresh token: %w", err)
	}
	return nil
}

// DeleteRefreshTokens implements account.Store.
func (a *Accounts) DeleteRefreshTokens(ctx context.Context, user uuid.UUID) (int, error) {
	n, err := a.c.exec(ctx, deleteUsersTokens, user)
	if err != nil {
		return 0, fmt.Errorf("delete the refresh tokens of user %s: %w", user, err)
	}
	return n, nil
}

// DeleteExpiredRefreshTokens implements account.Store.
func (a *Accounts) DeleteExpiredRefreshTokens(ctx context.Context, before time.Time) (int, error) {
	n, err := a.c.exec(ctx, deleteExpiredTokens, timestamp(before))
	if err != nil {
		return 0, fmt.Errorf("delete expired refresh tokens: %w", err)
	}
	return n, nil
}
