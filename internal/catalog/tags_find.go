package catalog

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

// TagFilter chooses tags for a list; zero fields do not filter.
type TagFilter struct {
	// Category is compared ignoring case.
	Category string
	// Search is a part of the name, ignoring case.
	Search string
}

func (f TagFilter) matches(t Tag) bool {
	return (f.Category == "" || FoldName(t.Category) == FoldName(cleanName(f.Category))) &&
		strings.Contains(FoldName(t.Name), FoldName(f.Search))
}

// TagsLike returns the tags that match the filter as AllTags returns them.
func (s *Service) TagsLike(ctx context.Context, f TagFilter) ([]Tag, error) {
	tags, err := s.AllTags(ctx)
	if err != nil {
		return nil, err
	}
	return f.Choose(tags), nil
}

// Choose returns those of the tags that match the filter, in their order; an empty list where none does.
func (f TagFilter) Choose(tags []Tag) []Tag {
	matching := []Tag{}
	for _, t := range tags {
		if f.matches(t) {
			matching = append(matching, t)
		}
	}
	return matching
}

// FindTag returns the tag with the id, or else the one with the name, ignoring case. It returns fault.NotFound if
// there is none.
func (s *Service) FindTag(ctx context.Context, idOrName string) (Tag, error) {
	tags, err := s.AllTags(ctx)
	if err != nil {
		return Tag{}, err
	}
	return PickTag(tags, idOrName)
}

// PickTag is FindTag among tags that are known already.
func PickTag(tags []Tag, idOrName string) (Tag, error) {
	tag, ok := pickTag(tags, idOrName)
	if !ok {
		return Tag{}, fault.NotFound("no tag has the id or the name '%s'", Shown(idOrName))
	}
	return tag, nil
}

func pickTag(tags []Tag, idOrName string) (Tag, bool) {
	if id, err := uuid.Parse(idOrName); err == nil {
		for _, t := range tags {
			if t.ID == id {
				return t, true
			}
		}
	}
	key := FoldName(cleanName(idOrName))
	for _, t := range tags {
		if FoldName(t.Name) == key {
			return t, true
		}
	}
	return Tag{}, false
}
