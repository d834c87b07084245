package practice

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
)

// Store is what practice needs of a database, no more.
type Store interface {
	// InsertSessions writes all sessions with their results, or nothing, in one transaction (on PostgreSQL in one
	// statement). Nothing is written where the outcome names missing speeches, scores that other results have, or an earlier
	// save. A user who no longer exists is fault.Unauthorized.
	InsertSessions(ctx context.Context, sessions []Session, claim *Claim) (Outcome, error)
	// Session returns the session with its results by sequence number, or fault.NotFound. Whose it is, is not the store's business.
	Session(ctx context.Context, id uuid.UUID) (Session, error)
	// Sessions returns one page of a user's sessions without results, latest completed_at first, then highest id, and the number of
	// all matches, those before the page included.
	Sessions(ctx context.Context, user uuid.UUID, f HistoryFilter, p paging.Page) ([]Session, int, error)
	// AllSessions is Sessions for all users, in the filter's order.
	AllSessions(ctx context.Context, f SessionFilter, p paging.Page) ([]Session, int, error)
	// DeleteSession removes a session with its results and writes the entry, both or neither; fault.NotFound as for Session.
	DeleteSession(ctx context.Context, id uuid.UUID, e audit.Entry) error
	// SessionsAfter returns at most limit sessions of a user with their results, the earliest completed_at first, then the
	// lowest id: those that come after the one with the given completed_at and id, or the first ones where both are zero.
	SessionsAfter(ctx context.Context, user uuid.UUID, completed time.Time, id uuid.UUID, limit int) ([]Session, error)
	// CountSessions returns how many sessions of all users were completed at the given time or later.
	CountSessions(ctx context.Context, since time.Time) (int, error)
	// DeleteClaims forgets the idempotency keys made before the given time and returns how many there were.
	DeleteClaims(ctx context.Context, before time.Time) (int, error)
}

// Claim ties an idempotency key to the request that used it first.
type Claim struct {
	Key    string
	UserID uuid.UUID
	// Request is the SHA-256 of the request's content.
	Request [32]byte
	At      time.Time
	// StaleBefore is the time before which an earlier claim to the key no longer counts: it is overwritten.
	StaleBefore time.Time
}

// Outcome says what InsertSessions found. Zero means that all was written.
type Outcome struct {
	// Missing are the ids of speeches that never existed, in the order first met.
	Missing []uuid.UUID
	// Earlier is set where the idempotency key is taken.
	Earlier *Earlier
	// Used are the ScoreIDs of results that others have already.
	Used []uuid.UUID
}

// Earlier is what an idempotency key was used for before.
type Earlier struct {
	Request    [32]byte
	SessionIDs []uuid.UUID
}

// catalogue is what practice asks of the catalogue.
type catalogue interface {
	// SpeechesEver returns the speeches among ids, deleted ones included.
	SpeechesEver(ctx context.Context, ids []uuid.UUID) ([]catalog.Speech, error)
	// TagNamesEver returns the names of the tags among ids, deleted ones included.
	TagNamesEver(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error)
}
