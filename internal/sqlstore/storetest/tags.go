package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
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
		type result struct {
			tags map[string]catalog.Tag
			err  error
		}
		results := atOnce(racers, func(i int) result {
			wanted := []catalog.Tag{newTag("a", ""), newTag("b", ""), newTag("c", "")}
			if i%2 == 0 {
				wanted[0], wanted[2] = wanted[2], wanted[0]
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
		equal(t, "tags in the table", sqltest.Count(t, db, "tags"), 4)
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
		before := must1[int64](t)(store.Version(ctx))
		for _, err := range atOnce(racers, func(int) error { return store.BumpVersion(ctx) }) {
			must(t, err)
		}
		equal(t, "the version", must1[int64](t)(store.Version(ctx)), before+racers)
	})
}

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

func testTimes(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	tokyo := time.FixedZone("Tokyo", 9*3600)
	for name, at := range map[string]time.Time{
		"another zone":                     time.Date(2026, 1, 1, 3, 0, 0, 0, tokyo),
		"nanoseconds are cut":              time.Date(2026, 1, 1, 3, 0, 0, 999_999_999, time.UTC),
		"microseconds are kept":            time.Date(2026, 1, 1, 3, 0, 0, 1000, time.UTC),
		"before 1970":                      time.Date(1815, 12, 10, 0, 0, 0, 500_000_000, time.UTC),
		"the first year":                   time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		"the last year":                    time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		"a clock with a monotonic reading": time.Now(),
	} {
		t.Run(name, func(t *testing.T) {
			tag := newTag(name, "")
			tag.CreatedAt = at
			must(t, store.InsertTag(ctx, tag))
			got := must1[catalog.Tag](t)(store.Tag(ctx, tag.ID)).CreatedAt
			if want := at.UTC().Truncate(time.Microsecond); !got.Equal(want) {
				t.Errorf("%s comes back as %s", want, got)
			}
			equal(t, "the zone", got.Location().String(), "UTC")
		})
	}
	for name, at := range map[string]time.Time{
		"a year of five digits": time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		"the year 0":            time.Date(1, 1, 1, 0, 0, 0, 0, tokyo),
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			tag := newTag(name, "")
			tag.CreatedAt = at
			refused(t, store.InsertTag(ctx, tag), fault.KindInvalid, "")
		})
	}
}
