package practice

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

// maxSessionsPerPage is the longest page of a history (spec, "GET /game/sessions").
const maxSessionsPerPage = 100

// History returns one page of a player's sessions without their results, latest completed_at first, and the number of all
// matches. A page past the end is empty. Where the filter says after which session it begins, a page costs the same however deep it
// lies, and new games do not move it.
//
// It returns fault.Invalid (fields page, limit, mode, level, from_date).
func (s *Service) History(ctx context.Context, player uuid.UUID, f HistoryFilter, p paging.Page) ([]Session, int, error) {
	var c fault.Check
	p.Check(&c, maxSessionsPerPage)
	f.check(&c)
	if err := c.Err(); err != nil {
		return nil, 0, err
	}
	sessions, total, err := s.store.Sessions(ctx, player, f, p)
	if err != nil {
		return nil, 0, fmt.Errorf("list game sessions: %w", err)
	}
	return sessions, total, nil
}

// check notes in c every rule that the filter breaks.
func (f HistoryFilter) check(c *fault.Check) {
	c.Require(f.Mode == "" || f.Mode.Valid(), "mode", "%q is not a mode: one of %s", f.Mode, catalog.OneOf(Modes))
	c.Require(f.Level == "" || f.Level.Valid(), "level",
		"%q is not a level: one of %s", f.Level, catalog.OneOf(catalog.Levels))
	c.Require(f.From.IsZero() || f.To.IsZero() || !f.From.After(f.To), "from_date", "it is later than to_date")
}

// ParseBound reads an end of a period, which is inclusive: a time in RFC 3339, or a plain date, which means the whole day in
// UTC: its first microsecond, or its last where the bound is the end. The time is in UTC, in microseconds, and never zero.
//
// It returns fault.Invalid, naming the field, for everything else and for years before 1970.
func ParseBound(field, value string, end bool) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		if t, err = time.Parse(time.DateOnly, value); err == nil && end {
			t = t.AddDate(0, 0, 1).Add(-time.Microsecond)
		}
	}
	if err != nil || !inRange(t) {
		return time.Time{}, fault.Invalid(field,
			"%q is not a date: 2025-12-10 or 2025-12-10T10:00:00Z, from %d to %d", shortened(value), firstYear, lastYear)
	}
	return stored(t), nil
}

// shortened keeps an error from echoing a value that is longer than any date.
func shortened(value string) string {
	const longest = 64
	if len(value) <= longest {
		return value
	}
	return value[:longest] + "…"
}

// Detail returns one session of the player with its results, its speeches (deleted ones too) and the names of its tags.
//
// It returns fault.NotFound where there is no such session, and fault.Forbidden where it is somebody else's.
func (s *Service) Detail(ctx context.Context, player, id uuid.UUID) (Detail, error) {
	session, err := s.store.Session(ctx, id)
	if err != nil {
		return Detail{}, fmt.Errorf("read game session %s: %w", id, err)
	}
	if session.UserID != player {
		return Detail{}, fault.Forbidden("this game session is somebody else's")
	}
	return s.detail(ctx, session)
}

// detail returns the session with what is shown of it.
func (s *Service) detail(ctx context.Context, session Session) (d Detail, err error) {
	id := session.ID
	d.Session = session
	if d.Speeches, err = s.speeches(ctx, session.Results); err != nil {
		return Detail{}, fmt.Errorf("read the speeches of game session %s: %w", id, err)
	}
	if d.TagNames, err = s.tagNames(ctx, session.SelectedTags); err != nil {
		return Detail{}, fmt.Errorf("read the tags of game session %s: %w", id, err)
	}
	return d, nil
}

// speeches returns the speech of every result by its id.
func (s *Service) speeches(ctx context.Context, results []Result) (map[uuid.UUID]catalog.Speech, error) {
	var ids []uuid.UUID
	seen := make(map[uuid.UUID]bool, len(results))
	for _, r := range results {
		if !seen[r.SpeechID] {
			seen[r.SpeechID] = true
			ids = append(ids, r.SpeechID)
		}
	}
	found, err := s.catalogue.SpeechesEver(ctx, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[uuid.UUID]catalog.Speech, len(found))
	for _, speech := range found {
		byID[speech.ID] = speech
	}
	if len(byID) != len(ids) { // no speech is ever removed, so something is badly wrong
		return nil, fmt.Errorf("the catalogue knows %d of %d speeches", len(byID), len(ids))
	}
	return byID, nil
}

// tagNames returns the names of the tags in the order of ids, without those that never existed.
func (s *Service) tagNames(ctx context.Context, ids []uuid.UUID) ([]string, error) {
	if len(ids) == 0 {
		return []string{}, nil
	}
	byID, err := s.catalogue.TagNamesEver(ctx, ids)
	if err != nil {
		return nil, err
	}
	return inOrder(ids, byID), nil
}

// inOrder returns the names of the ids that have one, in the order of the ids.
func inOrder(ids []uuid.UUID, byID map[uuid.UUID]string) []string {
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		if name, known := byID[id]; known {
			names = append(names, name)
		}
	}
	return names
}
