package storetest

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

// orderByRandom is how the specification draws. Not by EXISTS: SQLite makes a join of that, in which a speech with both tags came half
// again as often as others (seen by this test with modernc.org/sqlite 1.61).
const orderByRandom = `
	SELECT id FROM speeches s
	 WHERE level = ? AND type = ? AND deleted_at IS NULL
	   AND s.id IN (SELECT speech_id FROM speech_tags WHERE tag_id IN (?, ?))
	 ORDER BY RANDOM() LIMIT 5`

// testDraws compares the draws from the index with ORDER BY RANDOM(): how often each speech comes, and comes first.
func testDraws(t *testing.T, db *sqlstore.DB) {
	const matches, rounds = 20, 1000
	food, travel := addTag(t, db, "food", ""), addTag(t, db, "travel", "")
	other := addTag(t, db, "other", "")
	for i := range matches {
		wrong := newSpeech("another level", food)
		wrong.Level = "A2"
		addSpeeches(t, db, newSpeech("match", [][]catalog.Tag{{food}, {travel, other}, {food, travel}}[i%3]...), newSpeech("another tag", other), wrong)
	}
	service := catalog.New(db.Catalog(), nil, catalog.WithRandom(rand.New(rand.NewPCG(7, 8)).IntN)) //nolint:gosec // luck that can be repeated
	ask := catalog.Draw{Level: "A1", Type: catalog.Question, Tags: []uuid.UUID{food.ID, travel.ID}, Limit: 5}
	type counts map[uuid.UUID]float64
	ours, oursFirst, theirs, theirsFirst := counts{}, counts{}, counts{}, counts{}
	query := db.Raw().Rebind(orderByRandom)
	for range rounds {
		drawn := must1[[]catalog.Speech](t)(service.RandomSpeeches(t.Context(), ask))
		equal(t, "how many are drawn", len(drawn), 5)
		for _, s := range drawn {
			ours[s.ID]++
		}
		oursFirst[drawn[0].ID]++
		var ids []uuid.UUID
		must(t, db.Raw().SelectContext(t.Context(), &ids, query, ask.Level, ask.Type, food.ID, travel.ID))
		for _, id := range ids {
			theirs[id]++
		}
		theirsFirst[ids[0]]++
	}
	for what, pair := range map[string][2]counts{"comes": {ours, theirs}, "comes first": {oursFirst, theirsFirst}} {
		equal(t, "how many different speeches", []int{len(pair[0]), len(pair[1])}, []int{matches, matches})
		var chi2 float64
		for id, n := range pair[0] {
			chi2 += (n - pair[1][id]) * (n - pair[1][id]) / (n + pair[1][id])
		}
		// The database's luck cannot be repeated. With 19 degrees of freedom one in 10^9 fair comparisons is above 82.
		if chi2 > 82 {
			t.Errorf("how often a speech %s: chi-square = %.1f between the index and ORDER BY RANDOM(), want at most 82", what, chi2)
		}
	}
}

// testTwoDaemons: what one process writes, another one tells as soon as it looks, which it does once a second. Nobody is notified
// of anything, so that nothing can be lost.
func testTwoDaemons(t *testing.T, db *sqlstore.DB) {
	now := noon
	clock := catalog.WithClock(func() time.Time { return now })
	one, two := catalog.New(db.Catalog(), nil, clock), catalog.New(db.Catalog(), nil, clock)
	names := func(s *catalog.Service) int { return len(must1[[]catalog.Tag](t)(s.Tags(t.Context()))) }
	equal(t, "tags before", []int{names(one), names(two)}, []int{0, 0})
	for i := range 3 {
		_ = must1[catalog.Tag](t)(one.CreateTag(t.Context(), catalog.NewTag{Name: string(rune('a' + i))}))
		equal(t, "tags where it was written", names(one), i+1)
		now = now.Add(time.Second)
		equal(t, "tags in the other one, a second later", names(two), i+1)
		one, two = two, one
	}
}
