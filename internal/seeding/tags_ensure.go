package seeding

import (
	"context"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
)

// ensureTags finds the tags of the seed, or makes them. A tag of the seed stays what people have made of it: under another
// name it is the same tag, and deleted it stays deleted. Otherwise one of the same name is as good.
func (r *run) ensureTags(ctx context.Context, store catalog.Store) error {
	wanted := r.seed.tags()
	ids := make([]uuid.UUID, len(wanted))
	for i, t := range wanted {
		ids[i] = t.ID
	}
	ever, err := store.TagNamesEver(ctx, ids)
	if err != nil {
		return err
	}
	live, err := store.TagsByID(ctx, ids)
	if err != nil {
		return err
	}
	for _, t := range live {
		r.tags[t.ID] = t.ID
	}
	var missing []catalog.Tag
	for _, t := range wanted {
		if _, made := ever[t.ID]; !made {
			missing = append(missing, t)
		}
	}
	found, err := store.EnsureTags(ctx, missing)
	if err != nil {
		return err
	}
	count := Count{}
	for _, t := range missing {
		here := found[catalog.FoldName(t.Name)].ID
		r.tags[t.ID] = here
		if here == t.ID {
			count.Created++
		}
	}
	count.Unchanged = len(wanted) - count.Created
	r.report[Tags] = count
	return nil
}
