package sqlstore

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

const (
	insertRejects = `INSERT INTO import_rejects (batch_id, file_name, content) VALUES (?, ?, ?)`

	selectRejects = `SELECT file_name, content FROM import_rejects WHERE batch_id = ?`
)

// InsertRejects implements importing.Store.
func (s *Importing) InsertRejects(ctx context.Context, batch uuid.UUID, rejected importing.Sheet) error {
	if _, err := s.c.exec(ctx, insertRejects, batch, rejected.FileName, rejected.Content); err != nil {
		return fmt.Errorf("write the rejected rows of batch %s: %w", batch, err)
	}
	return nil
}

// BatchRejects implements importing.Store.
func (s *Importing) BatchRejects(ctx context.Context, batch uuid.UUID) (importing.Sheet, error) {
	var row struct {
		FileName string `db:"file_name"`
		Content  []byte `db:"content"`
	}
	if err := s.c.get(ctx, &row, selectRejects, batch); err != nil {
		return importing.Sheet{}, noRowf(err, fault.NotFound("of import %s no rejected rows are kept", batch), "select the rejected rows of batch %s", batch)
	}
	return importing.Sheet(row), nil
}
