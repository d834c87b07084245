package importing

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

// Discard throws an open upload session away with its recordings, also where ctx has ended: it is what a caller does
// who gives up. A session that is gone already is no error. It returns fault.Conflict (code upload_session_busy) while
// the session is being imported. Somebody else's session does not exist for the caller.
func (s *Service) Discard(ctx context.Context, id uuid.UUID) error {
	ctx, cancel := aftermath(ctx)
	defer cancel()
	_, err := s.openSession(ctx, s.store, id)
	if fault.Is(err, fault.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	closed, err := s.closeSession(ctx, id)
	if err != nil {
		return fmt.Errorf("close upload session %s: %w", id, err)
	}
	if !closed { // somebody was faster; a sweep removes what they leave
		return nil
	}
	_, err = s.dispose(ctx, id)
	return err
}

// closeSession keeps imports from an open session, for good, and writes the audit line about what was in it. It reports false
// where the session is no longer open.
func (s *Service) closeSession(ctx context.Context, id uuid.UUID) (closed bool, err error) {
	err = s.store.InTx(ctx, func(tx Store) error {
		if closed, err = tx.MoveUploadSession(ctx, id, SessionOpen, SessionUsed); err != nil || !closed {
			return err
		}
		files, err := tx.UploadFiles(ctx, id)
		if err != nil {
			return err
		}
		return s.record(ctx, tx, "import.discard", id, audit.Diff(fieldsOf(files), nil))
	})
	return closed, err
}
