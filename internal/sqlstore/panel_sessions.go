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
	insertPanelSession = `
	INSERT INTO panel_sessions (token_hash, user_id, credential, started_at, expires_at)
	VALUES (?, ?, ?, ?, ?)`

	selectPanelSession = `
	SELECT token_hash, user_id, credential, started_at, expires_at
	  FROM panel_sessions
	 WHERE token_hash = ?`

	extendPanelSession         = `UPDATE panel_sessions SET expires_at = ? WHERE token_hash = ?`
	deletePanelSession         = `DELETE FROM panel_sessions WHERE token_hash = ?`
	deletePanelSessions        = `DELETE FROM panel_sessions WHERE user_id = ?`
	deleteExpiredPanelSessions = `DELETE FROM panel_sessions WHERE expires_at < ?`
)

type panelSessionRow struct {
	Hash       []byte     `db:"token_hash"`
	UserID     *uuid.UUID `db:"user_id"`
	Credential []byte     `db:"credential"`
	StartedAt  timestamp  `db:"started_at"`
	ExpiresAt  timestamp  `db:"expires_at"`
}

// InsertPanelSession implements account.Store.
func (a *Accounts) InsertPanelSession(ctx context.Context, s account.PanelSession) error {
	_, err := a.c.exec(ctx, insertPanelSession, s.Hash, s.UserID, s.Credential, timestamp(s.StartedAt), timestamp(s.ExpiresAt))
	if hasCode(err, codeDangling) {
		return errAccountGone(err)
	}
	if err != nil {
		return fmt.Errorf("insert a session of the panel: %w", err)
	}
	return nil
}

// PanelSession implements account.Store.
func (a *Accounts) PanelSession(ctx context.Context, hash []byte) (account.PanelSession, error) {
	var row panelSessionRow
	if err := a.c.get(ctx, &row, selectPanelSession, hash); err != nil {
		return account.PanelSession{}, noRowf(err, fault.NotFound("there is no such session of the panel"), "select a session of the panel")
	}
	return account.PanelSession{
		Hash: row.Hash, UserID: row.UserID, Credential: row.Credential,
		StartedAt: row.StartedAt.time(), ExpiresAt: row.ExpiresAt.time(),
	}, nil
}

// ExtendPanelSession implements account.Store.
func (a *Accounts) ExtendPanelSession(ctx context.Context, hash []byte, until time.Time) error {
	if _, err := a.c.exec(ctx, extendPanelSession, timestamp(until), hash); err != nil {
		return fmt.Errorf("extend a session of the panel: %w", err)
	}
	return nil
}

// DeletePanelSession implements account.Store.
func (a *Accounts) DeletePanelSession(ctx context.Context, hash []byte) error {
	if _, err := a.c.exec(ctx, deletePanelSession, hash); err != nil {
		return fmt.Errorf("delete a session of the panel: %w", err)
	}
	return nil
}

// DeletePanelSessions implements account.Store.
func (a *Accounts) DeletePanelSessions(ctx context.Context, user uuid.UUID) error {
	if _, err := a.c.exec(ctx, deletePanelSessions, user); err != nil {
		return fmt.Errorf("delete the sessions of user %s in the panel: %w", user, err)
	}
	return nil
}

// DeleteExpiredPanelSessions implements account.Store.
func (a *Accounts) DeleteExpiredPanelSessions(ctx context.Context, before time.Time) (int, error) {
	n, err := a.c.exec(ctx, deleteExpiredPanelSessions, timestamp(before))
	if err != nil {
		return 0, fmt.Errorf("delete expired sessions of the panel: %w", err)
	}
	return n, nil
}
