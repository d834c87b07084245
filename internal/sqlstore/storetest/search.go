package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

func testSearch(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	texts := map[uuid.UUID]string{}
	add := func(text string) catalog.Speech {
		s := newSpeech(text)
		addSpeeches(t, db, s)
		texts[s.ID] = text
		return s
	}
	const (
		live    = "Where do YOU live?"
		dont    = "Don't and/or won’t, e-mail me@home.org at 9 p.m."
		cafe    = "Le café—ÉCOLE «naïve», 24/7: <b>bold</b> &amp; 3.14"
		missing = "End.Start without a blank_or_two 10km"
	)
	for _, text := range []string{live, dont, cafe, missing} {
		add(text)
	}
	for _, test := range []struct {
		words []string
		want  []string
	}{
		{[]string{"live"}, []string{live}},
		{[]string{"do"}, []string{dont, live}},
		{[]string{"don"}, []string{dont}},
		{[]string{"don't"}, []string{dont}},
		{[]string{"you", "wh"}, []string{live}},
		{[]string{"you", "nothing"}, nil},
		{[]string{"ive"}, nil},
		{[]string{"where"}, []string{live}},
		{[]string{"WHERE"}, []string{live}},
		{[]string{"and", "or", "won", "mail", "home", "p", "m"}, []string{dont}},
		{[]string{"café"}, []string{cafe}},
		{[]string{"cafe"}, nil},
		{[]string{"école", "naïv", "bold", "amp", "24", "7", "14"}, []string{cafe}},
		{[]string{"start", "or", "two"}, []string{missing}},
		{[]string{"10"}, []string{missing}},
		{[]string{"10km"}, []string{missing}},
		{[]string{"w"}, []string{live, dont, missing}},
		{[]string{"'"}, nil},
		{[]string{"&", "|", "!"}, nil},
		{[]string{`live" OR "do`}, nil},
		{[]string{"live | do"}, []string{live}},
		{[]string{"!live"}, []string{live}},
		{[]string{"live:*"}, []string{live}},
		{[]string{"text:live"}, nil},
		{[]string{"NEAR(you live)"}, nil},
		{[]string{"\x00"}, nil},
	} {
		if got := search(t, db, test.words...); !cmp.Equal(got, test.want, cmpopts.EquateEmpty(),
			cmpopts.SortSlices(func(a, b string) bool { return a < b })) {
			t.Errorf("words %q find %q, want %q", test.words, got, test.want)
		}
	}
	t.Run("without words all match", func(t *testing.T) { equal(t, "found", len(search(t, db)), 4) })

	t.Run("the index follows changes", func(t *testing.T) {
		s := add("hippopotamus")
		equal(t, "inserted", search(t, db, "hippo"), []string{"hippopotamus"})
		s.Level = "B1"
		must(t, store.UpdateSpeech(ctx, s))
		equal(t, "another column changed", search(t, db, "hippo"), []string{"hippopotamus"})
		s.Text = "rhinoceros"
		must(t, store.UpdateSpeech(ctx, s))
		equal(t, "old text", search(t, db, "hippo"), []string{})
		equal(t, "new text", search(t, db, "rhino"), []string{"rhinoceros"})
		must(t, store.DeleteSpeech(ctx, s.ID, noon))
		equal(t, "deleted", search(t, db, "rhino"), []string{})
		must1[any](t)(nil, second(db.Raw().ExecContext(ctx, `DELETE FROM speeches`)))
		add("rhinoceros")
		equal(t, "emptied and filled again", search(t, db), []string{"rhinoceros"})
		equal(t, "found again", search(t, db, "rhino"), []string{"rhinoceros"})
		equal(t, "what was there before", search(t, db, "live"), []string{})
	})
}

// search returns the texts that match.
func search(t *testing.T, db *sqlstore.DB, words ...string) []string {
	t.Helper()
	found, total, err := db.Catalog().Speeches(t.Context(), catalog.SpeechFilter{Words: words}, page(1, 100))
	must(t, err)
	equal(t, "the total", total, len(found))
	var texts []string
	for _, s := range found {
		texts = append(texts, s.Text)
	}
	return texts
}
