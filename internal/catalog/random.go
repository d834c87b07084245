package catalog

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

// maxDraw is the largest number of speeches of one draw (spec, "POST /game/speeches/random").
const maxDraw = 50

// Draw asks for random speeches of one level and type that have at least one of the tags.
type Draw struct {
	Level Level
	Type  SentenceType
	// Tags are 1 to 100 tag ids; unknown ones match nothing.
	Tags []uuid.UUID
	// Limit is 1 to 50.
	Limit int
	// Learner is who draws; uuid.Nil: nobody whom the service remembers.
	Learner uuid.UUID
	// ExcludeRecent leaves out what the learner got within the last 24 hours, as long as enough is left. Otherwise what is missing
	// is what they got longest ago.
	ExcludeRecent bool
}

func (d Draw) check() error {
	var c fault.Check
	CheckLevel(&c, "level", string(d.Level))
	if d.Type == "" {
		c.Addf("type", "The type is missing. Must be one of: %s", OneOf(SentenceTypes))
	} else {
		CheckType(&c, "type", string(d.Type))
	}
	c.Require(len(d.Tags) > 0, "tags", "At least one tag is needed")
	c.Require(len(d.Tags) <= MaxTags, "tags", "%d tags are too many: at most %d are allowed", len(d.Tags), MaxTags)
	c.Require(d.Limit >= 1 && d.Limit <= maxDraw, "limit", "%d is not allowed: between 1 and %d", d.Limit, maxDraw)
	return c.Err()
}

// covers reports whether the speech is one of those that d asks for.
func (d Draw) covers(s Speech) bool {
	return s.Level == d.Level && s.Type == d.Type &&
		slices.ContainsFunc(s.Tags, func(t TagRef) bool { return slices.Contains(d.Tags, t.ID) })
}

// RandomSpeeches draws up to d.Limit different speeches, all matches with the same chance, in random order; fewer
// where there are fewer. It returns fault.Invalid, naming every field that breaks a rule, and fault.NotFound (code
// no_speeches_match) where nothing matches, saying how many speeches match each condition alone.
func (s *Service) RandomSpeeches(ctx context.Context, d Draw) ([]Speech, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	speeches, complete, err := s.draw(ctx, d)
	if err != nil {
		return nil, err
	}
	if !complete {
		// Another process has just deleted or changed what was drawn. Looking again at once finds its write; if yet
		// another one comes between, fewer speeches are a fair answer.
		s.Changed()
		if speeches, _, err = s.draw(ctx, d); err != nil {
			return nil, err
		}
	}
	if len(speeches) == 0 {
		return nil, s.nothingMatches(ctx, d)
	}
	s.recent.add(ctx, d, speeches)
	return speeches, nil
}

// draw returns drawn speeches in drawn order, and whether all that were drawn are still what d asks for.
func (s *Service) draw(ctx context.Context, d Draw) (speeches []Speech, complete bool, err error) {
	ix, err := s.index.get(ctx)
	if err != nil {
		return nil, false, err
	}
	recent := s.recent.of(ctx, d)
	ids := ix.draw(d.Level, d.Type, d.Tags, d.Limit+len(recent), s.intN)
	ids = leaveOut(ids, func(id uuid.UUID) uuid.UUID { return id }, recent, d.Limit)
	if len(ids) == 0 {
		return nil, true, nil
	}
	found, err := s.store.SpeechesByID(ctx, ids)
	if err != nil {
		return nil, false, fmt.Errorf("read the drawn speeches: %w", err)
	}
	byID := make(map[uuid.UUID]Speech, len(found))
	for _, speech := range found {
		byID[speech.ID] = speech
	}
	for _, id := range ids {
		if speech, ok := byID[id]; ok && d.covers(speech) {
			speeches = append(speeches, speech)
		}
	}
	return speeches, len(speeches) == len(ids), nil
}

// nothingMatches tells which of the conditions is too narrow.
func (s *Service) nothingMatches(ctx context.Context, d Draw) error {
	ix, err := s.index.get(ctx)
	if err != nil {
		return err
	}
	byLevel, byType, byTags := ix.matches(d.Level, d.Type, d.Tags)
	return fault.NotFound("No speeches match. Speeches that match each condition alone: level %s: %d, type %s: %d, tags: %d",
		d.Level, byLevel, d.Type, byType, byTags).WithCode("no_speeches_match")
}
