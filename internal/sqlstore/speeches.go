package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

const (
	speechColumns = `
	       s.id, s.audio_url, s.audio_sha256, s.text, s.level, s.type, s.batch_id, s.created_at, s.updated_at, s.deleted_at`

	selectSpeeches = `
	SELECT` + speechColumns + `
	  FROM speeches s`

	selectSpeechTags = `
	SELECT st.speech_id, t.id, t.name
	  FROM speech_tags st
	  JOIN tags t ON t.id = st.tag_id
	 WHERE t.deleted_at IS NULL AND st.speech_id %s
	 ORDER BY t.name_key, t.id`

	insertSpeechTags = `
	INSERT INTO speech_tags (speech_id, tag_id)`

	updateSpeech = `
	UPDATE speeches
	   SET audio_url = ?, audio_sha256 = ?, text = ?, level = ?, type = ?, updated_at = ?
	 WHERE id = ? AND deleted_at IS NULL`

	deleteSpeech     = `UPDATE speeches SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL`
	deleteSpeechTags = `DELETE FROM speech_tags WHERE speech_id = ?`
)

type speechRow struct {
	ID          uuid.UUID  `db:"id"`
	AudioURL    string     `db:"audio_url"`
	AudioSHA256 *string    `db:"audio_sha256"`
	Text        string     `db:"text"`
	Level       string     `db:"level"`
	Type        string     `db:"type"`
	BatchID     *uuid.UUID `db:"batch_id"`
	CreatedAt   timestamp  `db:"created_at"`
	UpdatedAt   timestamp  `db:"updated_at"`
	DeletedAt   *timestamp `db:"deleted_at"`
}

func (r speechRow) speech() catalog.Speech {
	return catalog.Speech{
		ID: r.ID, Audio: r.AudioURL, AudioSHA256: orEmpty(r.AudioSHA256), Text: r.Text, Level: catalog.Level(r.Level),
		Type: catalog.SentenceType(r.Type), BatchID: r.BatchID, CreatedAt: r.CreatedAt.time(),
		UpdatedAt: r.UpdatedAt.time(), DeletedAt: r.DeletedAt.timePtr(),
	}
}

// Speech implements catalog.Store.
func (s *Catalog) Speech(ctx context.Context, id uuid.UUID) (catalog.Speech, error) {
	var row speechRow
	if err := s.c.get(ctx, &row, selectSpeeches+` WHERE s.id = ? AND s.deleted_at IS NULL`, id); err != nil {
		return catalog.Speech{}, noRowf(err, errNoSpeech(id), "select speech %s", id)
	}
	speeches, err := s.c.withTags(ctx, []speechRow{row})
	if err != nil {
		return catalog.Speech{}, err
	}
	return speeches[0], nil
}

// SpeechesByID implements catalog.Store.
func (s *Catalog) SpeechesByID(ctx context.Context, ids []uuid.UUID) ([]catalog.Speech, error) {
	return s.c.speechesByID(ctx, ids, ` AND s.deleted_at IS NULL`)
}

// SpeechesEver implements catalog.Store.
func (s *Catalog) SpeechesEver(ctx context.Context, ids []uuid.UUID) ([]catalog.Speech, error) {
	return s.c.speechesByID(ctx, ids, ``)
}

func (c conn) speechesByID(ctx context.Context, ids []uuid.UUID, and string) ([]catalog.Speech, error) {
	list, err := c.list(ids)
	if err != nil {
		return nil, err
	}
	return c.speeches(ctx, selectSpeeches+` WHERE s.id`+c.db.dialect.inUUIDs+and, list)
}

// speeches runs a query for speechColumns and adds the tags with one more.
func (c conn) speeches(ctx context.Context, query string, args ...any) ([]catalog.Speech, error) {
	var rows []speechRow
	if err := c.all(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("select speeches: %w", err)
	}
	return c.withTags(ctx, rows)
}

func (c conn) withTags(ctx context.Context, rows []speechRow) ([]catalog.Speech, error) {
	speeches := convert(rows, speechRow.speech)
	if len(speeches) == 0 {
		return speeches, nil
	}
	place := make(map[uuid.UUID]int, len(speeches))
	ids := make([]uuid.UUID, len(speeches))
	for i, sp := range speeches {
		place[sp.ID], ids[i] = i, sp.ID
	}
	list, err := c.list(ids)
	if err != nil {
		return nil, err
	}
	err = c.each(ctx, func(row *sql.Rows) error {
		var speech uuid.UUID
		var tag catalog.TagRef
		if err := row.Scan(&speech, &tag.ID, &tag.Name); err != nil {
			return err
		}
		sp := &speeches[place[speech]]
		sp.Tags = append(sp.Tags, tag)
		return nil
	}, fmt.Sprintf(selectSpeechTags, c.db.dialect.inUUIDs), list)
	if err != nil {
		return nil, fmt.Errorf("select the tags of speeches: %w", err)
	}
	return speeches, nil
}

func tagLinks(sp catalog.Speech) [][]any {
	return convert(sp.Tags, func(t catalog.TagRef) []any { return []any{sp.ID, t.ID} })
}

// UpdateSpeech implements catalog.Store.
func (s *Catalog) UpdateSpeech(ctx context.Context, sp catalog.Speech) error {
	return s.c.inTx(ctx, func(tx conn) error {
		n, err := tx.exec(ctx, updateSpeech, sp.Audio, orNull(sp.AudioSHA256), sp.Text, sp.Level, sp.Type,
			timestamp(sp.UpdatedAt), sp.ID)
		if err != nil {
			return fmt.Errorf("update speech %s: %w", sp.ID, err)
		}
		if n == 0 {
			return errNoSpeech(sp.ID)
		}
		if _, err := tx.exec(ctx, deleteSpeechTags, sp.ID); err != nil {
			return fmt.Errorf("delete the tags of speech %s: %w", sp.ID, err)
		}
		if _, err := tx.insertRows(ctx, insertSpeechTags, tagLinks(sp), ``); err != nil {
			return fmt.Errorf("insert the tags of speech %s: %w", sp.ID, err)
		}
		tx.changed(sp.ID)
		return nil
	})
}

// DeleteSpeech implements catalog.Store.
func (s *Catalog) DeleteSpeech(ctx context.Context, id uuid.UUID, at time.Time) error {
	return s.c.inTx(ctx, func(tx conn) error {
		n, err := tx.exec(ctx, deleteSpeech, timestamp(at), id)
		if err != nil {
			return fmt.Errorf("delete speech %s: %w", id, err)
		}
		if n == 0 {
			return errNoSpeech(id)
		}
		if _, err := tx.exec(ctx, deleteSpeechTags, id); err != nil {
			return fmt.Errorf("delete the tags of speech %s: %w", id, err)
		}
		tx.changed(id)
		return nil
	})
}

func errNoSpeech(id uuid.UUID) error { return fault.NotFound("no speech has the id %s", id) }
