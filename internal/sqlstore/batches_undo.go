package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/paging"
)

const (
	countBatches = `SELECT count(*) FROM import_batches`

	selectBatchSpeeches = `
	SELECT` + speechColumns + `
	  FROM import_items i
	  JOIN speeches s ON s.id = i.speech_id
	 WHERE i.batch_id = ? AND i.outcome = 'created' AND s.deleted_at IS NULL
	 ORDER BY i.row_number`

	selectPlayedSpeeches = `
	SELECT s.id
	  FROM speeches s
	 WHERE s.batch_id = ? AND EXISTS (SELECT 1 FROM game_results r WHERE r.speech_id = s.id)`

	removeSpeeches    = `UPDATE speeches SET deleted_at = ? WHERE deleted_at IS NULL AND id`
	removeSpeechLinks = `DELETE FROM speech_tags WHERE speech_id`

	markUndone = `UPDATE import_batches SET state = 'undone' WHERE id = ? AND state = 'done'`
)

// Batches implements importing.Store.
func (s *Importing) Batches(ctx context.Context, p paging.Page) ([]importing.Batch, int, error) {
	var total int
	if err := s.c.get(ctx, &total, countBatches); err != nil {
		return nil, 0, fmt.Errorf("count import batches: %w", err)
	}
	var rows []batchRow
	err := s.c.all(ctx, &rows, selectBatches+` ORDER BY started_at DESC, id DESC LIMIT ? OFFSET ?`, p.Limit, p.Offset())
	if err != nil {
		return nil, 0, fmt.Errorf("select import batches: %w", err)
	}
	return convert(rows, batchRow.batch), total, nil
}

// BatchSpeeches implements importing.Store.
func (s *Importing) BatchSpeeches(ctx context.Context, batch uuid.UUID) ([]catalog.Speech, error) {
	var rows []speechRow
	if err := s.c.all(ctx, &rows, selectBatchSpeeches, batch); err != nil {
		return nil, fmt.Errorf("select the speeches of import batch %s: %w", batch, err)
	}
	return convert(rows, speechRow.speech), nil
}

// PlayedSpeeches implements importing.Store.
func (s *Importing) PlayedSpeeches(ctx context.Context, batch uuid.UUID) (map[uuid.UUID]bool, error) {
	var ids []uuid.UUID
	if err := s.c.all(ctx, &ids, selectPlayedSpeeches, batch); err != nil {
		return nil, fmt.Errorf("select the played speeches of import batch %s: %w", batch, err)
	}
	played := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		played[id] = true
	}
	return played, nil
}

// RemoveSpeeches implements importing.Store.
func (s *Importing) RemoveSpeeches(ctx context.Context, ids []uuid.UUID, at time.Time) error {
	list, err := s.c.list(ids)
	if err != nil {
		return err
	}
	return s.c.inTx(ctx, func(tx conn) error {
		if _, err := tx.exec(ctx, removeSpeeches+tx.db.dialect.inUUIDs, timestamp(at), list); err != nil {
			return fmt.Errorf("delete %d speeches: %w", len(ids), err)
		}
		if _, err := tx.exec(ctx, removeSpeechLinks+tx.db.dialect.inUUIDs, list); err != nil {
			return fmt.Errorf("delete the tags of %d speeches: %w", len(ids), err)
		}
		tx.changed(ids...)
		return nil
	})
}

// MarkUndone implements importing.Store.
func (s *Importing) MarkUndone(ctx context.Context, batch uuid.UUID) error {
	if _, err := s.c.exec(ctx, markUndone, batch); err != nil {
		return fmt.Errorf("mark import batch %s undone: %w", batch, err)
	}
	return nil
}
