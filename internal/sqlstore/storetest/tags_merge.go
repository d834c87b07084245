package storetest

import (
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

func testTagMerge(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	from, into, other := addTag(t, db, "Foods", ""), addTag(t, db, "Food", ""), addTag(t, db, "Other", "")
	one, both, none := newSpeech("one", from, other), newSpeech("both", from, into), newSpeech("none", other)
	addSpeeches(t, db, one, both, none)

	equal(t, "speeches that gained the tag", must1[int](t)(store.MoveTagLinks(ctx, from.ID, into.ID)), 1)
	for _, speech := range must1[[]catalog.Speech](t)(store.SpeechesByID(ctx, []uuid.UUID{one.ID, both.ID, none.ID})) {
		want := map[string][]catalog.TagRef{
			"one": {{ID: into.ID, Name: "Food"}, {ID: other.ID, Name: "Other"}}, "both": {{ID: into.ID, Name: "Food"}}, "none": {{ID: other.ID, Name: "Other"}},
		}
		equal(t, "the tags of "+speech.Text, speech.Tags, want[speech.Text])
	}
	must(t, store.DeleteTag(ctx, from.ID, noon))
	links := sqltest.Count(t, db, "speech_tags")
	equal(t, "links of a tag without any", must1[int](t)(store.MoveTagLinks(ctx, from.ID, into.ID)), 0)
	equal(t, "links", sqltest.Count(t, db, "speech_tags"), links)
}
