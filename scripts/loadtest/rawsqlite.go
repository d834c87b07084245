package main

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// durable are the daemon's own settings for the connection that writes: each commit waits for the disk.
const durable = "?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=synchronous(FULL)&_pragma=journal_mode(WAL)&_txlock=immediate"

const (
	rawKey     = `INSERT INTO idempotency_keys (user_id, key, request_sha256, session_ids, created_at) VALUES (?, ?, ?, ?, ?)`
	rawSession = `INSERT INTO game_sessions (id, user_id, mode, level, sentence_type, selected_tags, total_sentences, correct_count,
		max_streak, avg_pronunciation_score, duration_seconds, started_at, completed_at, saved_at)
		VALUES (?, ?, 'listen_only', 'A1', 'question', ?, 10, 10, 10, NULL, 60, ?, ?, ?)`
	rawResults = `INSERT INTO game_results (id, session_id, speech_id, sequence_number, user_response, pronunciation_score,
		recognized_text, response_time_ms, created_at) VALUES `
)

// rawSQLite writes the same rows with as few statements as can be, prepared once, one transaction after the other in this
// process, and returns how many it writes in a second. The daemon stands still meanwhile.
func (b *bench) rawSQLite(ctx context.Context, c catalogue, s saving) (rate float64, err error) {
	db, err := c.open()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	results := rawResults + strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, 'correct', NULL, NULL, 1000, ?), ", len(s.speeches)), ", ")
	var prepared [3]*sql.Stmt
	for i, text := range []string{rawKey, rawSession, results} {
		if prepared[i], err = db.PrepareContext(ctx, text); err != nil { //nolint:sqlclosecheck // it is, two lines below
			return 0, err
		}
		defer prepared[i].Close() //nolint:errcheck // the database is closed right after
	}
	n, began := 0, time.Now()
	for ; time.Since(began) < b.duration; n++ {
		if err := rawSave(ctx, db, prepared, s); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), nil
}

func rawSave(ctx context.Context, db *sql.DB, prepared [3]*sql.Stmt, s saving) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")
	id := uuid.Must(uuid.NewV7()).String()
	args := [3][]any{
		{s.players[0].id, uuid.NewString(), make([]byte, 32), `["` + id + `"]`, now},
		{id, s.players[0].id, `["` + strings.Join(s.tags, `","`) + `"]`, now, now, now},
	}
	for i, speech := range s.speeches {
		args[2] = append(args[2], uuid.Must(uuid.NewV7()).String(), id, speech, i+1, now)
	}
	for i, statement := range prepared {
		if _, err := tx.StmtContext(ctx, statement).ExecContext(ctx, args[i]...); err != nil { //nolint:sqlclosecheck // it ends with tx
			return err
		}
	}
	return tx.Commit()
}
