package storetest

import (
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

func testPastRecordings(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	one, other := newSpeech("one"), newSpeech("other")
	addSpeeches(t, db, one, other)
	past := func(key string, at time.Time) catalog.PastRecording {
		return catalog.PastRecording{Speech: one.ID, Key: key, ReplacedAt: at}
	}
	a, b, c := past("audio/A1/a.mp3", noon), past("audio/A1/b.mp3", noon.Add(time.Microsecond)), past("audio/A1/c.mp3", noon.Add(time.Hour))
	c.SHA256 = "abc"
	for _, p := range []catalog.PastRecording{b, c, a} {
		must(t, store.KeepRecording(ctx, p))
	}
	kept := func() []catalog.PastRecording {
		return must1[[]catalog.PastRecording](t)(store.PastRecordings(ctx, one.ID))
	}
	equal(t, "last replaced first", kept(), []catalog.PastRecording{c, b, a})
	equal(t, "of another speech", must1[[]catalog.PastRecording](t)(store.PastRecordings(ctx, other.ID)), []catalog.PastRecording{})

	a.ReplacedAt, a.SHA256 = noon.Add(2*time.Hour), "def"
	must(t, store.KeepRecording(ctx, a))
	equal(t, "replaced again", kept(), []catalog.PastRecording{a, c, b})

	equal(t, "referenced", must1[map[string]bool](t)(db.Importing().ReferencedKeys(ctx, []string{a.Key, b.Key, "audio/A1/nobody.mp3"})),
		map[string]bool{a.Key: true, b.Key: true})

	must(t, store.DropPastRecording(ctx, one.ID, c.Key))
	must(t, store.DropPastRecording(ctx, one.ID, "audio/A1/nobody.mp3"))
	must(t, store.DropPastRecording(ctx, other.ID, a.Key))
	equal(t, "without one", kept(), []catalog.PastRecording{a, b})

	equal(t, "too old", must1[int](t)(store.DropPastRecordings(ctx, b.ReplacedAt)), 0)
	equal(t, "too old a moment later", must1[int](t)(store.DropPastRecordings(ctx, b.ReplacedAt.Add(time.Microsecond))), 1)
	equal(t, "the rest", kept(), []catalog.PastRecording{a})

	stranger := past("audio/A1/x.mp3", noon)
	stranger.Speech = newID()
	refused(t, store.KeepRecording(ctx, stranger), fault.KindConflict, "")
}
