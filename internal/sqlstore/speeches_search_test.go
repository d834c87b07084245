package sqlstore

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
)

// TestWaysOfSearching: a page has the same speeches in the same order whether the matches are found by their words or by their tag, are
// sorted, or the order is walked; and deleted speeches are in none.
func TestWaysOfSearching(t *testing.T) {
	ways := func(t *testing.T, db *DB) {
		tags := benchTags(t, db)
		speeches := benchSpeeches(300, tags)
		for i := range speeches { // created in another order than they are stored
			speeches[i].CreatedAt = testTime.Add(time.Duration(i*7919%300/2) * time.Minute)
		}
		store := db.Catalog()
		if err := store.InsertSpeeches(t.Context(), speeches); err != nil {
			t.Fatal(err)
		}
		for _, sp := range speeches[:50] {
			if err := store.DeleteSpeech(t.Context(), sp.ID, testTime); err != nil {
				t.Fatal(err)
			}
		}
		for _, words := range [][]string{{"lunch"}, {"w", "eat"}, {"word6", "word1"}, {"nobody"}} {
			for _, filter := range []catalog.SpeechFilter{{}, {Level: "B1"}, {Type: catalog.Question}, {TagID: &tags[3]}, {Level: "A1", TagID: &tags[7]}} {
				for _, order := range catalog.SpeechOrders {
					filter.Words, filter.Order = words, order
					compareWays(t, db, filter)
				}
			}
		}
	}
	t.Run("sqlite", func(t *testing.T) { ways(t, openTestSQLite(t, filepath.Join(t.TempDir(), "test.db"))) })
	t.Run("postgres", func(t *testing.T) { ways(t, openTestPostgres(t)) })
}

func openTestPostgres(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), Config{URL: postgresTestURL(t), PoolSize: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func compareWays(t *testing.T, db *DB, filter catalog.SpeechFilter) {
	t.Helper()
	terms := db.dialect.terms(filter.Words)
	err := db.conn().inOneVersion(t.Context(), func(tx conn) error {
		byWords := db.dialect.byWords(filter, terms)
		byTag := byWords
		if filter.TagID != nil && db.dialect.searchedOfTag != "" {
			byTag = db.dialect.byTag(filter, terms)
		}
		total, err := tx.count(t.Context(), byWords)
		if err != nil {
			return err
		}
		again, err := tx.count(t.Context(), byTag)
		if err != nil {
			return err
		}
		if again != total {
			return fmt.Errorf("%+v has %d speeches by words and %d by tag", filter, total, again)
		}
		for number, all := 1, 0; ; number++ {
			page := paging.Page{Number: number, Limit: 7}
			if err := tx.plan(t.Context(), db.dialect.planByText); err != nil {
				return err
			}
			sorted, err := tx.sorted(t.Context(), byWords, filter.Order, page)
			if err != nil {
				return err
			}
			tagged, err := tx.sorted(t.Context(), byTag, filter.Order, page)
			if err != nil {
				return err
			}
			walked, err := tx.walked(t.Context(), filter, terms, page)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(ids(sorted), ids(tagged)); diff != "" {
				return fmt.Errorf("page %d of %+v (-by words +by tag):\n%s", number, filter, diff)
			}
			if diff := cmp.Diff(ids(sorted), ids(walked)); diff != "" {
				return fmt.Errorf("page %d of %+v (-sorted +walked):\n%s", number, filter, diff)
			}
			all += len(sorted)
			if all > total || len(sorted) == 0 && all < total {
				return fmt.Errorf("%+v has %d speeches on its pages and a total of %d", filter, all, total)
			}
			if len(sorted) == 0 {
				return nil
			}
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func ids(speeches []catalog.Speech) []uuid.UUID {
	return convert(speeches, func(s catalog.Speech) uuid.UUID { return s.ID })
}

func TestWalks(t *testing.T) {
	for _, tt := range []struct {
		total, page, limit int
		want               bool
	}{
		{100_000, 1, 50, true},
		{100_000, 100, 50, true},
		{100_000, 101, 50, false}, // one in twenty is 5,000
		{10_000, 1, 200, true},
		{10_000, 4, 200, false},
		{5_000, 1, 50, true},
		{4_999, 1, 50, false},
		{0, 1, 50, false},
		{100_000, math.MaxInt, 200, false},
		{100_000, 1, math.MaxInt32, false},
	} {
		if got := walks(tt.total, paging.Page{Number: tt.page, Limit: tt.limit}); got != tt.want {
			t.Errorf("page %d of %d matches with %d on each is walked to: %v", tt.page, tt.total, tt.limit, got)
		}
	}
}

// TestTextIndexIsUsed: PostgreSQL finds words by their index even where the planner believes that reading all texts is cheaper, which
// takes tens of times as long.
func TestTextIndexIsUsed(t *testing.T) {
	db := openTestPostgres(t)
	tags := benchTags(t, db)
	if err := db.Catalog().InsertSpeeches(t.Context(), benchSpeeches(2000, tags)); err != nil {
		t.Fatal(err)
	}
	if err := db.Seeding().Analyze(t.Context()); err != nil {
		t.Fatal(err)
	}
	where := speechFilter(catalog.SpeechFilter{Level: "B1"})
	query := `EXPLAIN SELECT count(*)` + db.dialect.searched + where.sql()
	err := db.conn().inOneVersion(t.Context(), func(tx conn) error {
		if err := tx.plan(t.Context(), db.dialect.planByText); err != nil {
			return err
		}
		var lines []string
		if err := tx.all(t.Context(), &lines, query, "lunch:*", "B1"); err != nil {
			return err
		}
		if plan := strings.Join(lines, "\n"); !strings.Contains(plan, "idx_speech_text_fts") {
			t.Errorf("the plan does not use the index:\n%s", plan)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
