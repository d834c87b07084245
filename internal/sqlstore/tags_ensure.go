package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// ensureAttempts bounds how often EnsureTags starts again because somebody deleted a tag right after it was found.
const ensureAttempts = 3

// EnsureTags implements catalog.Store.
func (s *Catalog) EnsureTags(ctx context.Context, wanted []catalog.Tag) (map[string]catalog.Tag, error) {
	if len(wanted) == 0 {
		return map[string]catalog.Tag{}, nil
	}
	rows, keys := ensureRows(wanted)
	list, err := s.c.list(keys)
	if err != nil {
		return nil, err
	}
	for range ensureAttempts {
		// Two statements, not one: what a concurrent transaction has inserted is visible to the next statement only.
		if _, err := s.c.insertRows(ctx, insertTags, rows, unlessNameUsed); err != nil {
			return nil, fmt.Errorf("insert %d tags: %w", len(rows), err)
		}
		found, err := s.c.tags(ctx, selectTags+` AND t.name_key`+s.c.db.dialect.inTexts+orderTags, list)
		if err != nil {
			return nil, err
		}
		if len(found) == len(keys) {
			tags := make(map[string]catalog.Tag, len(found))
			for _, t := range found {
				tags[catalog.FoldName(t.Name)] = t
			}
			return tags, nil
		}
	}
	return nil, fault.Unavailable("tags are being deleted while they are needed; try again").WithCode("tags_changing")
}

// ensureRows returns one row for each different name, and the names' folded forms, both in the order of these: two
// callers that insert in different orders could wait for each other.
func ensureRows(wanted []catalog.Tag) (rows [][]any, keys []string) {
	first := make(map[string]catalog.Tag, len(wanted))
	for _, t := range wanted {
		key := catalog.FoldName(t.Name)
		if _, known := first[key]; !known {
			first[key] = t
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		rows = append(rows, newTagRow(first[key]))
	}
	return rows, keys
}
