package sqlstore_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// TestAnalyze: PostgreSQL's planner knows how many speeches there are, at once, and nothing of games, of which there are none yet: else it would
// read all that come to find one of them.
func TestAnalyze(t *testing.T) {
	db := sqltest.Postgres(t)
	speeches := make([]catalog.Speech, 300)
	for i := range speeches {
		speeches[i] = catalog.Speech{ID: uuid.New(), Audio: "a", Text: "Hello.", Level: "A1", Type: catalog.Answer}
	}
	if err := db.Catalog().InsertSpeeches(t.Context(), speeches); err != nil {
		t.Fatal(err)
	}
	estimate := func(table string) (rows int) {
		t.Helper()
		if err := db.Raw().GetContext(t.Context(), &rows, `SELECT reltuples FROM pg_class WHERE relname = $1`, table); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	if before := estimate("speeches"); before > 0 {
		t.Fatalf("the planner knew of %d speeches before: this test shows nothing", before)
	}
	if err := db.Seeding().Analyze(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := estimate("speeches"); after != len(speeches) {
		t.Errorf("the planner knows of %d speeches, want %d", after, len(speeches))
	}
	if games := estimate("game_sessions"); games != -1 {
		t.Errorf("the planner was told of %d games", games)
	}
}
