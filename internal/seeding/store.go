package seeding

import (
	"context"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/practice"
)

// Kind is what a seed makes.
type Kind string

// The kinds. Recordings are objects, the others rows.
const (
	Recordings Kind = "recordings"
	Tags       Kind = "tags"
	Speeches   Kind = "speeches"
	Users      Kind = "users"
	Sessions   Kind = "sessions"
)

// Kinds are all kinds in the order in which they are made: each refers only to those before it.
var Kinds = []Kind{Recordings, Tags, Speeches, Users, Sessions}

// numbered are the kinds of which a request says how many there shall be.
var numbered = []Kind{Speeches, Users, Sessions}

// Store is what seeding needs of a database, beside the stores of those whose rows it makes.
type Store interface {
	// InTx runs fn in one transaction, on a Store bound to it: all of fn's writes happen, or none.
	InTx(ctx context.Context, fn func(tx Store) error) error
	// Catalog and Practice return the stores of those services, bound to the same transaction.
	Catalog() catalog.Store
	Practice() practice.Store

	// Lock keeps other writers of content, and so other seeds, waiting until the transaction ends, as catalog.Store's
	// BumpVersion does, but says nobody that content has changed.
	Lock(ctx context.Context) error
	// EachID calls row for every speech, user or session whose id is at least from and below end, in no particular order.
	// Only speeches can be deleted and still be there: they are not live.
	EachID(ctx context.Context, kind Kind, from, end uuid.UUID, row func(id uuid.UUID, live bool)) error
	// NoteDays notes that the days of these times have got games or accounts, which were not stored when they say: statistics count
	// those days anew.
	NoteDays(ctx context.Context, times []time.Time) error
	// InsertUsers writes new users. fault.Conflict if an address or an id is taken.
	InsertUsers(ctx context.Context, users []account.User) error
	// Analyze tells the database that there is much more in its tables now. Until it notices by itself, it would read a
	// million speeches as if they were a few.
	Analyze(ctx context.Context) error
}

// objects is what seeding needs of the audio store.
type objects interface {
	// Exists reports whether there is an object with the key.
	Exists(ctx context.Context, key string) (bool, error)
	// Put stores what r gives, all or nothing, and returns its size in bytes.
	Put(ctx context.Context, key string, r io.Reader, contentType string) (int64, error)
}

// accounts is what seeding needs of package account.
type accounts interface {
	// HashPassword returns the hash of a new password, or fault.Invalid (field password).
	HashPassword(ctx context.Context, password string) (string, error)
}
