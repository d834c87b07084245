package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
)

const (
	countLiveSpeeches = `SELECT count(*) FROM speeches WHERE deleted_at IS NULL`

	// One row for each tag of a speech, and one with a null for a speech without tags: neither database can stream two
	// results side by side on one connection.
	selectSpeechKeys = `
	SELECT s.id, s.level, s.type, st.tag_id
	  FROM speeches s
	  LEFT JOIN speech_tags st ON st.speech_id = s.id
	 WHERE s.deleted_at IS NULL
	 ORDER BY s.id, st.tag_id`
)

// Snapshot implements catalog.Store. Rows are read one by one; what is kept for a speech is its key and 16 bytes a tag.
func (s *Catalog) Snapshot(ctx context.Context) (catalog.Snapshot, error) {
	var snapshot catalog.Snapshot
	err := s.c.inOneVersion(ctx, func(tx conn) error {
		bound := &Catalog{tx}
		var err error
		if snapshot.Version, err = bound.Version(ctx); err != nil {
			return err
		}
		if snapshot.Tags, err = bound.Tags(ctx); err != nil {
			return err
		}
		snapshot.Speeches, err = tx.speechKeys(ctx)
		return err
	})
	if err != nil {
		return catalog.Snapshot{}, fmt.Errorf("read a snapshot of the catalogue: %w", err)
	}
	return snapshot, nil
}

func (c conn) speechKeys(ctx context.Context) ([]catalog.SpeechKey, error) {
	var count int
	if err := c.get(ctx, &count, countLiveSpeeches); err != nil {
		return nil, fmt.Errorf("count speeches: %w", err)
	}
	keys := speechKeys{list: make([]catalog.SpeechKey, 0, count)}
	if err := c.each(ctx, keys.add, selectSpeechKeys); err != nil {
		return nil, fmt.Errorf("select speeches: %w", err)
	}
	return keys.list, nil
}

// speechKeys collects rows of selectSpeechKeys, sparing with memory: a million of them fit.
type speechKeys struct {
	list []catalog.SpeechKey
	// block is where tag ids go, many to an allocation; a speech's Tags are a piece of it.
	block []uuid.UUID
	// row is scanned into again and again.
	row struct {
		id         uuid.UUID
		level, typ sql.RawBytes
		tag        uuid.NullUUID
	}
}

// tagBlock is how many tag ids are allocated at a time.
const tagBlock = 4096

func (k *speechKeys) add(rows *sql.Rows) error {
	row := &k.row
	if err := rows.Scan(&row.id, &row.level, &row.typ, &row.tag); err != nil {
		return fmt.Errorf("scan a speech: %w", err)
	}
	if n := len(k.list); n == 0 || k.list[n-1].ID != row.id {
		k.list = append(k.list, catalog.SpeechKey{
			ID: row.id, Level: known(catalog.Levels, row.level), Type: known(catalog.SentenceTypes, row.typ),
		})
	}
	if row.tag.Valid {
		k.addTag(&k.list[len(k.list)-1], row.tag.UUID)
	}
	return nil
}

// addTag appends to the tags of the last speech, which are the end of the block.
func (k *speechKeys) addTag(s *catalog.SpeechKey, tag uuid.UUID) {
	if len(k.block) == cap(k.block) {
		k.block = append(make([]uuid.UUID, 0, tagBlock+len(s.Tags)), s.Tags...)
	}
	k.block = append(k.block, tag)
	first := len(k.block) - len(s.Tags) - 1
	s.Tags = k.block[first:len(k.block):len(k.block)]
}

// known returns the constant that equals b, so that a million rows share a few strings.
func known[T ~string](values []T, b []byte) T {
	for _, v := range values {
		if string(v) == string(b) {
			return v
		}
	}
	return T(b)
}
