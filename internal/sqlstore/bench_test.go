package sqlstore

import (
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/practice"
)

// benchEach runs a benchmark on both databases.
func benchEach(b *testing.B, bench func(b *testing.B, db *DB)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, openTestSQLite(b, filepath.Join(b.TempDir(), "bench.db"))) })
	b.Run("postgres", func(b *testing.B) {
		db, err := Open(b.Context(), Config{URL: postgresTestURL(b), PoolSize: 4})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = db.Close() })
		bench(b, db)
	})
}

// BenchmarkInsertSessions saves a session with 10 results and an idempotency key.
func BenchmarkInsertSessions(b *testing.B) {
	benchEach(b, func(b *testing.B, db *DB) {
		w := newWorld(b, db, 10)
		for i := 0; b.Loop(); i++ {
			outcome, err := db.Practice().InsertSessions(b.Context(), []practice.Session{w.session()}, w.claim(strconv.Itoa(i)))
			if err != nil || outcome.Earlier != nil {
				b.Fatal(outcome, err)
			}
		}
	})
}

// BenchmarkSnapshot reads what selection needs of 100,000 speeches with two tags each.
func BenchmarkSnapshot(b *testing.B) {
	const size, chunk = 100_000, 10_000
	benchEach(b, func(b *testing.B, db *DB) {
		w := newWorld(b, db, 0)
		second := catalog.Tag{ID: uuid.New(), Name: "second", CreatedAt: testTime}
		if err := db.Catalog().InsertTag(b.Context(), second); err != nil {
			b.Fatal(err)
		}
		for range size / chunk {
			speeches := make([]catalog.Speech, chunk)
			for i := range speeches {
				speeches[i] = catalog.Speech{
					ID: uuid.New(), Audio: "a", Text: "Where do you live?", Level: "A1", Type: catalog.Question,
					Tags: []catalog.TagRef{{ID: w.tag.ID}, {ID: second.ID}}, CreatedAt: testTime, UpdatedAt: testTime,
				}
			}
			if err := db.Catalog().InsertSpeeches(b.Context(), speeches); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportAllocs()
		for b.Loop() {
			var told counted
			if err := db.Catalog().Snapshot(b.Context(), &told); err != nil || told != (counted{size, 2 * size}) {
				b.Fatal(told, err)
			}
		}
	})
}

// counted counts what a snapshot tells.
type counted struct{ speeches, links int }

// Begin implements catalog.Collector.
func (c *counted) Begin(catalog.Version, []catalog.Tag) {}

// Changed implements catalog.Collector.
func (c *counted) Changed([]uuid.UUID) {}

// Speech implements catalog.Collector.
func (c *counted) Speech(catalog.SpeechRow) { c.speeches++ }

// Tagged implements catalog.Collector.
func (c *counted) Tagged(uuid.UUID, uuid.UUID) { c.links++ }
