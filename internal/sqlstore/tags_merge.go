package sqlstore

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

const (
	copyTagLinks = `
	INSERT INTO speech_tags (speech_id, tag_id)
	SELECT o.speech_id, k.id
	  FROM speech_tags o
	  JOIN tags k ON k.id = ?
	 WHERE o.tag_id = ?
	   AND NOT EXISTS (SELECT 1 FROM speech_tags st WHERE st.speech_id = o.speech_id AND st.tag_id = k.id)`

	selectSpeechesOfTag = `SELECT speech_id FROM speech_tags WHERE tag_id = ?`

	deleteTagLinks = `DELETE FROM speech_tags WHERE tag_id = ?`
)

// MoveTagLinks implements catalog.Store.
func (s *Catalog) MoveTagLinks(ctx context.Context, from, into uuid.UUID) (gained int, err error) {
	err = s.c.inTx(ctx, func(tx conn) error {
		var speeches []uuid.UUID
		if err := tx.all(ctx, &speeches, selectSpeechesOfTag, from); err != nil {
			return fmt.Errorf("select the speeches of tag %s: %w", from, err)
		}
		tx.changed(speeches...)
		if gained, err = tx.exec(ctx, copyTagLinks, into, from); err != nil {
			return fmt.Errorf("give tag %s to the speeches of tag %s: %w", into, from, err)
		}
		if _, err = tx.exec(ctx, deleteTagLinks, from); err != nil {
			return fmt.Errorf("take tag %s from its speeches: %w", from, err)
		}
		return nil
	})
	return gained, err
}
