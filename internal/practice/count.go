package practice

import (
	"context"
	"fmt"
	"time"
)

// CountSince returns how many games all learners together have completed at the given time or later; the zero time means
// ever.
func (s *Service) CountSince(ctx context.Context, since time.Time) (int, error) {
	n, err := s.store.CountSessions(ctx, since)
	if err != nil {
		return 0, fmt.Errorf("count game sessions: %w", err)
	}
	return n, nil
}
