package catalog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
)

// recordings is what the catalogue needs of the audio store.
type recordings interface {
	// SignedURL returns a link by which anybody can hear the object for a while.
	SignedURL(ctx context.Context, key string) (string, error)
	// KeyOf returns the key of a link that leads to our own store, and whether the link does.
	KeyOf(audioURL string) (key string, ours bool)
	// Exists reports whether there is an object with the key.
	Exists(ctx context.Context, key string) (bool, error)
	// Put stores an object, whole or not at all, and returns its size in bytes.
	Put(ctx context.Context, key string, r io.Reader, contentType string) (int64, error)
	// Read opens an object, or returns fault.NotFound.
	Read(ctx context.Context, key string) (io.ReadCloser, error)
	// Delete deletes objects; one that does not exist is no error.
	Delete(ctx context.Context, keys ...string) error
}

// Service is what one can do with tags and speeches. It is safe for concurrent use.
type Service struct {
	store      Store
	recordings recordings
	index      *indexKeeper
	now        func() time.Time
	newID      func() uuid.UUID
	// intN returns a uniform number in [0, n), n > 0. It is called by many goroutines at once.
	intN  func(n int) int
	sniff Sniffer
	// recent remembers what learners got.
	recent recent
	// versions is nil where the store keeps none.
	versions Versions
	// kept is for how long replaced recordings are.
	kept time.Duration
	// pools and records count what was remembered.
	pools, records Lookups
}

// Sniffer recognises a recording by its first 8 KiB and returns the ending (".mp3") and media type that fit it. Its
// error only says what was found: "a FLAC file".
type Sniffer func(head []byte) (ext, contentType string, err error)

// Option replaces something that New takes from the machine.
type Option func(*Service)

// WithClock makes the service read the time from now.
func WithClock(now func() time.Time) Option { return func(s *Service) { s.now = now } }

// WithIDs makes the service take ids from newID; they must be unique.
func WithIDs(newID func() uuid.UUID) Option { return func(s *Service) { s.newID = newID } }

// WithSniffer makes the service accept recordings that sniff recognises; without it none is.
func WithSniffer(sniff Sniffer) Option { return func(s *Service) { s.sniff = sniff } }

// WithRandom makes draws take their luck from intN, which returns a uniform number in [0, n) and is safe for
// concurrent use.
func WithRandom(intN func(n int) int) Option { return func(s *Service) { s.intN = intN } }

// WithRemembered bounds, in bytes, the texts and recordings' names that the service remembers of speeches; 128 MiB without it, enough
// for two million usual ones. What does not fit is read at every draw.
func WithRemembered(bytes int) Option { return func(s *Service) { s.index.recordBytes = bytes } }

// New returns the service. It reads nothing yet: the first draw, or the first look at the tags, builds the index.
func New(store Store, recordings recordings, opts ...Option) *Service {
	s := &Service{
		store:      store,
		recordings: recordings,
		now:        time.Now,
		newID:      func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
		intN:       rand.IntN,
		sniff:      func([]byte) (string, string, error) { return "", "", errors.New("of an unknown format") },
	}
	s.index = &indexKeeper{store: store, recordBytes: recordBytes}
	for _, opt := range opts {
		opt(s)
	}
	s.recent.now, s.index.now = s.now, s.now
	return s
}

// Caches returns the numbers of what the service remembers; they go on counting.
func (s *Service) Caches() Caches {
	return Caches{Pools: &s.pools, Records: &s.records, Index: &s.index.looks}
}

// Ready returns nil once the catalogue has been read. Until then it waits for that, beginning it where nobody has; its error is the
// end of the context, or what the database says.
func (s *Service) Ready(ctx context.Context) error { return s.index.ready(ctx) }

// Changed tells the service that content was written in this process: the next draw sees it.
func (s *Service) Changed() { s.index.changed() }

// write runs fn in a transaction in which no other writer changes content.
func (s *Service) write(ctx context.Context, fn func(tx Store) error) error {
	err := s.store.InTx(ctx, func(tx Store) error {
		if err := tx.BumpVersion(ctx); err != nil {
			return fmt.Errorf("raise the catalogue's version: %w", err)
		}
		return fn(tx)
	})
	if err != nil {
		return err
	}
	s.Changed()
	return nil
}

// moment is the current time as it is stored: UTC, in microseconds, which every database keeps exactly.
func (s *Service) moment() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// record writes the audit line of a change to one object.
func (s *Service) record(ctx context.Context, tx Store, action string, id uuid.UUID, changes map[string]audit.Change) error {
	return tx.InsertAudit(ctx, audit.Entry{
		ID:       s.newID(),
		At:       s.moment(),
		Origin:   audit.OriginFrom(ctx),
		Action:   action,
		ObjectID: id.String(),
		Changes:  changes,
	})
}
