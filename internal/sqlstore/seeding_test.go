package sqlstore_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// TestAnalyze: PostgreSQL's planner knows how many speeches there are, at once.
func TestAnalyze(t *testing.T) {
	db := sqltest.Postgres(t)
	speeches := make([]catalog.Speech, 300)
	for i := range speeches {
		speeches[i] = catalog.Speech{ID: uuid.New(), Audio: "a", Text: "Hello.", Level: "A1", Type: catalog.Answer}
	}
	if err := db.Catalog().InsertSpeeches(t.Context(), speeches); err != nil {
		t.Fatal(err)
	}
	estimate := func() (rows int) {
		t.Helper()
		if err := db.Raw().GetContext(t.Context(), &rows, `SELECT reltuples FROM pg_class WHERE relname = 'speeches'`); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	if before := estimate(); before > 0 {
		t.Fatalf("the planner knew of %d speeches before: this test shows nothing", before)
	}
	if err := db.Seeding().Analyze(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := estimate(); after != len(speeches) {
		t.Errorf("the planner knows of %d speeches, want %d", after, len(speeches))
	}
}
