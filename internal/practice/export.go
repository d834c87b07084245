package practice

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"
)

// exportPage is how many sessions an export holds in memory: of twenty sentences each, about half a megabyte.
const exportPage = 50

// ExportSessions yields all sessions of the player with their results, speeches and tag names, the earliest completed_at first, in
// memory of a fixed size however many there are. After an error it ends. A session that is saved meanwhile may be missing.
func (s *Service) ExportSessions(ctx context.Context, player uuid.UUID) iter.Seq2[Detail, error] {
	return func(yield func(Detail, error) bool) {
		var completed time.Time
		var last uuid.UUID
		for {
			page, err := s.detailsAfter(ctx, player, completed, last)
			if err != nil {
				yield(Detail{}, fmt.Errorf("export the game sessions of user %s: %w", player, err))
				return
			}
			for _, d := range page {
				if !yield(d, nil) {
					return
				}
				completed, last = d.CompletedAt, d.ID
			}
			if len(page) < exportPage {
				return
			}
		}
	}
}

// detailsAfter returns the next page of an export. Speeches and names of tags take one question each for all sessions.
func (s *Service) detailsAfter(ctx context.Context, player uuid.UUID, completed time.Time, last uuid.UUID) ([]Detail, error) {
	sessions, err := s.store.SessionsAfter(ctx, player, completed, last, exportPage)
	if err != nil || len(sessions) == 0 {
		return nil, err
	}
	var results []Result
	var tags []uuid.UUID
	for _, session := range sessions {
		results = append(results, session.Results...)
		tags = append(tags, session.SelectedTags...)
	}
	speeches, err := s.speeches(ctx, results)
	if err != nil {
		return nil, err
	}
	names := map[uuid.UUID]string{}
	if len(tags) > 0 {
		if names, err = s.catalogue.TagNamesEver(ctx, tags); err != nil {
			return nil, err
		}
	}
	details := make([]Detail, len(sessions))
	for i, session := range sessions {
		details[i] = Detail{Session: session, Speeches: speeches, TagNames: inOrder(session.SelectedTags, names)}
	}
	return details, nil
}
