package storetest

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

func testSnapshot(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	equal(t, "of an empty catalogue", must1[catalog.Snapshot](t)(store.Snapshot(ctx)), catalog.Snapshot{Version: 1})

	a, b := addTag(t, db, "a", ""), addTag(t, db, "b", "")
	gone := addTag(t, db, "gone", "")
	must(t, store.DeleteTag(ctx, gone.ID, noon))
	speeches := []catalog.Speech{newSpeech("none"), newSpeech("both", a, b), newSpeech("one", b), newSpeech("deleted", a)}
	ids := orderedIDs(len(speeches))
	for i := range speeches {
		speeches[i].ID = ids[i]
	}
	speeches[2].Level, speeches[2].Type = "C1", catalog.Answer
	addSpeeches(t, db, speeches...)
	must(t, store.DeleteSpeech(ctx, ids[3], noon))
	must(t, store.BumpVersion(ctx))

	a.SpeechCount, b.SpeechCount = 1, 2
	want := catalog.Snapshot{
		Version: 2,
		Tags:    []catalog.Tag{a, b},
		Speeches: []catalog.SpeechKey{
			{ID: ids[0], Level: "A1", Type: catalog.Question},
			{ID: ids[1], Level: "A1", Type: catalog.Question, Tags: []uuid.UUID{a.ID, b.ID}},
			{ID: ids[2], Level: "C1", Type: catalog.Answer, Tags: []uuid.UUID{b.ID}},
		},
	}
	equal(t, "the snapshot", must1[catalog.Snapshot](t)(store.Snapshot(ctx)), want)

	t.Run("in a transaction it shows the transaction's writes", func(t *testing.T) {
		must(t, store.InTx(ctx, func(tx catalog.Store) error {
			must(t, tx.BumpVersion(ctx))
			want.Version++
			equal(t, "the snapshot", must1[catalog.Snapshot](t)(tx.Snapshot(ctx)), want)
			return nil
		}))
	})
	t.Run("what is read while others write is all of one version", func(t *testing.T) {
		// Each write adds one speech and raises the version: in every snapshot the two have grown alike.
		base := must1[catalog.Snapshot](t)(store.Snapshot(ctx))
		for _, err := range atOnce(racers, func(i int) error {
			if i%2 == 0 {
				return store.InTx(ctx, func(tx catalog.Store) error {
					return errors.Join(tx.BumpVersion(ctx), tx.InsertSpeeches(ctx, []catalog.Speech{newSpeech("new", a)}))
				})
			}
			s, err := store.Snapshot(ctx)
			if grown := int64(len(s.Speeches) - len(base.Speeches)); err == nil && grown != s.Version-base.Version {
				err = errors.New("the snapshot mixes versions")
			}
			return err
		}) {
			must(t, err)
		}
	})
}
