package importing

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
)

// chunk is how many keys are looked up or deleted at a time.
const chunk = 500

// breakOff ends a batch that could not be carried out: it is failed, its copies are deleted and its session is open
// again. done is true if the transaction was committed after all, so that there is nothing to break off.
//
// Copies are deleted only once the batch is known to have failed. While the database does not answer, that is left to
// the sweep, which finds the batch as soon as its lease has run out.
func (im *run) breakOff(ctx context.Context) (done bool, err error) {
	ctx, cancel := aftermath(ctx)
	defer cancel()
	failed, err := im.fail(ctx, im.batch)
	if err != nil {
		return false, err
	}
	if !failed {
		batch, err := im.store.Batch(ctx, im.batch.ID)
		if err != nil {
			return false, fmt.Errorf("read import batch %s: %w", im.batch.ID, err)
		}
		if batch.State == BatchDone {
			return true, nil
		}
	}
	return false, im.deleteObjects(ctx, slices.Collect(maps.Keys(im.copied)))
}

// fail moves a running batch to failed, opens its session again, and reports whether the batch was still running.
func (s *Service) fail(ctx context.Context, b Batch) (failed bool, err error) {
	now := s.moment()
	b.State, b.FinishedAt = BatchFailed, &now
	err = s.store.InTx(ctx, func(tx Store) error {
		if failed, err = tx.FinishBatch(ctx, b); err != nil || !failed {
			return err
		}
		_, err = tx.MoveUploadSession(ctx, b.SessionID, SessionImporting, SessionOpen)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("give up import batch %s: %w", b.ID, err)
	}
	return failed, nil
}

// tidy removes what a successful import leaves behind. The import is done: what does not succeed is for the log, and
// for the sweep.
func (im *run) tidy(ctx context.Context) {
	ctx, cancel := aftermath(ctx)
	defer cancel()
	if err := im.deleteObjects(ctx, im.spareCopies()); err != nil {
		im.warn(ctx, "delete the copies that were not needed", err)
	}
	if im.result.sessionUsed {
		if _, err := im.dispose(ctx, im.batch.SessionID); err != nil {
			im.warn(ctx, "remove the used upload session", err)
		}
		return
	}
	if err := im.drop(ctx, spentFiles(im.result.fates)); err != nil {
		im.warn(ctx, "remove the used files of the upload session", err)
	}
}

func (im *run) warn(ctx context.Context, step string, err error) {
	im.cfg.Log.WarnContext(ctx, "tidy up after an import", "step", step, "batch", im.batch.ID, "error", err)
}

// spareCopies are the copies whose rows turned out to equal a speech at the last moment.
func (im *run) spareCopies() []string {
	spare := maps.Clone(im.copied)
	for _, r := range created(im.result.fates) {
		delete(spare, r.key)
	}
	return slices.Collect(maps.Keys(spare))
}

// deleteObjects deletes objects that nobody refers to any longer, in chunks.
func (s *Service) deleteObjects(ctx context.Context, keys []string) error {
	for part := range slices.Chunk(keys, chunk) {
		if err := s.objects.Delete(ctx, part...); err != nil {
			return fmt.Errorf("delete recordings: %w", err)
		}
	}
	return nil
}

// dispose removes a used session: first its objects, then its records. It returns how many files it had.
func (s *Service) dispose(ctx context.Context, session uuid.UUID) (files int, err error) {
	list, err := s.store.UploadFiles(ctx, session)
	if err != nil {
		return 0, fmt.Errorf("read the files of upload session %s: %w", session, err)
	}
	if err := s.deleteObjects(ctx, fileKeys(list)); err != nil {
		return 0, err
	}
	if err := s.store.DeleteUploadSession(ctx, session); err != nil {
		return 0, fmt.Errorf("delete upload session %s: %w", session, err)
	}
	return len(list), nil
}
