package sqlstore

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

const (
	putUploadSheet = `
	INSERT INTO upload_sheets (session_id, file_name, content)
	VALUES (?, ?, ?)
	ON CONFLICT (session_id) DO UPDATE SET file_name = excluded.file_name, content = excluded.content`

	selectUploadSheet = `SELECT file_name, content FROM upload_sheets WHERE session_id = ?`
)

// PutUploadSheet implements importing.Store. A session that is gone meanwhile is fault.NotFound.
func (s *Importing) PutUploadSheet(ctx context.Context, session uuid.UUID, sheet importing.Sheet) error {
	_, err := s.c.exec(ctx, putUploadSheet, session, sheet.FileName, sheet.Content)
	if hasCode(err, codeDangling) {
		return fault.NotFound("no upload session has the id %s", session).WithCause(err)
	}
	if err != nil {
		return fmt.Errorf("write the sheet of upload session %s: %w", session, err)
	}
	return nil
}

// UploadSheet implements importing.Store.
func (s *Importing) UploadSheet(ctx context.Context, session uuid.UUID) (importing.Sheet, error) {
	var row struct {
		FileName string `db:"file_name"`
		Content  []byte `db:"content"`
	}
	if err := s.c.get(ctx, &row, selectUploadSheet, session); err != nil {
		return importing.Sheet{}, noRowf(err, fault.NotFound("the upload session %s has no file with sentences", session), "select the sheet of upload session %s", session)
	}
	return importing.Sheet(row), nil
}
