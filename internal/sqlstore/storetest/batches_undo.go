package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

func testBatchList(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Importing()
	list := func(number, limit int) ([]importing.Batch, int) {
		batches, total, err := store.Batches(ctx, page(number, limit))
		must(t, err)
		return batches, total
	}
	none, total := list(1, 10)
	equal(t, "of an empty store", none, []importing.Batch{})
	equal(t, "their number", total, 0)

	ids := orderedIDs(3)
	var batches []importing.Batch
	for i, id := range ids { // the last two began at the same time
		b := newBatch()
		b.ID, b.StartedAt = id, noon.Add(time.Duration(min(i, 1))*time.Microsecond)
		must(t, store.InsertBatch(ctx, b, nil))
		batches = append(batches, b)
	}
	first, total := list(1, 2)
	equal(t, "the newest first, then by id", first, []importing.Batch{batches[2], batches[1]})
	equal(t, "the number of all", total, 3)
	last, total := list(2, 2)
	equal(t, "the second page", last, []importing.Batch{batches[0]})
	equal(t, "the number of all there", total, 3)
	past, _ := list(9, 2)
	equal(t, "past the end", past, []importing.Batch{})
}

func testBatchUndo(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Importing()
	tag := addTag(t, db, "tag", "")
	b, other := newBatch(), newBatch()
	speeches := make([]catalog.Speech, 5)
	for i := range speeches {
		speeches[i] = newSpeech(fmt.Sprint("speech ", i), tag)
		speeches[i].BatchID = &b.ID
	}
	foreign := newSpeech("foreign", tag)
	foreign.BatchID = &other.ID
	items := []importing.Item{ // the rows stand the other way round than the ids
		{Row: 1, SpeechID: speeches[2].ID, Key: "k1", Outcome: importing.Created},
		{Row: 2, SpeechID: speeches[1].ID, Key: "k2", Outcome: importing.Created},
		{Row: 3, SpeechID: speeches[1].ID, Key: "k3", Outcome: importing.Unchanged},
		{Row: 4, SpeechID: speeches[0].ID, Key: "k4", Outcome: importing.Created},
		{Row: 5, SpeechID: speeches[3].ID, Key: "k5", Outcome: importing.Created},
		{Row: 6, SpeechID: foreign.ID, Key: "k6", Outcome: importing.Unchanged},
		{Row: 7, SpeechID: speeches[4].ID, Key: "k7", Outcome: importing.Created},
	}
	must(t, store.InsertBatch(ctx, b, items))
	must(t, store.InsertBatch(ctx, other, nil))
	must(t, store.Catalog().InsertSpeeches(ctx, append(speeches, foreign)))
	must(t, store.Catalog().DeleteSpeech(ctx, speeches[4].ID, noon))

	t.Run("its speeches are the live ones that it created, by row", func(t *testing.T) {
		var got []uuid.UUID
		for _, sp := range must1[[]catalog.Speech](t)(store.BatchSpeeches(ctx, b.ID)) {
			got = append(got, sp.ID)
		}
		equal(t, "speeches", got, []uuid.UUID{speeches[2].ID, speeches[1].ID, speeches[0].ID, speeches[3].ID})
		equal(t, "of an unknown batch", must1[[]catalog.Speech](t)(store.BatchSpeeches(ctx, newID())), []catalog.Speech{})
		equal(t, "the times", must1[[]catalog.Speech](t)(store.BatchSpeeches(ctx, b.ID))[0].UpdatedAt, speeches[2].UpdatedAt)
	})
	t.Run("played are those in a history", func(t *testing.T) {
		played := func() map[uuid.UUID]bool { return must1[map[uuid.UUID]bool](t)(store.PlayedSpeeches(ctx, b.ID)) }
		equal(t, "before", played(), map[uuid.UUID]bool{})
		user := addUser(t, db, "player@example.com")
		save(t, db, newSession(user, speeches[1], foreign, speeches[1]))
		equal(t, "after", played(), map[uuid.UUID]bool{speeches[1].ID: true})
	})
	t.Run("removed are the live ones, with their links", func(t *testing.T) {
		later := noon.Add(time.Hour)
		must(t, store.RemoveSpeeches(ctx, []uuid.UUID{speeches[0].ID, speeches[4].ID, newID(), speeches[2].ID}, later))
		must(t, store.RemoveSpeeches(ctx, nil, later))
		deleted := map[uuid.UUID]*time.Time{}
		for _, sp := range must1[[]catalog.Speech](t)(store.Catalog().SpeechesEver(ctx, ids(append(speeches, foreign)))) {
			deleted[sp.ID] = sp.DeletedAt
			if (sp.DeletedAt != nil) != (len(sp.Tags) == 0) {
				t.Errorf("%s: deleted at %v with %d tags", sp.Text, sp.DeletedAt, len(sp.Tags))
			}
		}
		equal(t, "deletions", deleted, map[uuid.UUID]*time.Time{
			speeches[0].ID: &later, speeches[1].ID: nil, speeches[2].ID: &later, speeches[3].ID: nil, speeches[4].ID: ptr(noon), foreign.ID: nil,
		})
		equal(t, "links", sqltest.Count(t, db, "speech_tags"), 3)
	})
	t.Run("only what is done becomes undone", func(t *testing.T) {
		state := func() importing.BatchState { return must1[importing.Batch](t)(store.Batch(ctx, b.ID)).State }
		must(t, store.MarkUndone(ctx, b.ID))
		equal(t, "one that runs", state(), importing.BatchRunning)
		done := b
		done.State, done.FinishedAt = importing.BatchDone, ptr(noon)
		equal(t, "finished", must1[bool](t)(store.FinishBatch(ctx, done)), true)
		must(t, store.MarkUndone(ctx, b.ID))
		equal(t, "one that is done", state(), importing.BatchUndone)
		equal(t, "the other", must1[importing.Batch](t)(store.Batch(ctx, other.ID)).State, importing.BatchRunning)
	})
}

func ids(speeches []catalog.Speech) []uuid.UUID {
	var list []uuid.UUID
	for _, sp := range speeches {
		list = append(list, sp.ID)
	}
	return list
}
