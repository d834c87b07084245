package sqlstore

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	starterpack "github.com/englishapp/englishctl/examples/starter-pack"
	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/seeding"
	"github.com/englishapp/englishctl/internal/statistics"
)

// benchGames is the size of BenchmarkDashboard: a seed's game has twelve and a half results.
var benchGames = flag.Int("games", 8_000, "games in BenchmarkDashboard; 80000 have a million results")

// BenchmarkDashboard reads the dashboard of a seed that was played within 90 days, and brings its roll-ups up to date: for the first
// time, with games stored since the last time, after a deletion, and when nothing has happened. "ranking" counts every result of 90 days;
// it is done again after a hundred times its own duration. "direct" is what reading without roll-ups would take.
//
// go test ./internal/sqlstore -run '^$' -bench Dashboard -benchtime 5x -args -games 80000
func BenchmarkDashboard(b *testing.B) {
	benchEach(b, func(b *testing.B, db *DB) {
		until := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
		seedGames(b, db, *benchGames, until)
		now := until
		service := statistics.New(catalog.New(db.Catalog(), nil), nil, nil, db.Statistics(), "bench", func() time.Time { return now })
		refresh := func(b *testing.B) {
			b.Helper()
			if done, err := service.Refresh(b.Context(), 0); err != nil || !done {
				b.Fatal(done, err)
			}
		}
		b.Run("refresh_first", func(b *testing.B) {
			for b.Loop() {
				if err := db.conn().forgetRollUps(b.Context()); err != nil {
					b.Fatal(err)
				}
				now = now.Add(time.Millisecond)
				refresh(b)
			}
			b.ReportMetric(float64(countRows(b, db, "game_results")), "results")
		})

		for _, period := range statistics.Periods {
			b.Run(fmt.Sprintf("read_%d_days", period), func(b *testing.B) {
				for b.Loop() {
					d, err := service.Dashboard(b.Context(), period)
					if err != nil || d.Sessions == 0 || len(d.Hardest) == 0 || d.Pending > 0 {
						b.Fatal(d, err)
					}
				}
			})
		}
		b.Run("refresh_idle", func(b *testing.B) {
			now = now.Add(time.Hour)
			refresh(b)
			for b.Loop() {
				refresh(b)
			}
		})
		games, _, err := db.Practice().AllSessions(b.Context(), practice.SessionFilter{}, paging.Page{Number: 1, Limit: 100})
		if err != nil {
			b.Fatal(err)
		}
		// A clock that stands still makes a ranking take no time: it would be done each time.
		if err := db.Statistics().SaveRankingTime(b, now); err != nil {
			b.Fatal(err)
		}
		b.Run("refresh_today", func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				g := games[i%len(games)]
				if err := db.Practice().DeleteSession(b.Context(), g.ID, audit.Entry{ID: g.ID, At: now}); err != nil && i < len(games) {
					b.Fatal(err)
				}
				refresh(b)
			}
		})
		b.Run("ranking", func(b *testing.B) {
			today := statistics.DateOf(now)
			for b.Loop() {
				n := 0
				if err := db.Statistics().EachTally(b.Context(), []statistics.Date{today.Add(-89), today.Add(-29), today.Add(-6)}, today, func(statistics.Tally) { n++ }); err != nil || n == 0 {
					b.Fatal(n, err)
				}
			}
		})
		b.Run("direct", func(b *testing.B) {
			today := statistics.DateOf(now)
			for b.Loop() {
				for d := today.Add(-89); d <= today; d = d.Add(1) {
					if _, err := db.Statistics().CountDay(b.Context(), d); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	})
}

// SaveRankingTime notes that a ranking at the time took an hour, so that there is none soon.
func (s *Statistics) SaveRankingTime(b *testing.B, at time.Time) error {
	_, err := s.c.exec(b.Context(), setRanked, timestamp(at), time.Hour.Milliseconds())
	return err
}

func countRows(b *testing.B, db *DB, table string) (n int) {
	b.Helper()
	if err := db.read.GetContext(b.Context(), &n, "SELECT count(*) FROM "+table); err != nil {
		b.Fatal(err)
	}
	return n
}

func seedGames(b *testing.B, db *DB, games int, until time.Time) {
	b.Helper()
	service := seeding.New(db.Seeding(), stored{}, account.New(db.Accounts(), nil, account.Config{SigningKey: []byte(strings.Repeat("k", 32))}), starterpack.Files)
	plan, err := service.Plan(b.Context(), seeding.Request{Seed: 1, Speeches: 5_000, Users: 5_000, Sessions: games, Until: until})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := service.Apply(b.Context(), plan, func(seeding.Kind, int, int) {}); err != nil {
		b.Fatal(err)
	}
}
