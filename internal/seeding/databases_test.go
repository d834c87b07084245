package seeding_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/seeding"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// newDatabaseWorld is the service on a real database.
func newDatabaseWorld(t *testing.T, db *sqlstore.DB) *world {
	w := newWorld(t)
	w.Service = seeding.New(db.Seeding(), w.objects, w, smallPack())
	w.InPiecesOf(50)
	return w
}

var some = seeding.Request{Seed: 42, Speeches: 230, Users: 60, Sessions: 120}

// tables are the rows that a seed fills.
var tableNames = []string{"tags", "speeches", "speech_tags", "users", "game_sessions", "game_results", "audit_log"}

func counts(t *testing.T, db *sqlstore.DB) map[string]int {
	t.Helper()
	found := map[string]int{}
	for _, name := range tableNames {
		found[name] = sqltest.Count(t, db, name)
	}
	return found
}

// TestDatabases: the catalogue and the history read what a seed has written, and a second one changes no row.
func TestDatabases(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		w, ctx := newDatabaseWorld(t, db), t.Context()
		w.seed(t, some)
		before := counts(t, db)
		if before["speeches"] != 230 || before["users"] != 60 || before["game_sessions"] != 120 || before["audit_log"] != 1 {
			t.Errorf("after the seed: %v", before)
		}
		version, err := db.Catalog().Version(ctx)
		if err != nil {
			t.Fatal(err)
		}
		w.seed(t, some)
		if diff := cmp.Diff(before, counts(t, db)); diff != "" {
			t.Errorf("a second seed changes rows (-before +after):\n%s", diff)
		}
		if again, err := db.Catalog().Version(ctx); err != nil || again != version {
			t.Errorf("a second seed raises the version from %v to %v (%v)", version, again, err)
		}
		checkReadable(t, db)
	})
}

func checkReadable(t *testing.T, db *sqlstore.DB) {
	t.Helper()
	found, total, err := db.Catalog().Speeches(t.Context(), catalog.SpeechFilter{Level: "A1", Type: "question"}, paging.Page{Number: 1, Limit: 50})
	if err != nil || total != 23 || len(found) != 23 || len(found[0].Tags) < 2 {
		t.Fatalf("%d of %d A1 questions (%v)", len(found), total, err)
	}
	users, total, err := db.Accounts().Users(t.Context(), account.UserFilter{Search: "learner-0007@"}, paging.Page{Number: 1, Limit: 50})
	if err != nil || total != 1 {
		t.Fatalf("%d learners are the seventh (%v)", total, err)
	}
	sessions, total, err := db.Practice().Sessions(t.Context(), users[0].ID, practice.HistoryFilter{}, paging.Page{Number: 1, Limit: 50})
	if err != nil || total != 2 {
		t.Fatalf("the seventh learner has %d games (%v), want 2", total, err)
	}
	session, err := db.Practice().Session(t.Context(), sessions[0].ID)
	if err != nil || len(session.Results) != session.TotalSentences {
		t.Errorf("a game has %d results of %d (%v)", len(session.Results), session.TotalSentences, err)
	}
}

// TestAtOnce: two who seed the same at the same time make it once, and neither fails.
func TestAtOnce(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		w := newDatabaseWorld(t, db)
		var together sync.WaitGroup
		created := make([]int, 3)
		for i := range created {
			together.Go(func() {
				report, err := w.trySeed(t.Context(), some)
				if err != nil {
					t.Error(err)
				}
				created[i] = report[seeding.Speeches].Created
			})
		}
		together.Wait()
		if got := counts(t, db); got["speeches"] != 230 || got["users"] != 60 || got["game_sessions"] != 120 || got["tags"] != 37 {
			t.Errorf("after three at once: %v", got)
		}
		if created[0]+created[1]+created[2] != 230 {
			t.Errorf("they say that they have made %v speeches, 230 in all", created)
		}
	})
}

// TestStopped: a run that is stopped in the middle of a statement or between two is completed by the next.
func TestStopped(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		calm := newWorld(t)
		calm.seed(t, some)
		w := newDatabaseWorld(t, db)
		plan, err := w.Plan(t.Context(), some)
		if err != nil {
			t.Fatal(err)
		}
		for stopAfter := 1; stopAfter <= 5; stopAfter++ {
			ctx, cancel := context.WithCancel(t.Context())
			calls := 0
			_, err = w.Apply(ctx, plan, func(seeding.Kind, int, int) {
				if calls++; calls == stopAfter {
					go cancel() // while the next transaction runs
				}
			})
			cancel()
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
		w.seed(t, some)
		if got := counts(t, db); got["speeches"] != 230 || got["users"] != 60 || got["game_sessions"] != 120 {
			t.Errorf("after all: %v", got)
		}
		links := 0
		for _, s := range calm.speeches(t) {
			links += len(s.Tags)
		}
		results := 0
		for _, s := range calm.store.sessions {
			results += len(s.Results)
		}
		if got := counts(t, db); got["speech_tags"] != links || got["game_results"] != results {
			t.Errorf("after all %v, want %d tag links and %d results", got, links, results)
		}
	})
}
