package sqlstore

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/catalog"
)

// BenchmarkNotingChanges inserts 100,000 speeches with three tags each, as a large import does, with and without a note of which they
// are, in turn and each as often first: the table grows meanwhile. The figure is how many times as long it takes with the note.
func BenchmarkNotingChanges(b *testing.B) {
	benchEach(b, func(b *testing.B, db *DB) {
		tags := benchTags(b, db)
		var took [2]time.Duration // without and with
		for first := 0; b.Loop(); first = 1 - first {
			for _, noted := range []int{first, 1 - first} {
				began := time.Now()
				if err := insertNoted(b.Context(), db, benchSpeeches(maxNoted, tags), noted == 1); err != nil {
					b.Fatal(err)
				}
				took[noted] += time.Since(began)
			}
		}
		b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "noted/not")
	})
}

func insertNoted(ctx context.Context, db *DB, speeches []catalog.Speech, noted bool) error {
	return db.conn().inTx(ctx, func(tx conn) error {
		if err := (&Catalog{tx}).BumpVersion(ctx); err != nil {
			return err
		}
		tx.tx.content.raised = noted
		for part := range slices.Chunk(speeches, 10_000) {
			if err := (&Catalog{tx}).InsertSpeeches(ctx, part); err != nil {
				return err
			}
		}
		return nil
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
