package practice

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Service saves and shows game sessions. It is safe for concurrent use.
type Service struct {
	store     Store
	catalogue catalogue
	scores    scores
	now       func() time.Time
	newID     func() uuid.UUID
}

// Option replaces something that New takes from the machine.
type Option func(*Service)

// WithClock makes the service read the time from now.
func WithClock(now func() time.Time) Option { return func(s *Service) { s.now = now } }

// WithIDs makes the service take ids from newID; they must be unique.
func WithIDs(newID func() uuid.UUID) Option { return func(s *Service) { s.newID = newID } }

// WithScores lets sessions quote what scores have given.
func WithScores(given scores) Option { return func(s *Service) { s.scores = given } }

// New returns the service.
func New(store Store, catalogue catalogue, opts ...Option) *Service {
	s := &Service{
		store:     store,
		catalogue: catalogue,
		scores:    noScores{},
		now:       time.Now,
		newID:     func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
	}
	for _, opt := range opts {
		opt(s)
	}
	return s
}

// Sweep forgets the idempotency keys that no longer count and returns how many there were.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	count, err := s.store.DeleteClaims(ctx, s.moment().Add(-claimTTL))
	if err != nil {
		return 0, fmt.Errorf("delete stale idempotency keys: %w", err)
	}
	return count, nil
}

// moment is the current time as it is stored.
func (s *Service) moment() time.Time { return stored(s.now()) }

// stored is a time as every database keeps it exactly: UTC, in microseconds.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
