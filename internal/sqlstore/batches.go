package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

const (
	insertBatch = `
	INSERT INTO import_batches (id, author, session_id, file_name, file_sha256, on_error, state, lease_until,
	                            created_count, unchanged_count, rejected_count, started_at, finished_at)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

	insertItems = `
	INSERT INTO import_items (batch_id, row_number, speech_id, object_key, outcome)`

	selectBatches = `
	SELECT id, author, session_id, file_name, file_sha256, on_error, state, lease_until, created_count, unchanged_count,
	       rejected_count, started_at, finished_at
	  FROM import_batches`

	selectItems = `
	SELECT row_number, speech_id, object_key, outcome
	  FROM import_items
	 WHERE batch_id = ?
	 ORDER BY row_number`

	renewLease = `UPDATE import_batches SET lease_until = ? WHERE id = ? AND state = 'running'`

	finishBatch = `
	UPDATE import_batches
	   SET state = ?, created_count = ?, unchanged_count = ?, rejected_count = ?, finished_at = ?
	 WHERE id = ? AND state = 'running'`

	// The items are there: only a conflicting insert takes a different value for each row in one statement on both
	// databases.
	setOutcomes = `
	ON CONFLICT (batch_id, row_number) DO UPDATE SET speech_id = excluded.speech_id, outcome = excluded.outcome`
)

type batchRow struct {
	ID         uuid.UUID  `db:"id"`
	Author     string     `db:"author"`
	SessionID  uuid.UUID  `db:"session_id"`
	FileName   string     `db:"file_name"`
	FileSHA256 string     `db:"file_sha256"`
	OnError    string     `db:"on_error"`
	State      string     `db:"state"`
	LeaseUntil timestamp  `db:"lease_until"`
	Created    int        `db:"created_count"`
	Unchanged  int        `db:"unchanged_count"`
	Rejected   int        `db:"rejected_count"`
	StartedAt  timestamp  `db:"started_at"`
	FinishedAt *timestamp `db:"finished_at"`
}

func (r batchRow) batch() importing.Batch {
	return importing.Batch{
		ID: r.ID, Author: r.Author, SessionID: r.SessionID, FileName: r.FileName, FileSHA256: r.FileSHA256,
		OnError: importing.OnError(r.OnError), State: importing.BatchState(r.State), LeaseUntil: r.LeaseUntil.time(),
		Created: r.Created, Unchanged: r.Unchanged, Rejected: r.Rejected, StartedAt: r.StartedAt.time(),
		FinishedAt: r.FinishedAt.timePtr(),
	}
}

type itemRow struct {
	RowNumber int       `db:"row_number"`
	SpeechID  uuid.UUID `db:"speech_id"`
	ObjectKey string    `db:"object_key"`
	Outcome   string    `db:"outcome"`
}

func (r itemRow) item() importing.Item {
	return importing.Item{Row: r.RowNumber, SpeechID: r.SpeechID, Key: r.ObjectKey, Outcome: importing.Outcome(r.Outcome)}
}

// itemRows are the values of insertItems.
func itemRows(batch uuid.UUID, items []importing.Item) [][]any {
	return convert(items, func(i importing.Item) []any { return []any{batch, i.Row, i.SpeechID, i.Key, i.Outcome} })
}

// InsertBatch implements importing.Store.
func (s *Importing) InsertBatch(ctx context.Context, b importing.Batch, items []importing.Item) error {
	return s.c.inTx(ctx, func(tx conn) error {
		_, err := tx.exec(ctx, insertBatch, b.ID, b.Author, b.SessionID, b.FileName, b.FileSHA256, b.OnError, b.State,
			timestamp(b.LeaseUntil), b.Created, b.Unchanged, b.Rejected, timestamp(b.StartedAt), timestampPtr(b.FinishedAt))
		if err != nil {
			return fmt.Errorf("insert import batch %s: %w", b.ID, err)
		}
		if _, err := tx.insertRows(ctx, insertItems, itemRows(b.ID, items), ``); err != nil {
			return fmt.Errorf("insert %d items of import batch %s: %w", len(items), b.ID, err)
		}
		return nil
	})
}

// Batch implements importing.Store.
func (s *Importing) Batch(ctx context.Context, id uuid.UUID) (importing.Batch, error) {
	var row batchRow
	if err := s.c.get(ctx, &row, selectBatches+` WHERE id = ?`, id); err != nil {
		return importing.Batch{}, noRowf(err, fault.NotFound("no import batch has the id %s", id), "select import batch %s", id)
	}
	return row.batch(), nil
}

// BatchItems implements importing.Store.
func (s *Importing) BatchItems(ctx context.Context, id uuid.UUID) ([]importing.Item, error) {
	var rows []itemRow
	if err := s.c.all(ctx, &rows, selectItems, id); err != nil {
		return nil, fmt.Errorf("select the items of import batch %s: %w", id, err)
	}
	return convert(rows, itemRow.item), nil
}

// RenewLease implements importing.Store.
func (s *Importing) RenewLease(ctx context.Context, id uuid.UUID, until time.Time) (bool, error) {
	n, err := s.c.exec(ctx, renewLease, timestamp(until), id)
	if err != nil {
		return false, fmt.Errorf("renew the lease of import batch %s: %w", id, err)
	}
	return n > 0, nil
}

// FinishBatch implements importing.Store.
func (s *Importing) FinishBatch(ctx context.Context, b importing.Batch) (bool, error) {
	n, err := s.c.exec(ctx, finishBatch, b.State, b.Created, b.Unchanged, b.Rejected, timestampPtr(b.FinishedAt), b.ID)
	if err != nil {
		return false, fmt.Errorf("finish import batch %s: %w", b.ID, err)
	}
	return n > 0, nil
}

// SetOutcomes implements importing.Store.
func (s *Importing) SetOutcomes(ctx context.Context, batch uuid.UUID, items []importing.Item) error {
	if _, err := s.c.insertRows(ctx, insertItems, itemRows(batch, items), setOutcomes); err != nil {
		return fmt.Errorf("set the outcomes of import batch %s: %w", batch, err)
	}
	return nil
}

// DeadBatches implements importing.Store. Those that died first come first.
func (s *Importing) DeadBatches(ctx context.Context, now time.Time) ([]importing.Batch, error) {
	var rows []batchRow
	err := s.c.all(ctx, &rows,
		selectBatches+` WHERE state = 'running' AND lease_until < ? ORDER BY lease_until, id`, timestamp(now))
	if err != nil {
		return nil, fmt.Errorf("select dead import batches: %w", err)
	}
	return convert(rows, batchRow.batch), nil
}
