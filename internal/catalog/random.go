package catalog

import (
	"context"
	"fmt"
	"maps"
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
//
// Of the speeches it says what learners see: id, audio, text, level, type and tags, as they were within the last second.
// It asks the database for those only that are not remembered (WithRemembered).
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
	drawn := draw(ix.pool(d.Level, d.Type, d.Tags, &s.pools), d.Limit+len(recent), s.intN)
	drawn = leaveOut(drawn, func(ordinal uint32) uuid.UUID { return ix.ids[ordinal] }, recent, d.Limit)
	speeches = make([]Speech, len(drawn))
	var missing map[uuid.UUID]int // where the speeches belong that are not remembered
	for i, ordinal := range drawn {
		id := ix.ids[ordinal]
		text, audio, known := ix.records.get(ordinal, id)
		s.records.note(known)
		if known {
			speeches[i] = Speech{ID: id, Audio: audio, Text: text, Level: d.Level, Type: d.Type, Tags: ix.lists.get(ordinal)}
			continue
		}
		if missing == nil {
			missing = make(map[uuid.UUID]int)
		}
		missing[id] = i
	}
	if len(missing) == 0 {
		return speeches, true, nil
	}
	found, err := s.store.SpeechesByID(ctx, slices.Collect(maps.Keys(missing)))
	if err != nil {
		return nil, false, fmt.Errorf("read the drawn speeches: %w", err)
	}
	for _, speech := range found {
		if i := missing[speech.ID]; d.covers(speech) {
			speeches[i] = Speech{ID: speech.ID, Audio: speech.Audio, Text: speech.Text, Level: d.Level, Type: d.Type, Tags: speech.Tags}
		}
	}
	speeches = slices.DeleteFunc(speeches, func(s Speech) bool { return s.ID == uuid.Nil })
	return speeches, len(speeches) == len(drawn), nil
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
