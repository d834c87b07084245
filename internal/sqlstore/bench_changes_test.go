package sqlstore

import (
	"slices"
	"testing"

	"github.com/englishapp/englishctl/internal/catalog"
)

// BenchmarkNotingChanges inserts 100,000 speeches with three tags each, as a large import does, with and without a note of which they
// are: what the note costs beside the whole is what counts.
func BenchmarkNotingChanges(b *testing.B) {
	benchEach(b, func(b *testing.B, db *DB) {
		tags := benchTags(b, db)
		for _, way := range []struct {
			name  string
			noted bool
		}{{"not_noted", false}, {"noted", true}} {
			b.Run(way.name, func(b *testing.B) {
				for b.Loop() {
					speeches := benchSpeeches(maxNoted, tags)
					err := db.conn().inTx(b.Context(), func(tx conn) error {
						if err := (&Catalog{tx}).BumpVersion(b.Context()); err != nil {
							return err
						}
						tx.tx.content.raised = way.noted
						for part := range slices.Chunk(speeches, 10_000) {
							if err := (&Catalog{tx}).InsertSpeeches(b.Context(), part); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}

// BenchmarkChanges reads what ten edits have changed among 100,000 speeches. BenchmarkSnapshot reads all of them.
func BenchmarkChanges(b *testing.B) {
	benchEach(b, func(b *testing.B, db *DB) {
		ctx, content := b.Context(), db.Catalog()
		speeches := benchSpeeches(maxNoted, benchTags(b, db))
		if err := content.InsertSpeeches(ctx, speeches); err != nil {
			b.Fatal(err)
		}
		var since catalog.Version
		for i := range 11 {
			err := content.InTx(ctx, func(tx catalog.Store) error {
				if err := tx.BumpVersion(ctx); err != nil {
					return err
				}
				return tx.UpdateSpeech(ctx, speeches[i])
			})
			if err != nil {
				b.Fatal(err)
			}
			if i == 0 {
				if since, err = content.Version(ctx); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportAllocs()
		for b.Loop() {
			var told counted
			if known, err := content.Changes(ctx, since, maxNoted, &told); err != nil || !known || told.speeches != 10 {
				b.Fatal(known, told, err)
			}
		}
	})
}
