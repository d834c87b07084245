package catalogtest

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// liveTags returns the tags by name, without counts.
func (s *Store) liveTags() []catalog.Tag {
	var tags []catalog.Tag
	for _, row := range s.db.tags {
		if !row.deleted {
			tags = append(tags, row.Tag)
		}
	}
	slices.SortFunc(tags, func(a, b catalog.Tag) int { return strings.Compare(a.Name, b.Name) })
	return tags
}

func (s *Store) named(name string) (catalog.Tag, bool) {
	for _, tag := range s.liveTags() {
		if catalog.FoldName(tag.Name) == catalog.FoldName(name) {
			return tag, true
		}
	}
	return catalog.Tag{}, false
}

func (s *Store) countSpeeches(tag uuid.UUID) int {
	n := 0
	for _, speech := range s.db.speeches {
		if speech.DeletedAt == nil && slices.Contains(tagIDs(speech), tag) {
			n++
		}
	}
	return n
}

// Tag implements catalog.Store.
func (s *Store) Tag(ctx context.Context, id uuid.UUID) (catalog.Tag, error) {
	leave, err := s.Enter(ctx, "Tag")
	defer leave()
	if err != nil {
		return catalog.Tag{}, err
	}
	row, ok := s.db.tags[id]
	if !ok || row.deleted {
		return catalog.Tag{}, fault.NotFound("no tag has the id %s", id)
	}
	row.SpeechCount = s.countSpeeches(id)
	return row.Tag, nil
}

// Tags implements catalog.Store.
func (s *Store) Tags(ctx context.Context) ([]catalog.Tag, error) {
	leave, err := s.Enter(ctx, "Tags")
	defer leave()
	return s.sortedTags(), err
}

// sortedTags returns the tags by category (none last), then name, with their counts.
func (s *Store) sortedTags() []catalog.Tag {
	tags := s.liveTags()
	slices.SortStableFunc(tags, func(a, b catalog.Tag) int {
		if (a.Category == "") != (b.Category == "") {
			return strings.Compare(b.Category, a.Category)
		}
		return strings.Compare(a.Category, b.Category)
	})
	for i := range tags {
		tags[i].SpeechCount = s.countSpeeches(tags[i].ID)
	}
	return tags
}

// TagsByID implements catalog.Store.
func (s *Store) TagsByID(ctx context.Context, ids []uuid.UUID) ([]catalog.Tag, error) {
	leave, err := s.Enter(ctx, "TagsByID")
	defer leave()
	if err != nil {
		return nil, err
	}
	var found []catalog.Tag
	for _, row := range s.db.tags {
		if !row.deleted && slices.Contains(ids, row.ID) {
			found = append(found, row.Tag)
		}
	}
	return found, nil
}

// TagNamesEver implements catalog.Store.
func (s *Store) TagNamesEver(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	leave, err := s.Enter(ctx, "TagNamesEver")
	defer leave()
	if err != nil {
		return nil, err
	}
	names := map[uuid.UUID]string{}
	for _, id := range ids {
		if row, ok := s.db.tags[id]; ok {
			names[id] = row.Name
		}
	}
	return names, nil
}

// InsertTag implements catalog.Store.
func (s *Store) InsertTag(ctx context.Context, t catalog.Tag) error {
	leave, err := s.Enter(ctx, "InsertTag")
	defer leave()
	if err != nil {
		return err
	}
	if other, taken := s.named(t.Name); taken {
		return tagExists(t, other)
	}
	s.db.tags[t.ID] = tagRow{Tag: t}
	return nil
}

func tagExists(t, other catalog.Tag) error {
	return fault.Conflict("%q is taken by the tag %q (names ignore case)", t.Name, other.Name).WithCode("tag_exists")
}

// EnsureTags implements catalog.Store.
func (s *Store) EnsureTags(ctx context.Context, wanted []catalog.Tag) (map[string]catalog.Tag, error) {
	leave, err := s.Enter(ctx, "EnsureTags")
	defer leave()
	if err != nil {
		return nil, err
	}
	tags := map[string]catalog.Tag{}
	for _, want := range wanted {
		tag, ok := s.named(want.Name)
		if !ok {
			tag = want
			s.db.tags[want.ID] = tagRow{Tag: want}
		}
		tags[catalog.FoldName(want.Name)] = tag
	}
	return tags, nil
}

// UpdateTag implements catalog.Store.
func (s *Store) UpdateTag(ctx context.Context, t catalog.Tag) error {
	leave, err := s.Enter(ctx, "UpdateTag")
	defer leave()
	if err != nil {
		return err
	}
	row, ok := s.db.tags[t.ID]
	if !ok || row.deleted {
		return fault.NotFound("no tag has the id %s", t.ID)
	}
	if other, taken := s.named(t.Name); taken && other.ID != t.ID {
		return tagExists(t, other)
	}
	row.Name, row.Category = t.Name, t.Category
	s.db.tags[t.ID] = row
	return nil
}

// DeleteTag implements catalog.Store.
func (s *Store) DeleteTag(ctx context.Context, id uuid.UUID, _ time.Time) error {
	leave, err := s.Enter(ctx, "DeleteTag")
	defer leave()
	if err != nil {
		return err
	}
	row, ok := s.db.tags[id]
	if !ok || row.deleted {
		return fault.NotFound("no tag has the id %s", id)
	}
	if n := s.countSpeeches(id); n > 0 {
		return fault.Conflict("the tag %q is in use by %d speeches", row.Name, n).WithCode("tag_in_use")
	}
	row.deleted = true
	s.db.tags[id] = row
	return nil
}

// MoveTagLinks implements catalog.Store.
func (s *Store) MoveTagLinks(ctx context.Context, from, into uuid.UUID) (int, error) {
	leave, err := s.Enter(ctx, "MoveTagLinks")
	defer leave()
	if err != nil {
		return 0, err
	}
	gained := 0
	for id, speech := range s.db.speeches {
		if !slices.Contains(tagIDs(speech), from) {
			continue
		}
		kept := slices.DeleteFunc(slices.Clone(speech.Tags), func(t catalog.TagRef) bool { return t.ID == from })
		if !slices.Contains(tagIDs(speech), into) {
			kept = append(kept, catalog.TagRef{ID: into})
			gained++
		}
		speech.Tags = kept
		s.db.speeches[id] = speech
	}
	return gained, nil
}
