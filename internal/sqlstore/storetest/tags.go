package storetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

func newTag(name, category string) catalog.Tag {
	return catalog.Tag{ID: newID(), Name: name, Category: category, CreatedAt: noon}
}

// addTag stores a tag.
func addTag(t *testing.T, db *sqlstore.DB, name, category string) catalog.Tag {
	t.Helper()
	tag := newTag(name, category)
	must(t, db.Catalog().InsertTag(t.Context(), tag))
	return tag
}

func testTags(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	zebra := addTag(t, db, "zebra", "")
	food := addTag(t, db, "Food", "topic")
	apple := addTag(t, db, "apple", "topic")
	past := addTag(t, db, "Past", "Tense")
	ecole := addTag(t, db, "École", "topic")
	addSpeeches(t, db, newSpeech("one", food, apple), newSpeech("two", food))
	food.SpeechCount, apple.SpeechCount = 2, 1

	equal(t, "Tags: by category, none last, then name ignoring case",
		must1[[]catalog.Tag](t)(store.Tags(ctx)), []catalog.Tag{past, apple, food, ecole, zebra})
	equal(t, "Tag", must1[catalog.Tag](t)(store.Tag(ctx, food.ID)), food)
	equal(t, "TagsByID", must1[[]catalog.Tag](t)(store.TagsByID(ctx, []uuid.UUID{zebra.ID, newID(), apple.ID, zebra.ID})),
		[]catalog.Tag{apple, zebra})
	equal(t, "TagsByID of none", must1[[]catalog.Tag](t)(store.TagsByID(ctx, nil)), []catalog.Tag{})

	t.Run("an unknown tag is not found", func(t *testing.T) {
		refused(t, second(store.Tag(ctx, newID())), fault.KindNotFound, "")
		refused(t, store.UpdateTag(ctx, newTag("x", "")), fault.KindNotFound, "")
		refused(t, store.DeleteTag(ctx, newID(), noon), fault.KindNotFound, "")
	})
	t.Run("a name is taken once ignoring case, and the fault names the tag in the way", func(t *testing.T) {
		for _, name := range []string{"Food", "FOOD", "éCOLE", "E\u0301cole"} {
			err := store.InTx(ctx, func(tx catalog.Store) error {
				err := tx.InsertTag(ctx, newTag(name, ""))
				must1[[]catalog.Tag](t)(tx.Tags(ctx)) // the transaction goes on
				return err
			})
			refused(t, err, fault.KindConflict, "tag_exists")
			if taken := map[bool]string{true: "Food", false: "École"}[strings.EqualFold(name, "food")]; !strings.Contains(err.Error(), taken) {
				t.Errorf("%q does not name the tag %q", err, taken)
			}
		}
	})
	t.Run("an update overwrites name and category", func(t *testing.T) {
		zebra.Name, zebra.Category = "Zebras", "animals"
		must(t, store.UpdateTag(ctx, zebra))
		equal(t, "the tag", must1[catalog.Tag](t)(store.Tag(ctx, zebra.ID)), zebra)
		zebra.Name, zebra.Category = "ZEBRAS", "" // its own name is not in its way
		must(t, store.UpdateTag(ctx, zebra))
		equal(t, "the tag", must1[catalog.Tag](t)(store.Tag(ctx, zebra.ID)), zebra)
	})
	t.Run("an update to a taken name is refused", func(t *testing.T) {
		taken := zebra
		taken.Name = "fOOD"
		err := store.UpdateTag(ctx, taken)
		refused(t, err, fault.KindConflict, "tag_exists")
		if !strings.Contains(err.Error(), `"Food"`) {
			t.Errorf("%q does not name the tag in the way", err)
		}
		equal(t, "the tag", must1[catalog.Tag](t)(store.Tag(ctx, zebra.ID)), zebra)
	})
	t.Run("an id is taken once", func(t *testing.T) {
		again := newTag("another", "")
		again.ID = food.ID
		refused(t, store.InsertTag(ctx, again), fault.KindConflict, "")
	})
}

func testTagDeletion(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	used, free := addTag(t, db, "Used", ""), addTag(t, db, "Free", "")
	speech := newSpeech("one", used)
	addSpeeches(t, db, speech, newSpeech("two", used))

	err := store.DeleteTag(ctx, used.ID, noon)
	refused(t, err, fault.KindConflict, "tag_in_use")
	if !strings.Contains(err.Error(), "2") {
		t.Errorf("%q does not say how many speeches have the tag", err)
	}

	must(t, store.DeleteTag(ctx, free.ID, noon))
	refused(t, second(store.Tag(ctx, free.ID)), fault.KindNotFound, "")
	refused(t, store.UpdateTag(ctx, free), fault.KindNotFound, "")
	refused(t, store.DeleteTag(ctx, free.ID, noon), fault.KindNotFound, "")
	equal(t, "TagsByID", must1[[]catalog.Tag](t)(store.TagsByID(ctx, []uuid.UUID{free.ID})), []catalog.Tag{})
	equal(t, "TagNamesEver", must1[map[uuid.UUID]string](t)(store.TagNamesEver(ctx, []uuid.UUID{free.ID, used.ID, newID()})),
		map[uuid.UUID]string{free.ID: "Free", used.ID: "Used"})
	equal(t, "TagNamesEver of none", must1[map[uuid.UUID]string](t)(store.TagNamesEver(ctx, nil)), map[uuid.UUID]string{})

	t.Run("the name of a deleted tag is free", func(t *testing.T) {
		again := addTag(t, db, "FREE", "")
		must(t, store.DeleteTag(ctx, again.ID, noon))
		addTag(t, db, "free", "")
	})
	t.Run("a tag of deleted speeches only can be deleted", func(t *testing.T) {
		lonely := addTag(t, db, "Lonely", "")
		last := newSpeech("three", lonely)
		addSpeeches(t, db, last)
		must(t, store.DeleteSpeech(ctx, last.ID, noon))
		must(t, store.DeleteTag(ctx, lonely.ID, noon))
	})
}

func testEnsureTags(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	food := addTag(t, db, "Food", "topic")
	gone := addTag(t, db, "Gone", "")
	must(t, store.DeleteTag(ctx, gone.ID, noon))
	addSpeeches(t, db, newSpeech("x", food))
	food.SpeechCount = 1

	newFood, sport, sport2, gone2 := newTag("FOOD", ""), newTag("Sport", "topic"), newTag("sport", ""), newTag("gone", "")
	tags := must1[map[string]catalog.Tag](t)(store.EnsureTags(ctx, []catalog.Tag{newFood, sport, sport2, gone2}))
	want := map[string]catalog.Tag{"food": food, "sport": sport, "gone": gone2}
	equal(t, "the tags", tags, want)
	equal(t, "the tags again", must1[map[string]catalog.Tag](t)(store.EnsureTags(ctx, []catalog.Tag{newTag("gONE", ""), newFood, sport2})), want)
	equal(t, "none", must1[map[string]catalog.Tag](t)(store.EnsureTags(ctx, nil)), map[string]catalog.Tag{})
	equal(t, "all", len(must1[[]catalog.Tag](t)(store.Tags(ctx))), 3)

	t.Run("they go with their transaction", func(t *testing.T) {
		broken := errors.New("broken")
		err := store.InTx(ctx, func(tx catalog.Store) error {
			made := must1[map[string]catalog.Tag](t)(tx.EnsureTags(ctx, []catalog.Tag{newTag("Brief", "")}))
			equal(t, "made", made["brief"].Name, "Brief")
			return broken
		})
		equal(t, "the error", errors.Is(err, broken), true)
		equal(t, "all", len(must1[[]catalog.Tag](t)(store.Tags(ctx))), 3)
	})
}
