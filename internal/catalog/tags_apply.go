package catalog

import (
	"context"
	"fmt"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

// maxTagsApplied is the largest number of tags that are applied at once: all are changed in one transaction.
const maxTagsApplied = 5000

// TagsReport counts what ApplyTags has done.
type TagsReport struct {
	Created, Updated, Unchanged int
}

// ApplyTags creates those of the tags that do not exist and gives the others their category, all or nothing. Names are
// compared ignoring case; a tag that exists keeps its spelling. Applying the same tags again changes nothing.
//
// It returns fault.Invalid, naming every broken rule by its row, counted from 1.
func (s *Service) ApplyTags(ctx context.Context, tags []NewTag) (TagsReport, error) {
	wanted, err := s.checkTable(tags)
	if err != nil {
		return TagsReport{}, err
	}
	var report TagsReport
	err = s.write(ctx, func(tx Store) error {
		report = TagsReport{}
		there, err := tx.EnsureTags(ctx, wanted)
		if err != nil {
			return err
		}
		for _, want := range wanted {
			if err := s.applyTag(ctx, tx, there[FoldName(want.Name)], want, &report); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return TagsReport{}, fmt.Errorf("apply %d tags: %w", len(tags), err)
	}
	return report, nil
}

// applyTag counts and records what becomes of one tag. there is the tag as EnsureTags has found or made it.
func (s *Service) applyTag(ctx context.Context, tx Store, there, want Tag, report *TagsReport) error {
	switch {
	case there.ID == want.ID:
		report.Created++
		return s.record(ctx, tx, "tag.create", there.ID, audit.Diff(nil, there.fields()))
	case there.Category == want.Category:
		report.Unchanged++
		return nil
	}
	report.Updated++
	before := there.fields()
	there.Category = want.Category
	if err := tx.UpdateTag(ctx, there); err != nil {
		return err
	}
	return s.record(ctx, tx, "tag.update", there.ID, audit.Diff(before, there.fields()))
}

// checkTable returns the tags as they are stored if they do not exist yet.
func (s *Service) checkTable(tags []NewTag) ([]Tag, error) {
	var c fault.Check
	c.Require(len(tags) > 0, "tags", "There is no tag among them")
	c.Require(len(tags) <= maxTagsApplied, "tags", "%d tags are too many: at most %d are allowed", len(tags), maxTagsApplied)
	if err := c.Err(); err != nil {
		return nil, err
	}
	wanted := make([]Tag, len(tags))
	rows := make(map[string]int, len(tags))
	for i, t := range tags {
		var row fault.Check
		wanted[i] = Tag{
			ID:        s.newID(),
			Name:      CheckTagName(&row, "name", t.Name),
			Category:  checkCategory(&row, "category", t.Category),
			CreatedAt: s.moment(),
		}
		key := FoldName(wanted[i].Name)
		if first, twice := rows[key]; twice {
			row.Addf("name", "'%s' is in row %d already (names ignore case)", Shown(t.Name), first)
		} else {
			rows[key] = i + 1
		}
		c.Merge(fmt.Sprintf("row %d, ", i+1), row.Fields())
	}
	return wanted, c.Err()
}
