package sqlstore

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
)

const (
	selectIdentityUser = `
	SELECT user_id
	  FROM user_identities
	 WHERE auth_provider = ? AND auth_provider_id = ?`

	// A taken identity is no error to the database, so that the transaction around it can go on.
	insertIdentity = `
	INSERT INTO user_identities (auth_provider, auth_provider_id, user_id, linked_at)
	VALUES (?, ?, ?, ?)
	ON CONFLICT (auth_provider, auth_provider_id) DO NOTHING`

	selectIdentities = `
	SELECT auth_provider, auth_provider_id, user_id, linked_at
	  FROM user_identities
	 WHERE user_id = ?
	 ORDER BY linked_at, auth_provider, auth_provider_id`

	deleteIdentities = `DELETE FROM user_identities WHERE user_id = ?`
)

// IdentityUser implements account.Store.
func (a *Accounts) IdentityUser(ctx context.Context, provider account.Provider, subject string) (uuid.UUID, error) {
	var id uuid.UUID
	if err := a.c.get(ctx, &id, selectIdentityUser, provider, subject); err != nil {
		return uuid.Nil, noRowf(err, fault.NotFound("nobody signs in with this account at %s", provider.Title()), "select the user of an identity at %s", provider)
	}
	return id, nil
}

type identityRow struct {
	Provider string    `db:"auth_provider"`
	Subject  string    `db:"auth_provider_id"`
	UserID   uuid.UUID `db:"user_id"`
	LinkedAt timestamp `db:"linked_at"`
}

func (r identityRow) identity() account.LinkedIdentity {
	return account.LinkedIdentity{Provider: account.Provider(r.Provider), Subject: r.Subject, UserID: r.UserID, LinkedAt: r.LinkedAt.time()}
}

// Identities implements account.Store.
func (a *Accounts) Identities(ctx context.Context, user uuid.UUID) ([]account.LinkedIdentity, error) {
	var rows []identityRow
	if err := a.c.all(ctx, &rows, selectIdentities, user); err != nil {
		return nil, fmt.Errorf("select the identities of user %s: %w", user, err)
	}
	return convert(rows, identityRow.identity), nil
}

// InsertIdentity implements account.Store.
func (a *Accounts) InsertIdentity(ctx context.Context, l account.LinkedIdentity) error {
	n, err := a.c.exec(ctx, insertIdentity, l.Provider, l.Subject, l.UserID, timestamp(l.LinkedAt))
	if hasCode(err, codeDangling) {
		return errAccountGone(err)
	}
	if err != nil {
		return fmt.Errorf("insert an identity of user %s at %s: %w", l.UserID, l.Provider, err)
	}
	if n == 0 {
		return fault.Conflict("somebody signs in with this account at %s already", l.Provider.Title())
	}
	return nil
}

// DeleteIdentities implements account.Store.
func (a *Accounts) DeleteIdentities(ctx context.Context, user uuid.UUID) (int, error) {
	n, err := a.c.exec(ctx, deleteIdentities, user)
	if err != nil {
		return 0, fmt.Errorf("delete the identities of user %s: %w", user, err)
	}
	return n, nil
}
