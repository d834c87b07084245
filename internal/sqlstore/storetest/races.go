package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

func testTagRaces(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()

	t.Run("of many who insert a name one wins", func(t *testing.T) {
		won := 0
		for _, err := range atOnce(racers, func(i int) error {
			return store.InsertTag(ctx, newTag([]string{"race", "RACE"}[i%2], ""))
		}) {
			if err == nil {
				won++
				continue
			}
			refused(t, err, fault.KindConflict, "tag_exists")
		}
		equal(t, "winners", won, 1)
	})
	t.Run("all who ensure names get the same tags, whatever their order", func(t *testing.T) {
		const ensured = 300
		type result struct {
			tags map[string]catalog.Tag
			err  error
		}
		results := atOnce(racers, func(i int) result {
			wanted := make([]catalog.Tag, ensured) // enough for two opposite orders to meet in the middle
			for j := range wanted {
				wanted[j] = newTag(fmt.Sprintf("ensured %03d", j), "")
			}
			if i%2 == 0 {
				slices.Reverse(wanted)
			}
			var r result
			r.err = store.InTx(ctx, func(tx catalog.Store) (err error) {
				r.tags, err = tx.EnsureTags(ctx, wanted)
				return err
			})
			return r
		})
		for _, r := range results {
			must(t, r.err)
			equal(t, "the tags", r.tags, results[0].tags)
		}
		equal(t, "tags in the table", sqltest.Count(t, db, "tags"), ensured+1)
	})
	t.Run("of many renames to a name one wins", func(t *testing.T) {
		tags := make([]catalog.Tag, racers)
		for i := range tags {
			tags[i] = addTag(t, db, "rename "+strings.Repeat("x", i), "")
		}
		won := 0
		for _, err := range atOnce(racers, func(i int) error {
			tags[i].Name = "Renamed"
			return store.UpdateTag(ctx, tags[i])
		}) {
			if err == nil {
				won++
				continue
			}
			refused(t, err, fault.KindConflict, "tag_exists")
		}
		equal(t, "winners", won, 1)
	})
	t.Run("no live speech is left with a deleted tag", func(t *testing.T) {
		for range 5 {
			tag := addTag(t, db, "contested", "")
			errs := atOnce(racers, func(i int) error {
				return store.InTx(ctx, func(tx catalog.Store) error {
					if err := tx.BumpVersion(ctx); err != nil {
						return err
					}
					if i%4 == 0 {
						return tx.DeleteTag(ctx, tag.ID, noon)
					}
					if _, err := tx.Tag(ctx, tag.ID); err != nil { // as the service does
						return err
					}
					return tx.InsertSpeeches(ctx, []catalog.Speech{newSpeech("contested", tag)})
				})
			})
			for _, err := range errs {
				if err != nil && !fault.Is(err, fault.KindConflict) && !fault.Is(err, fault.KindNotFound) {
					t.Error(err)
				}
			}
			var orphans int
			const query = `SELECT count(*) FROM speech_tags st
				JOIN tags t ON t.id = st.tag_id JOIN speeches s ON s.id = st.speech_id
				WHERE t.deleted_at IS NOT NULL AND s.deleted_at IS NULL`
			must(t, db.Raw().GetContext(ctx, &orphans, query))
			equal(t, "live speeches with a deleted tag", orphans, 0)
			if _, err := store.Tag(ctx, tag.ID); err == nil { // free the name for the next round
				tag.Name = "kept " + newID().String()
				must(t, store.UpdateTag(ctx, tag))
			}
		}
	})
	t.Run("every content write raises the version once", func(t *testing.T) {
		before := must1[catalog.Version](t)(store.Version(ctx)).Number
		for _, err := range atOnce(racers, func(int) error { return store.BumpVersion(ctx) }) {
			must(t, err)
		}
		equal(t, "the version", must1[catalog.Version](t)(store.Version(ctx)).Number, before+racers)
	})
}
