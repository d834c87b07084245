package sqlstore

import (
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
)

// BenchmarkHistory reads pages of 20 of a learner with 10,000 games: the first, and the last by number and by cursor. By cursor it is to
// cost at most 1.5 times what the first one does.
func BenchmarkHistory(b *testing.B) {
	const sessions, limit = 10_000, 20
	benchEach(b, func(b *testing.B, db *DB) {
		w := newWorld(b, db, 1)
		at := make([]practice.Session, 0, sessions)
		for i := range sessions {
			s := w.session()
			s.CompletedAt = testTime.Add(time.Duration(i) * time.Minute)
			at = append(at, s)
		}
		for first := 0; first < sessions; first += 500 {
			if _, err := db.Practice().InsertSessions(b.Context(), at[first:first+500], nil); err != nil {
				b.Fatal(err)
			}
		}
		if err := db.Seeding().Analyze(b.Context()); err != nil {
			b.Fatal(err)
		}
		before := at[limit] // the last of the page before the last
		for _, way := range []struct {
			name   string
			filter practice.HistoryFilter
			page   int
		}{
			{"first", practice.HistoryFilter{}, 1},
			{"last_by_number", practice.HistoryFilter{}, sessions / limit},
			{"last_by_cursor", practice.HistoryFilter{After: &practice.Position{CompletedAt: before.CompletedAt, ID: before.ID}}, sessions / limit},
			{"first_between_dates", practice.HistoryFilter{From: testTime}, 1},
		} {
			b.Run(way.name, func(b *testing.B) {
				for b.Loop() {
					got, total, err := db.Practice().Sessions(b.Context(), w.user.ID, way.filter, paging.Page{Number: way.page, Limit: limit})
					if err != nil || len(got) != limit || total != sessions {
						b.Fatal(len(got), total, err)
					}
				}
			})
		}
	})
}
