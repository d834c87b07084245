package importing_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/paging"
)

func (m *memStore) Batches(ctx context.Context, p paging.Page) (batches []importing.Batch, total int, err error) {
	err = m.do(ctx, "Batches", func() error {
		for _, b := range m.batches {
			batches = append(batches, b)
		}
		return nil
	})
	slices.SortFunc(batches, func(a, b importing.Batch) int { return b.StartedAt.Compare(a.StartedAt) })
	total = len(batches)
	from := min(int(p.Offset()), total)
	return batches[from:min(from+p.Limit, total)], total, err
}

func (m *memStore) BatchSpeeches(ctx context.Context, batch uuid.UUID) ([]catalog.Speech, error) {
	var ids []uuid.UUID
	err := m.do(ctx, "BatchSpeeches", func() error {
		for _, item := range m.items[batch] {
			if item.Outcome == importing.Created {
				ids = append(ids, item.SpeechID)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	speeches, err := m.cat.SpeechesByID(ctx, ids)
	slices.SortFunc(speeches, func(a, b catalog.Speech) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return speeches, err
}

func (m *memStore) PlayedSpeeches(ctx context.Context, _ uuid.UUID) (played map[uuid.UUID]bool, err error) {
	err = m.do(ctx, "PlayedSpeeches", func() error { played = m.played; return nil })
	return played, err
}

func (m *memStore) RemoveSpeeches(ctx context.Context, ids []uuid.UUID, at time.Time) error {
	if err := m.do(ctx, "RemoveSpeeches", func() error { return nil }); err != nil {
		return err
	}
	for _, id := range ids {
		if err := m.cat.DeleteSpeech(ctx, id, at); err != nil {
			return err
		}
	}
	return nil
}

func (m *memStore) MarkUndone(ctx context.Context, batch uuid.UUID) error {
	return m.do(ctx, "MarkUndone", func() error {
		b := m.batches[batch]
		if b.State != importing.BatchDone {
			return errors.New("it is not done")
		}
		b.State = importing.BatchUndone
		m.batches[batch] = b
		return nil
	})
}

func (m *memStore) InsertRejects(ctx context.Context, batch uuid.UUID, rejected importing.Sheet) error {
	return m.do(ctx, "InsertRejects", func() error { m.rejects[batch] = rejected; return nil })
}

func (m *memStore) BatchRejects(ctx context.Context, batch uuid.UUID) (rejected importing.Sheet, err error) {
	err = m.do(ctx, "BatchRejects", func() error {
		var kept bool
		if rejected, kept = m.rejects[batch]; !kept {
			return fault.NotFound("no rejects")
		}
		return nil
	})
	return rejected, err
}
