package sqlstore

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/practice"
)

const (
	selectMissingSpeeches = `
	SELECT value
	  FROM json_each(?)
	 WHERE NOT EXISTS (SELECT 1 FROM speeches WHERE id = value)
	 ORDER BY key`

	claimKey = `
	INSERT INTO idempotency_keys (user_id, key, request_sha256, session_ids, created_at)
	VALUES (?, ?, ?, ?, ?)
	ON CONFLICT (user_id, key) DO UPDATE
	   SET request_sha256 = excluded.request_sha256, session_ids = excluded.session_ids, created_at = excluded.created_at
	 WHERE idempotency_keys.created_at < ?`

	insertGameSessions = `
	INSERT INTO game_sessions (id, user_id, mode, level, sentence_type, selected_tags, total_sentences, correct_count,
	                           max_streak, avg_pronunciation_score, duration_seconds, started_at, completed_at, saved_at)`

	insertGameResults = `
	INSERT INTO game_results (id, session_id, speech_id, sequence_number, user_response, pronunciation_score,
	                          recognized_text, response_time_ms, created_at, score_id, score_provider)`
)

// insertSessionsSQLite needs no cleverness: a writing transaction is alone, and a statement costs no round trip. Whether speeches are missing is
// looked for only where that may be why nothing is written.
func insertSessionsSQLite(
	ctx context.Context, c conn, sessions []practice.Session, claim *practice.Claim,
) (written bool, missing []uuid.UUID, err error) {
	err = c.inTx(ctx, func(tx conn) error {
		if claim != nil {
			if won, err := tx.claim(ctx, *claim, sessions); err != nil || !won {
				return err
			}
		}
		written = true
		return tx.insertSessionRows(ctx, sessions)
	})
	if err == nil && written {
		return true, nil, nil
	}
	if err != nil && !hasCode(err, codeDangling) {
		return false, nil, err
	}
	missing, failed := c.missingSpeeches(ctx, sessions)
	if failed != nil || len(missing) > 0 {
		return false, missing, failed
	}
	return false, nil, err
}

func (c conn) missingSpeeches(ctx context.Context, sessions []practice.Session) ([]uuid.UUID, error) {
	list, err := c.list(speechIDs(sessions))
	if err != nil {
		return nil, err
	}
	var missing []uuid.UUID
	if err := c.all(ctx, &missing, selectMissingSpeeches, list); err != nil {
		return nil, fmt.Errorf("select missing speeches: %w", err)
	}
	return missing, nil
}

// speechIDs are the speeches of all results, each once, in the order first met.
func speechIDs(sessions []practice.Session) []uuid.UUID {
	seen := make(map[uuid.UUID]bool)
	ids := []uuid.UUID{}
	for _, s := range sessions {
		for _, r := range s.Results {
			if !seen[r.SpeechID] {
				seen[r.SpeechID] = true
				ids = append(ids, r.SpeechID)
			}
		}
	}
	return ids
}

func (c conn) claim(ctx context.Context, claim practice.Claim, sessions []practice.Session) (won bool, err error) {
	ids, err := sessionIDs(sessions)
	if err != nil {
		return false, err
	}
	n, err := c.exec(ctx, claimKey, claim.UserID, claim.Key, claim.Request[:], ids, timestamp(claim.At),
		timestamp(claim.StaleBefore))
	if err != nil {
		return false, fmt.Errorf("claim an idempotency key: %w", err)
	}
	return n > 0, nil
}

func (c conn) insertSessionRows(ctx context.Context, sessions []practice.Session) error {
	rows := make([][]any, 0, len(sessions))
	var results [][]any
	for _, s := range sessions {
		tags, err := idList(s.SelectedTags).json()
		if err != nil {
			return err
		}
		rows = append(rows, []any{
			s.ID, s.UserID, s.Mode, s.Level, s.SentenceType, tags, s.TotalSentences, s.CorrectCount, s.MaxStreak,
			s.AvgPronunciationScore, s.DurationSeconds, timestamp(s.StartedAt), timestamp(s.CompletedAt),
			timestamp(s.SavedAt),
		})
		for _, r := range s.Results {
			results = append(results, []any{
				r.ID, s.ID, r.SpeechID, r.SequenceNumber, r.UserResponse, r.PronunciationScore, r.RecognizedText,
				r.ResponseTimeMS, timestamp(s.SavedAt), scoreID(r), orNull(r.ScoreProvider),
			})
		}
	}
	if _, err := c.insertRows(ctx, insertGameSessions, rows, ``); err != nil {
		return err
	}
	if _, err := c.insertRows(ctx, insertGameResults, results, ``); err != nil {
		return fmt.Errorf("insert %d results: %w", len(results), err)
	}
	return nil
}
