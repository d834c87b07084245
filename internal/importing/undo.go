package importing

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// Undone is what taking an import back has done.
type Undone struct {
	// Removed counts the speeches that were deleted.
	Removed int
	// Kept are those that were not, in the order of the rows.
	Kept []Kept
}

// Kept is a speech that an import created and that stays although the import was undone.
type Kept struct {
	SpeechID uuid.UUID
	Text     string
	Reason   KeptReason
}

// KeptReason says why a speech stays.
type KeptReason string

// The reasons to keep a speech.
const (
	// KeptEdited was changed after the import: that work is somebody else's.
	KeptEdited KeptReason = "edited"
	// KeptPlayed stands in the history of a learner.
	KeptPlayed KeptReason = "played"
)

// Undo takes a finished import back in one transaction: the speeches that it created are deleted, but for those that
// somebody has edited since or a learner has played. What was deleted before is neither removed nor kept.
//
// Deleted means here what it means everywhere: gone from selection, lists and tags, while the row and its recording
// stay. A phone may hold a removed speech in a game that it has yet to save, and that game's history will want both.
// Tags stay, also those that the import brought: others may have begun to use them. Tags that the import added to
// speeches that it found there already stay too.
//
// It returns fault.NotFound if there is no such import, and fault.Conflict if it is not there to be undone: it runs
// (code import_running), has failed (import_failed) or was undone before (import_undone).
func (s *Service) Undo(ctx context.Context, id uuid.UUID) (Undone, error) {
	var undone Undone
	err := s.store.InTx(ctx, func(tx Store) error {
		// First, so that nobody edits a speech between the look at it and its deletion.
		if err := tx.Catalog().BumpVersion(ctx); err != nil {
			return err
		}
		batch, err := tx.Batch(ctx, id)
		if err != nil {
			return err
		}
		if err := batch.checkUndoable(); err != nil {
			return err
		}
		undone, err = s.takeBack(ctx, tx, id)
		return err
	})
	if err != nil {
		return Undone{}, fmt.Errorf("undo import batch %s: %w", id, err)
	}
	s.catalogue.Changed()
	return undone, nil
}

// checkUndoable returns fault.Conflict unless the batch is done.
func (b Batch) checkUndoable() error {
	switch b.State {
	case BatchRunning:
		return fault.Conflict("The import %s is still running", b.ID).WithCode("import_running")
	case BatchFailed:
		return fault.Conflict("The import %s has failed and changed nothing: there is nothing to undo", b.ID).WithCode("import_failed")
	case BatchUndone:
		return fault.Conflict("The import %s was undone before", b.ID).WithCode("import_undone")
	}
	return nil
}

// takeBack deletes what may be deleted and marks the batch. A done batch leaves that state here only, under the lock
// that every undo takes first.
func (s *Service) takeBack(ctx context.Context, tx Store, batch uuid.UUID) (Undone, error) {
	speeches, err := tx.BatchSpeeches(ctx, batch)
	if err != nil {
		return Undone{}, err
	}
	played, err := tx.PlayedSpeeches(ctx, batch)
	if err != nil {
		return Undone{}, err
	}
	remove, kept := sortOut(speeches, played)
	if err := tx.RemoveSpeeches(ctx, remove, s.moment()); err != nil {
		return Undone{}, err
	}
	if err := tx.MarkUndone(ctx, batch); err != nil {
		return Undone{}, err
	}
	err = s.record(ctx, tx, "import.undo", batch, audit.Diff(nil, map[string]any{"removed": len(remove), "kept": len(kept)}))
	return Undone{Removed: len(remove), Kept: kept}, err
}

// sortOut decides which speeches go and which stay. An import gives a speech one time as created and updated, and every
// edit sets the second anew, so that no clock has to be compared with that of another machine.
func sortOut(speeches []catalog.Speech, played map[uuid.UUID]bool) (remove []uuid.UUID, kept []Kept) {
	kept = []Kept{}
	for _, sp := range speeches {
		switch {
		case !sp.UpdatedAt.Equal(sp.CreatedAt):
			kept = append(kept, Kept{sp.ID, sp.Text, KeptEdited})
		case played[sp.ID]:
			kept = append(kept, Kept{sp.ID, sp.Text, KeptPlayed})
		default:
			remove = append(remove, sp.ID)
		}
	}
	return remove, kept
}
