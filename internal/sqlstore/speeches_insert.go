package sqlstore

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/englishapp/englishctl/internal/catalog"
)

// insertSpeeches writes new speeches and their tag links in the running transaction.
type insertSpeeches func(ctx context.Context, tx conn, speeches []catalog.Speech) error

const (
	insertSpeechRows = `
	INSERT INTO speeches (id, audio_url, audio_sha256, text, level, type, batch_id, created_at, updated_at, deleted_at)`

	// A parameter for each column, however many rows: the server parses a short statement, and nothing is cut into pieces.
	// Why not COPY: docs/decisions/bulk-insert.md.
	insertSpeechesPG = insertSpeechRows + `
	SELECT *
	  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::timestamptz[],
	              $9::timestamptz[], $10::timestamptz[])`

	insertSpeechTagsPG = insertSpeechTags + `
	SELECT * FROM unnest($1::uuid[], $2::uuid[])`
)

// InsertSpeeches implements catalog.Store.
func (s *Catalog) InsertSpeeches(ctx context.Context, speeches []catalog.Speech) error {
	if len(speeches) == 0 {
		return nil
	}
	return s.c.inTx(ctx, func(tx conn) error {
		if err := tx.db.dialect.insertSpeeches(ctx, tx, speeches); err != nil {
			return fmt.Errorf("insert %d speeches: %w", len(speeches), err)
		}
		tx.changed(convert(speeches, func(s catalog.Speech) uuid.UUID { return s.ID })...)
		return nil
	})
}

func insertSpeechesPostgres(ctx context.Context, tx conn, speeches []catalog.Speech) error {
	if _, err := tx.exec(ctx, insertSpeechesPG,
		column(speeches, func(s catalog.Speech) uuid.UUID { return s.ID }),
		column(speeches, func(s catalog.Speech) string { return s.Audio }),
		column(speeches, func(s catalog.Speech) *string { return orNull(s.AudioSHA256) }),
		column(speeches, func(s catalog.Speech) string { return s.Text }),
		column(speeches, func(s catalog.Speech) string { return string(s.Level) }),
		column(speeches, func(s catalog.Speech) string { return string(s.Type) }),
		column(speeches, func(s catalog.Speech) *uuid.UUID { return s.BatchID }),
		column(speeches, func(s catalog.Speech) timestamp { return timestamp(s.CreatedAt) }),
		column(speeches, func(s catalog.Speech) timestamp { return timestamp(s.UpdatedAt) }),
		column(speeches, func(s catalog.Speech) *timestamp { return timestampPtr(s.DeletedAt) }),
	); err != nil {
		return err
	}
	var ids, tags []uuid.UUID
	for _, s := range speeches {
		for _, t := range s.Tags {
			ids, tags = append(ids, s.ID), append(tags, t.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if _, err := tx.exec(ctx, insertSpeechTagsPG, pq.Array(ids), pq.Array(tags)); err != nil {
		return fmt.Errorf("insert %d tag links: %w", len(ids), err)
	}
	return nil
}

func insertSpeechesSQLite(ctx context.Context, tx conn, speeches []catalog.Speech) error {
	rows := make([][]any, 0, len(speeches))
	var links [][]any
	for _, s := range speeches {
		rows = append(rows, []any{
			s.ID, s.Audio, orNull(s.AudioSHA256), s.Text, s.Level, s.Type, s.BatchID, timestamp(s.CreatedAt),
			timestamp(s.UpdatedAt), timestampPtr(s.DeletedAt),
		})
		links = append(links, tagLinks(s)...)
	}
	if _, err := tx.insertRows(ctx, insertSpeechRows, rows, ``); err != nil {
		return err
	}
	if _, err := tx.insertRows(ctx, insertSpeechTags, links, ``); err != nil {
		return fmt.Errorf("insert %d tag links: %w", len(links), err)
	}
	return nil
}
