package sqlstore

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/practice"
)

// BenchmarkSaveBesideRowByRow saves a session with 10 results as the program does, and as a plain transaction does
// that writes one row after the other. The ratio is what counts: both run on the same machine in the same minute.
func BenchmarkSaveBesideRowByRow(b *testing.B) {
	benchEach(b, func(b *testing.B, db *DB) {
		w := newWorld(b, db, 10)
		b.Run("ours", func(b *testing.B) {
			for b.Loop() {
				if _, err := db.Practice().InsertSessions(b.Context(), []practice.Session{w.session()}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("row_by_row", func(b *testing.B) {
			for b.Loop() {
				if err := saveRowByRow(b, db, w.session()); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

func saveRowByRow(b *testing.B, db *DB, s practice.Session) error {
	tx, err := db.write.BeginTxx(b.Context(), nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(b.Context(), tx.Rebind(`
		INSERT INTO game_sessions (id, user_id, mode, level, sentence_type, selected_tags, total_sentences, correct_count,
		                           max_streak, duration_seconds, started_at, completed_at, saved_at)
		VALUES (?, ?, ?, ?, ?, '[]', ?, ?, ?, ?, ?, ?, ?)`),
		s.ID, s.UserID, s.Mode, s.Level, s.SentenceType, s.TotalSentences, s.CorrectCount, s.MaxStreak, s.DurationSeconds,
		timestamp(s.StartedAt), timestamp(s.CompletedAt), timestamp(s.SavedAt))
	if err != nil {
		return err
	}
	for _, r := range s.Results {
		var known int
		if err := tx.GetContext(b.Context(), &known, tx.Rebind(`SELECT count(*) FROM speeches WHERE id = ?`), r.SpeechID); err != nil {
			return err
		}
		_, err = tx.ExecContext(b.Context(), tx.Rebind(`
			INSERT INTO game_results (id, session_id, speech_id, sequence_number, user_response, response_time_ms, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?)`),
			r.ID, s.ID, r.SpeechID, r.SequenceNumber, r.UserResponse, r.ResponseTimeMS, timestamp(s.SavedAt))
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}

// BenchmarkFetchBesideOrderByRandom reads 10 speeches by id, which is all that a draw asks of the database, beside the
// specification's ORDER BY RANDOM() over the same catalogue.
func BenchmarkFetchBesideOrderByRandom(b *testing.B) {
	for _, size := range []int{1_000, 20_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) { benchEach(b, func(b *testing.B, db *DB) { fetchBesideRandom(b, db, size) }) })
	}
}

func fetchBesideRandom(b *testing.B, db *DB, size int) {
	w := newWorld(b, db, 0)
	speeches := make([]catalog.Speech, size)
	ids := make([]uuid.UUID, size)
	for i := range speeches {
		ids[i] = uuid.Must(uuid.NewV7())
		speeches[i] = catalog.Speech{
			ID: ids[i], Audio: "a", Text: "Where do you live?", Level: "A1", Type: catalog.Question,
			Tags: []catalog.TagRef{{ID: w.tag.ID}}, CreatedAt: testTime, UpdatedAt: testTime,
		}
	}
	if err := db.Catalog().InsertSpeeches(b.Context(), speeches); err != nil {
		b.Fatal(err)
	}
	// The server does this by itself some time after a large import.
	if _, err := db.write.ExecContext(b.Context(), "ANALYZE"); err != nil {
		b.Fatal(err)
	}
	b.Run("ours", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			from := i * 10 % (size - 10)
			if got, err := db.Catalog().SpeechesByID(b.Context(), ids[from:from+10]); err != nil || len(got) != 10 {
				b.Fatal(len(got), err)
			}
		}
	})
	b.Run("order_by_random", func(b *testing.B) {
		query := db.read.Rebind(`
			SELECT id FROM speeches
			 WHERE level = ? AND type = ? AND deleted_at IS NULL
			   AND EXISTS (SELECT 1 FROM speech_tags WHERE speech_id = speeches.id AND tag_id IN (?))
			 ORDER BY RANDOM() LIMIT 10`)
		for b.Loop() {
			var got []uuid.UUID
			if err := db.read.SelectContext(b.Context(), &got, query, "A1", "question", w.tag.ID); err != nil || len(got) != 10 {
				b.Fatal(len(got), err)
			}
		}
	})
}
