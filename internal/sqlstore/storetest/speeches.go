package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

// newSpeech returns a live speech with the tags.
func newSpeech(text string, tags ...catalog.Tag) catalog.Speech {
	s := catalog.Speech{
		ID: newID(), Text: text, Level: "A1", Type: catalog.Question, CreatedAt: noon, UpdatedAt: noon.Add(time.Minute),
	}
	s.Audio = "audio/A1/" + s.ID.String() + ".mp3"
	for _, tag := range tags {
		s.Tags = append(s.Tags, catalog.TagRef{ID: tag.ID, Name: tag.Name})
	}
	return s
}

// addSpeeches stores speeches.
func addSpeeches(t *testing.T, db *sqlstore.DB, speeches ...catalog.Speech) {
	t.Helper()
	must(t, db.Catalog().InsertSpeeches(t.Context(), speeches))
}

func speechIDs(speeches []catalog.Speech) []uuid.UUID {
	var ids []uuid.UUID
	for _, s := range speeches {
		ids = append(ids, s.ID)
	}
	return ids
}

// inAnyOrder compares speeches of a call that promises no order.
func inAnyOrder(t *testing.T, what string, got []catalog.Speech, want ...catalog.Speech) {
	t.Helper()
	byID := cmpopts.SortSlices(func(a, b catalog.Speech) bool { return a.ID.String() < b.ID.String() })
	if diff := cmp.Diff(want, got, byID, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", what, diff)
	}
}

func testSpeeches(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	apple, banana := addTag(t, db, "apple", "fruit"), addTag(t, db, "Banana", "")
	full := newSpeech("Where do you live?", apple, banana)
	full.AudioSHA256 = fmt.Sprintf("%064x", 7)
	bare := newSpeech("Here.")
	bare.Level, bare.Type, bare.Audio = "C1", catalog.Answer, "https://example.com/x.mp3"
	addSpeeches(t, db, full, bare)
	must(t, store.InsertSpeeches(ctx, nil))

	for _, want := range []catalog.Speech{full, bare} {
		equal(t, "Speech", must1[catalog.Speech](t)(store.Speech(ctx, want.ID)), want)
	}
	inAnyOrder(t, "SpeechesByID", must1[[]catalog.Speech](t)(
		store.SpeechesByID(ctx, []uuid.UUID{bare.ID, newID(), full.ID, bare.ID})), full, bare)
	inAnyOrder(t, "SpeechesByID of none", must1[[]catalog.Speech](t)(store.SpeechesByID(ctx, nil)))

	t.Run("an unknown speech is not found", func(t *testing.T) {
		stranger := newSpeech("?")
		refused(t, second(store.Speech(ctx, stranger.ID)), fault.KindNotFound, "")
		refused(t, store.UpdateSpeech(ctx, stranger), fault.KindNotFound, "")
		refused(t, store.DeleteSpeech(ctx, stranger.ID, noon), fault.KindNotFound, "")
	})
	t.Run("speeches are inserted all or none", func(t *testing.T) {
		good, bad := newSpeech("good"), newSpeech("bad", catalog.Tag{ID: newID()})
		refused(t, store.InsertSpeeches(ctx, []catalog.Speech{good, bad}), fault.KindConflict, "")
		refused(t, second(store.Speech(ctx, good.ID)), fault.KindNotFound, "")
		refused(t, store.InsertSpeeches(ctx, []catalog.Speech{newSpeech("new"), full}), fault.KindConflict, "")
	})
	t.Run("an update overwrites all but the beginnings, and the tags", func(t *testing.T) {
		changed := full
		changed.Audio, changed.AudioSHA256, changed.Text, changed.Level = "audio/x.mp3", "", "Where?", "B2"
		changed.Type, changed.UpdatedAt, changed.Tags = catalog.Answer, noon.Add(time.Hour), full.Tags[1:]
		must(t, store.UpdateSpeech(ctx, changed))
		equal(t, "the changed speech", must1[catalog.Speech](t)(store.Speech(ctx, full.ID)), changed)
		changed.Tags = nil
		must(t, store.UpdateSpeech(ctx, changed))
		equal(t, "without tags", must1[catalog.Speech](t)(store.Speech(ctx, full.ID)), changed)
		equal(t, "the other speech", must1[catalog.Speech](t)(store.Speech(ctx, bare.ID)), bare)
	})
	t.Run("an update that fails changes nothing", func(t *testing.T) {
		changed := bare
		changed.Text, changed.Tags = "Changed.", []catalog.TagRef{{ID: newID()}}
		refused(t, store.UpdateSpeech(ctx, changed), fault.KindConflict, "")
		equal(t, "the speech", must1[catalog.Speech](t)(store.Speech(ctx, bare.ID)), bare)
	})
	t.Run("a deleted speech shows in SpeechesEver only", func(t *testing.T) {
		doomed := newSpeech("doomed", apple)
		addSpeeches(t, db, doomed)
		at := noon.Add(2 * time.Hour)
		must(t, store.DeleteSpeech(ctx, doomed.ID, at))

		refused(t, second(store.Speech(ctx, doomed.ID)), fault.KindNotFound, "")
		refused(t, store.UpdateSpeech(ctx, doomed), fault.KindNotFound, "")
		refused(t, store.DeleteSpeech(ctx, doomed.ID, at), fault.KindNotFound, "")
		inAnyOrder(t, "SpeechesByID", must1[[]catalog.Speech](t)(store.SpeechesByID(ctx, []uuid.UUID{doomed.ID})))
		found, total, err := store.Speeches(ctx, catalog.SpeechFilter{Words: []string{"doomed"}}, page(1, 10))
		must(t, err)
		equal(t, "in a list", append(speechIDs(found), make([]uuid.UUID, total)...), []uuid.UUID{})

		doomed.Tags, doomed.DeletedAt = nil, &at
		inAnyOrder(t, "SpeechesEver", must1[[]catalog.Speech](t)(
			store.SpeechesEver(ctx, []uuid.UUID{doomed.ID, bare.ID})), doomed, bare)
	})
	t.Run("a deleted speech no longer counts for its tag", func(t *testing.T) {
		equal(t, "apple's speeches", must1[catalog.Tag](t)(store.Tag(ctx, apple.ID)).SpeechCount, 0)
	})
}

func testSpeechList(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	tag, other := addTag(t, db, "tag", ""), addTag(t, db, "other", "")
	ids := orderedIDs(6)
	var all []catalog.Speech
	for i, s := range []catalog.Speech{
		newSpeech("zero", tag), newSpeech("one", tag, other), newSpeech("two"), newSpeech("three", tag),
		newSpeech("four"), newSpeech("five", other),
	} {
		s.ID = ids[i]
		s.CreatedAt = noon.Add(time.Duration(min(i, 4)) * time.Microsecond) // the last two are a tie
		if i == 1 || i == 3 {
			s.Level, s.Type = "B1", catalog.Answer
		}
		all = append(all, s)
	}
	addSpeeches(t, db, all...)
	list := func(places ...int) []catalog.Speech {
		var speeches []catalog.Speech
		for _, i := range places {
			want := all[i]
			if len(want.Tags) == 2 { // by name
				want.Tags = []catalog.TagRef{want.Tags[1], want.Tags[0]}
			}
			speeches = append(speeches, want)
		}
		return speeches
	}
	for name, test := range map[string]struct {
		filter      catalog.SpeechFilter
		page, limit int
		want        []catalog.Speech
		total       int
	}{
		"newest first, ties by id":         {catalog.SpeechFilter{}, 1, 10, list(5, 4, 3, 2, 1, 0), 6},
		"a page in the middle":             {catalog.SpeechFilter{}, 2, 2, list(3, 2), 6},
		"the last page is short":           {catalog.SpeechFilter{}, 2, 4, list(1, 0), 6},
		"a page past the end is empty":     {catalog.SpeechFilter{}, 9, 10, nil, 6},
		"a page far past the end is empty": {catalog.SpeechFilter{}, 1 << 62, 200, nil, 6},
		"by level":                         {catalog.SpeechFilter{Level: "B1"}, 1, 10, list(3, 1), 2},
		"by type":                          {catalog.SpeechFilter{Type: catalog.Answer}, 1, 10, list(3, 1), 2},
		"by tag, with all their tags":      {catalog.SpeechFilter{TagID: &tag.ID}, 1, 10, list(3, 1, 0), 3},
		"by a tag that nobody has":         {catalog.SpeechFilter{TagID: ptr(newID())}, 1, 10, nil, 0},
		"oldest first":                     {catalog.SpeechFilter{Order: catalog.OldestFirst}, 1, 3, list(0, 1, 2), 6},
		"easiest first, then newest":       {catalog.SpeechFilter{Order: catalog.EasiestFirst}, 1, 10, list(5, 4, 2, 0, 3, 1), 6},
		"hardest first, then oldest":       {catalog.SpeechFilter{Order: catalog.HardestFirst}, 1, 10, list(1, 3, 0, 2, 4, 5), 6},
		"by everything at once": {
			catalog.SpeechFilter{Level: "B1", Type: catalog.Answer, TagID: &other.ID, Words: []string{"on"}}, 1, 10, list(1), 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, total, err := store.Speeches(ctx, test.filter, page(test.page, test.limit))
			must(t, err)
			equal(t, "the page", got, test.want)
			equal(t, "the total", total, test.total)
		})
	}
}
