package sqlstore

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/uuid"

	starterpack "github.com/englishapp/englishctl/examples/starter-pack"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/seeding"
)

// BenchmarkSeedBesidePlainInserts makes 10,000 speeches with three tags each: as a whole seed, by the insert that seeds and imports
// use, by inserts of many rows with a parameter for each value, and by an insert for each row. The ratios are what counts:
// all run on the same machine in the same minutes. On SQLite the second and the third are the same.
func BenchmarkSeedBesidePlainInserts(b *testing.B) {
	const size = 10_000
	benchEach(b, func(b *testing.B, db *DB) {
		tags := benchTags(b, db)
		seed := uint64(0)
		b.Run("seed", func(b *testing.B) {
			for b.Loop() {
				seed++
				if err := seedSpeeches(b.Context(), db, seed, size); err != nil {
					b.Fatal(err)
				}
			}
		})
		for _, way := range []struct {
			name   string
			insert func(ctx context.Context, tx conn, speeches []catalog.Speech) error
		}{
			{"ours", db.dialect.insertSpeeches},
			{"many_rows", insertSpeechesSQLite}, // it is the plain way for both
			{"row_by_row", insertRowByRow},
		} {
			b.Run(way.name, func(b *testing.B) {
				for b.Loop() {
					speeches := benchSpeeches(size, tags)
					err := db.conn().inTx(b.Context(), func(tx conn) error { return way.insert(b.Context(), tx, speeches) })
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}

func seedSpeeches(ctx context.Context, db *DB, seed uint64, size int) error {
	service := seeding.New(db.Seeding(), stored{}, nil, starterpack.Files)
	plan, err := service.Plan(ctx, seeding.Request{Seed: seed, Speeches: size})
	if err != nil {
		return err
	}
	_, err = service.Apply(ctx, plan, func(seeding.Kind, int, int) {})
	return err
}

// stored is an audio store that has everything.
type stored struct{}

func (stored) Exists(context.Context, string) (bool, error) { return true, nil }

func (stored) Put(context.Context, string, io.Reader, string) (int64, error) {
	panic("there is nothing to put")
}

func benchTags(b testing.TB, db *DB) []uuid.UUID {
	b.Helper()
	ids := make([]uuid.UUID, 37)
	for i := range ids {
		ids[i] = uuid.Must(uuid.NewV7())
		if err := db.Catalog().InsertTag(b.Context(), catalog.Tag{ID: ids[i], Name: fmt.Sprint("tag ", i), CreatedAt: testTime}); err != nil {
			b.Fatal(err)
		}
	}
	return ids
}

// benchSpeeches are of the size of a seed's.
func benchSpeeches(n int, tags []uuid.UUID) []catalog.Speech {
	speeches := make([]catalog.Speech, n)
	for i := range speeches {
		key := fmt.Sprintf("%064x", i%457)
		at := testTime.Add(time.Duration(i) * time.Millisecond)
		speeches[i] = catalog.Speech{
			ID: uuid.Must(uuid.NewV7()), Audio: "audio/A1/" + key + ".mp3", AudioSHA256: key,
			Text:  fmt.Sprintf("Does word%d eat word%d for lunch with word%d on Mondays?", i%64, i%977, i%4001),
			Level: catalog.Levels[i%5], Type: catalog.SentenceTypes[i/5%2], CreatedAt: at, UpdatedAt: at,
			Tags: []catalog.TagRef{{ID: tags[i%37]}, {ID: tags[(i+7)%37]}, {ID: tags[(i+11)%37]}},
		}
	}
	return speeches
}

func insertRowByRow(ctx context.Context, tx conn, speeches []catalog.Speech) error {
	for i := range speeches {
		if err := insertSpeechesSQLite(ctx, tx, speeches[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}
