package storetest

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

func testCounts(t *testing.T, db *sqlstore.DB) {
	ctx := t.Context()
	one, two, other, gone := newSpeech("one"), newSpeech("two"), newSpeech("other"), newSpeech("gone")
	other.Level, other.Type = "C1", catalog.Answer
	gone.Level = "B1"
	addSpeeches(t, db, one, two, other, gone)
	must(t, db.Catalog().DeleteSpeech(ctx, gone.ID, noon))
	counts := must1[[]catalog.SpeechCount](t)(db.Catalog().CountSpeeches(ctx))
	slices.SortFunc(counts, func(a, b catalog.SpeechCount) int { return cmp.Compare(a.Level, b.Level) })
	equal(t, "live speeches of each level and type", counts, []catalog.SpeechCount{
		{Level: "A1", Type: catalog.Question, Speeches: 2}, {Level: "C1", Type: catalog.Answer, Speeches: 1},
	})

	session := newSession(addUser(t, db, "ada@example.com"), one)
	must1[practice.Outcome](t)(db.Practice().InsertSessions(ctx, []practice.Session{session}, nil))
	for since, want := range map[time.Time]int{{}: 1, session.CompletedAt: 1, session.CompletedAt.Add(time.Microsecond): 0} {
		equal(t, "sessions since "+since.String(), must1[int](t)(db.Practice().CountSessions(ctx, since)), want)
	}
}
