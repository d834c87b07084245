package account

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/paging"
)

// Store is what accounts need of a database.
type Store interface {
	// InTx runs fn in one transaction, on a Store bound to it: all of fn's writes happen, or none.
	InTx(ctx context.Context, fn func(tx Store) error) error

	// User returns fault.NotFound if nobody has the id.
	User(ctx context.Context, id uuid.UUID) (User, error)
	// UserByEmail returns fault.NotFound if nobody has the address, which is in lower case.
	UserByEmail(ctx context.Context, email string) (User, error)
	// LockUser is User that, in a transaction, keeps other writers of the user waiting until it ends.
	LockUser(ctx context.Context, id uuid.UUID) (User, error)
	// Users returns one page, newest first (created_at, then id, descending), and the number of all matches.
	Users(ctx context.Context, f UserFilter, p paging.Page) ([]User, int, error)
	// InsertUser returns fault.Conflict (code email_taken) if the address is taken.
	InsertUser(ctx context.Context, u User) error
	// UpdateUser overwrites name, avatar, e-mail state, password hash, role and updated_at. fault.NotFound as for User.
	UpdateUser(ctx context.Context, u User) error
	// DeleteUser removes the user with everything that is theirs: identities, tokens, sessions, results, idempotency
	// keys. fault.NotFound as for User.
	DeleteUser(ctx context.Context, id uuid.UUID) error

	// IdentityUser returns whom a provider's user signs in as, or fault.NotFound.
	IdentityUser(ctx context.Context, provider Provider, subject string) (uuid.UUID, error)
	// Identities returns the links of a user, the earliest first.
	Identities(ctx context.Context, user uuid.UUID) ([]LinkedIdentity, error)
	// InsertIdentity links a provider's user to an existing user; a user who no longer exists is fault.Unauthorized. It
	// returns fault.Conflict if the provider's user is linked to anybody.
	InsertIdentity(ctx context.Context, l LinkedIdentity) error
	// DeleteIdentities removes all links of a user and returns how many there were.
	DeleteIdentities(ctx context.Context, user uuid.UUID) (int, error)

	// InsertRefreshToken stores a token of an existing user; a user who no longer exists is fault.Unauthorized.
	InsertRefreshToken(ctx context.Context, t RefreshToken) error
	// RefreshToken returns fault.NotFound if there is no token with the hash.
	RefreshToken(ctx context.Context, hash []byte) (RefreshToken, error)
	// DeleteRefreshToken removes one token; removing what is not there is no error.
	DeleteRefreshToken(ctx context.Context, hash []byte) error
	// DeleteRefreshTokens removes all tokens of a user and returns how many there were.
	DeleteRefreshTokens(ctx context.Context, user uuid.UUID) (int, error)
	// DeleteExpiredRefreshTokens removes what expired before the given time and returns how many there were.
	DeleteExpiredRefreshTokens(ctx context.Context, before time.Time) (int, error)

	// InsertPanelSession stores a session of an existing user, or of the operator; a user who no longer exists is
	// fault.Unauthorized.
	InsertPanelSession(ctx context.Context, s PanelSession) error
	// PanelSession returns fault.NotFound if there is no session with the hash; expired ones are returned.
	PanelSession(ctx context.Context, hash []byte) (PanelSession, error)
	// ExtendPanelSession moves the end of a session; one that is not there is no error.
	ExtendPanelSession(ctx context.Context, hash []byte, until time.Time) error
	// DeletePanelSession removes one session; removing what is not there is no error.
	DeletePanelSession(ctx context.Context, hash []byte) error
	// DeletePanelSessions removes all sessions of a user.
	DeletePanelSessions(ctx context.Context, user uuid.UUID) error
	// DeleteExpiredPanelSessions removes what expired before the given time and returns how many there were.
	DeleteExpiredPanelSessions(ctx context.Context, before time.Time) (int, error)

	// InsertEmailToken stores the link of a letter to an existing user; a user who no longer exists is fault.Unauthorized.
	InsertEmailToken(ctx context.Context, t EmailToken) error
	// EmailToken returns fault.NotFound if there is no link with the hash.
	EmailToken(ctx context.Context, hash []byte) (EmailToken, error)
	// DeleteEmailTokens removes a user's links for the purpose; removing what is not there is no error.
	DeleteEmailTokens(ctx context.Context, user uuid.UUID, p Purpose) error
	// DeleteExpiredEmailTokens removes what expired before the given time and returns how many there were.
	DeleteExpiredEmailTokens(ctx context.Context, before time.Time) (int, error)

	// Forget replaces a deleted user's id by an opaque one in what outlives accounts: the audit log, where the network
	// addresses that the user acted from are removed too, imports and uploads. Where there is nothing, nothing happens.
	Forget(ctx context.Context, user, as uuid.UUID) error
	// Actors returns who is named there since the given time, each once, in the form of audit.Origin.
	Actors(ctx context.Context, since time.Time) ([]string, error)

	// InsertAudit writes one line of the audit log.
	InsertAudit(ctx context.Context, e audit.Entry) error
}

// LinkedIdentity says that a provider's user signs in as one of ours.
type LinkedIdentity struct {
	Provider Provider
	// Subject is the provider's id for the person.
	Subject  string
	UserID   uuid.UUID
	LinkedAt time.Time
}

// RefreshToken is what the server remembers of a refresh token: never the token itself.
type RefreshToken struct {
	// Hash is the SHA-256 of the token's id (jti).
	Hash      []byte
	UserID    uuid.UUID
	IssuedAt  time.Time
	ExpiresAt time.Time
}
