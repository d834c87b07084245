package catalog

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

// MergeTags gives all speeches of one tag the other one instead and deletes the first, in one transaction. It returns
// how many speeches did not have the second tag before. Old game sessions keep showing the name of the first.
//
// It returns fault.Invalid for a tag and itself, and fault.NotFound if one of the two does not exist.
func (s *Service) MergeTags(ctx context.Context, from, into uuid.UUID) (gained int, err error) {
	if from == into {
		return 0, fault.Invalid("into", "A tag cannot be merged into itself")
	}
	err = s.write(ctx, func(tx Store) error {
		gone, err := tx.Tag(ctx, from)
		if err != nil {
			return err
		}
		kept, err := tx.Tag(ctx, into)
		if err != nil {
			return err
		}
		if gained, err = tx.MoveTagLinks(ctx, from, into); err != nil {
			return err
		}
		if err := tx.DeleteTag(ctx, from, s.moment()); err != nil {
			return err
		}
		return s.record(ctx, tx, "tag.merge", from, audit.Diff(gone.fields(), map[string]any{
			"merged_into": kept.Name, "merged_into_id": into.String(),
		}))
	})
	if err != nil {
		return 0, fmt.Errorf("merge tag %s into %s: %w", from, into, err)
	}
	return gained, nil
}
