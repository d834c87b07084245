package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// Every link counts: a speech that is deleted loses its links with it.
	selectTags = `
	SELECT t.id, t.name, t.category, t.created_at,
	       (SELECT count(*) FROM speech_tags st WHERE st.tag_id = t.id) AS speech_count
	  FROM tags t
	 WHERE t.deleted_at IS NULL`

	orderTags = ` ORDER BY t.category IS NULL, t.category, t.name_key, t.id`

	selectTagNames = `SELECT id, name FROM tags WHERE id`

	// A taken name is no error to the database, so that the transaction around it can go on.
	insertTags     = `INSERT INTO tags (id, name, name_key, category, created_at)`
	unlessNameUsed = ` ON CONFLICT (name_key) WHERE deleted_at IS NULL DO NOTHING`

	selectTagByKey = `SELECT name FROM tags WHERE name_key = ? AND deleted_at IS NULL`

	updateTag = `
	UPDATE tags
	   SET name = ?, name_key = ?, category = ?
	 WHERE id = ? AND deleted_at IS NULL
	   AND NOT EXISTS (SELECT 1 FROM tags o WHERE o.name_key = ? AND o.id <> tags.id AND o.deleted_at IS NULL)`

	deleteTag = `
	UPDATE tags
	   SET deleted_at = ?
	 WHERE id = ? AND deleted_at IS NULL
	   AND NOT EXISTS (SELECT 1
	                     FROM speech_tags st
	                     JOIN speeches s ON s.id = st.speech_id AND s.deleted_at IS NULL
	                    WHERE st.tag_id = tags.id)`
)

type tagRow struct {
	ID          uuid.UUID `db:"id"`
	Name        string    `db:"name"`
	Category    *string   `db:"category"`
	CreatedAt   timestamp `db:"created_at"`
	SpeechCount int       `db:"speech_count"`
}

func (r tagRow) tag() catalog.Tag {
	return catalog.Tag{
		ID: r.ID, Name: r.Name, Category: orEmpty(r.Category), SpeechCount: r.SpeechCount, CreatedAt: r.CreatedAt.time(),
	}
}

// Tag implements catalog.Store.
func (s *Catalog) Tag(ctx context.Context, id uuid.UUID) (catalog.Tag, error) {
	var row tagRow
	if err := s.c.get(ctx, &row, selectTags+` AND t.id = ?`, id); err != nil {
		return catalog.Tag{}, noRowf(err, errNoTag(id), "select tag %s", id)
	}
	return row.tag(), nil
}

// Tags implements catalog.Store. Names are ordered as they are compared, ignoring case.
func (s *Catalog) Tags(ctx context.Context) ([]catalog.Tag, error) {
	return s.c.tags(ctx, selectTags+orderTags)
}

// TagsByID implements catalog.Store.
func (s *Catalog) TagsByID(ctx context.Context, ids []uuid.UUID) ([]catalog.Tag, error) {
	list, err := s.c.list(ids)
	if err != nil {
		return nil, err
	}
	return s.c.tags(ctx, selectTags+` AND t.id`+s.c.db.dialect.inUUIDs+orderTags, list)
}

func (c conn) tags(ctx context.Context, query string, args ...any) ([]catalog.Tag, error) {
	var rows []tagRow
	if err := c.all(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("select tags: %w", err)
	}
	return convert(rows, tagRow.tag), nil
}

// TagNamesEver implements catalog.Store.
func (s *Catalog) TagNamesEver(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	list, err := s.c.list(ids)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ID   uuid.UUID `db:"id"`
		Name string    `db:"name"`
	}
	if err := s.c.all(ctx, &rows, selectTagNames+s.c.db.dialect.inUUIDs, list); err != nil {
		return nil, fmt.Errorf("select tag names: %w", err)
	}
	names := make(map[uuid.UUID]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, nil
}

// InsertTag implements catalog.Store.
func (s *Catalog) InsertTag(ctx context.Context, t catalog.Tag) error {
	return s.c.inTx(ctx, func(tx conn) error {
		n, err := tx.insertRows(ctx, insertTags, [][]any{newTagRow(t)}, unlessNameUsed)
		if err != nil {
			return fmt.Errorf("insert tag %s: %w", t.ID, err)
		}
		if n == 0 {
			return tx.tagExists(ctx, t.Name)
		}
		return nil
	})
}

func newTagRow(t catalog.Tag) []any {
	return []any{t.ID, t.Name, catalog.FoldName(t.Name), orNull(t.Category), timestamp(t.CreatedAt)}
}

// UpdateTag implements catalog.Store.
func (s *Catalog) UpdateTag(ctx context.Context, t catalog.Tag) error {
	key := catalog.FoldName(t.Name)
	return s.c.inTx(ctx, func(tx conn) error {
		n, err := tx.exec(ctx, updateTag, t.Name, key, orNull(t.Category), t.ID, key)
		if hasCode(err, codeDuplicate) { // the name was taken while this statement ran
			return errTagExists(t.Name).WithCause(err)
		}
		if err != nil {
			return fmt.Errorf("update tag %s: %w", t.ID, err)
		}
		if n > 0 {
			return nil
		}
		if _, err := (&Catalog{tx}).Tag(ctx, t.ID); err != nil {
			return err
		}
		return tx.tagExists(ctx, t.Name)
	})
}

// DeleteTag implements catalog.Store.
func (s *Catalog) DeleteTag(ctx context.Context, id uuid.UUID, at time.Time) error {
	return s.c.inTx(ctx, func(tx conn) error {
		n, err := tx.exec(ctx, deleteTag, timestamp(at), id)
		if err != nil {
			return fmt.Errorf("delete tag %s: %w", id, err)
		}
		if n > 0 {
			return nil
		}
		tag, err := (&Catalog{tx}).Tag(ctx, id)
		if err != nil {
			return err
		}
		return fault.Conflict("the tag %q cannot be deleted: %d speeches have it", tag.Name, tag.SpeechCount).
			WithCode("tag_in_use")
	})
}

// tagExists is the fault that names the tag whose name is in the way of another.
func (c conn) tagExists(ctx context.Context, name string) error {
	var taken string
	err := c.get(ctx, &taken, selectTagByKey, catalog.FoldName(name))
	if errors.Is(err, sql.ErrNoRows) { // deleted meanwhile
		taken = name
	} else if err != nil {
		return fmt.Errorf("select the tag that is called %q: %w", name, err)
	}
	return errTagExists(taken)
}

func errTagExists(taken string) *fault.Error {
	return fault.Conflict("there is a tag %q already (names ignore case)", taken).WithCode("tag_exists")
}

func errNoTag(id uuid.UUID) error { return fault.NotFound("no tag has the id %s", id) }
