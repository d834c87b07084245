package catalog

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

// Tags returns all tags by category (none last), then name. It asks the database only if the catalogue may have
// changed: what this process has written shows at once, what others have written within a second. All callers share the list, and nobody may
// change it; it is the same one, not only an equal one, until the catalogue changes.
func (s *Service) Tags(ctx context.Context) ([]Tag, error) {
	ix, err := s.index.get(ctx)
	if err != nil {
		return nil, err
	}
	return ix.tags, nil
}

// AllTags returns all tags by category (none last), then name, with their speech counts as the database has them now.
func (s *Service) AllTags(ctx context.Context) ([]Tag, error) {
	tags, err := s.store.Tags(ctx)
	if err != nil {
		return nil, fmt.Errorf("read all tags: %w", err)
	}
	return tags, nil
}

// TagNamesEver returns the names of the tags among ids, deleted ones included; unknown ids are left out.
func (s *Service) TagNamesEver(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	names, err := s.store.TagNamesEver(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read the names of tags: %w", err)
	}
	return names, nil
}

// CreateTag creates a tag. It returns fault.Invalid, and fault.Conflict (code tag_exists) if the name is taken
// ignoring case.
func (s *Service) CreateTag(ctx context.Context, n NewTag) (Tag, error) {
	var c fault.Check
	tag := Tag{
		ID:        s.newID(),
		Name:      CheckTagName(&c, "name", n.Name),
		Category:  checkCategory(&c, "category", n.Category),
		CreatedAt: s.moment(),
	}
	if err := c.Err(); err != nil {
		return Tag{}, err
	}
	err := s.write(ctx, func(tx Store) error {
		if err := tx.InsertTag(ctx, tag); err != nil {
			return err
		}
		return s.record(ctx, tx, "tag.create", tag.ID, audit.Diff(nil, tag.fields()))
	})
	if err != nil {
		return Tag{}, fmt.Errorf("create the tag %q: %w", tag.Name, err)
	}
	return tag, nil
}

// UpdateTag changes some fields of a tag. It returns fault.Invalid, fault.NotFound, and fault.Conflict (code
// tag_exists) if the new name is another tag's, ignoring case.
func (s *Service) UpdateTag(ctx context.Context, id uuid.UUID, change TagChange) (Tag, error) {
	var c fault.Check
	change = change.check(&c)
	if err := c.Err(); err != nil {
		return Tag{}, err
	}
	var tag Tag
	err := s.write(ctx, func(tx Store) error {
		before, err := tx.Tag(ctx, id)
		if err != nil {
			return err
		}
		tag = change.apply(before)
		changes := audit.Diff(before.fields(), tag.fields())
		if len(changes) == 0 {
			return nil
		}
		if err := tx.UpdateTag(ctx, tag); err != nil {
			return err
		}
		return s.record(ctx, tx, "tag.update", id, changes)
	})
	if err != nil {
		return Tag{}, fmt.Errorf("update tag %s: %w", id, err)
	}
	return tag, nil
}

// DeleteTag deletes a tag that no speech has. It returns fault.NotFound, and fault.Conflict (code tag_in_use), with
// the number of speeches, otherwise. Old game sessions keep showing its name.
func (s *Service) DeleteTag(ctx context.Context, id uuid.UUID) error {
	err := s.write(ctx, func(tx Store) error {
		tag, err := tx.Tag(ctx, id)
		if err != nil {
			return err
		}
		if err := tx.DeleteTag(ctx, id, s.moment()); err != nil {
			return err
		}
		return s.record(ctx, tx, "tag.delete", id, audit.Diff(tag.fields(), nil))
	})
	if err != nil {
		return fmt.Errorf("delete tag %s: %w", id, err)
	}
	return nil
}

// check returns the change as it is stored and notes in c every rule that it breaks.
func (t TagChange) check(c *fault.Check) TagChange {
	if t.Name != nil {
		name := CheckTagName(c, "name", *t.Name)
		t.Name = &name
	}
	if t.Category != nil {
		category := checkCategory(c, "category", *t.Category)
		t.Category = &category
	}
	return t
}

func (t TagChange) apply(tag Tag) Tag {
	if t.Name != nil {
		tag.Name = *t.Name
	}
	if t.Category != nil {
		tag.Category = *t.Category
	}
	return tag
}

// fields are the fields of a tag that the audit log follows, by their API names.
func (t Tag) fields() map[string]any {
	return map[string]any{"name": t.Name, "category": t.Category}
}
