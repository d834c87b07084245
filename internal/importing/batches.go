package importing

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

// MaxBatches is the largest page of imports.
const MaxBatches = 200

// BatchRow is a row of a batch as it is looked at afterwards.
type BatchRow struct {
	// Row counts data rows from 1.
	Row int
	// SpeechID is the speech that the row created or equals. Of a batch that is not done it may not exist.
	SpeechID uuid.UUID
	Outcome  Outcome
	// Text is what the speech says now, deleted or not; empty where there is no such speech.
	Text string
	// Deleted says that the speech has been deleted since, by an undo or otherwise.
	Deleted bool
}

// Batches returns one page of all imports, whoever made them, newest first, and how many there are. It returns
// fault.Invalid for a page below 1 and a limit outside 1 to 200.
func (s *Service) Batches(ctx context.Context, p paging.Page) ([]Batch, int, error) {
	var c fault.Check
	p.Check(&c, MaxBatches)
	if err := c.Err(); err != nil {
		return nil, 0, err
	}
	batches, total, err := s.store.Batches(ctx, p)
	if err != nil {
		return nil, 0, fmt.Errorf("list the imports: %w", err)
	}
	return batches, total, nil
}

// Batch returns an import with its rows; rejected rows were never part of it. It returns fault.NotFound if there is no
// such import.
func (s *Service) Batch(ctx context.Context, id uuid.UUID) (Batch, []BatchRow, error) {
	batch, err := s.store.Batch(ctx, id)
	if err != nil {
		return Batch{}, nil, fmt.Errorf("read import batch %s: %w", id, err)
	}
	items, err := s.store.BatchItems(ctx, id)
	if err != nil {
		return Batch{}, nil, fmt.Errorf("read the items of import batch %s: %w", id, err)
	}
	rows := make([]BatchRow, len(items))
	ids := make([]uuid.UUID, len(items))
	for i, item := range items {
		rows[i] = BatchRow{Row: item.Row, SpeechID: item.SpeechID, Outcome: item.Outcome}
		ids[i] = item.SpeechID
	}
	speeches, err := s.store.Catalog().SpeechesEver(ctx, ids)
	if err != nil {
		return Batch{}, nil, fmt.Errorf("read the speeches of import batch %s: %w", id, err)
	}
	place := make(map[uuid.UUID]int, len(speeches))
	for i, sp := range speeches {
		place[sp.ID] = i
	}
	for i := range rows {
		if at, ok := place[rows[i].SpeechID]; ok {
			rows[i].Text, rows[i].Deleted = speeches[at].Text, speeches[at].DeletedAt != nil
		}
	}
	return batch, rows, nil
}
