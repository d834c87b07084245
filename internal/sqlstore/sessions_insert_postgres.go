package sqlstore

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/englishapp/englishctl/internal/practice"
)

// insertSessionsPG does all in one statement, and so in one round trip and, without BEGIN, in one transaction.
//
// Its parts see the same state of the database, and none sees what another writes; foreign keys are checked at its
// end. ON CONFLICT waits for a concurrent claim of the same key to end. If that one commits, its row is not stale, DO
// UPDATE does not fire, "claim" is empty and so are the inserts after it.
//
// Each speech is looked for by itself (a scalar query is never made a join): of a join the planner thinks that reading a thousand speeches is
// cheaper than looking for ten, which took 40 % of the whole.
//
// $1 is the idempotency key, or null where there is none.
const insertSessionsPG = `
WITH wanted AS (
	SELECT *
	  FROM unnest($7::uuid[], $8::uuid[], $9::uuid[], $10::int[], $11::text[], $12::float8[], $13::text[], $14::int[],
	              $15::timestamptz[], $16::uuid[], $17::text[])
	       WITH ORDINALITY AS r (id, session_id, speech_id, sequence_number, user_response, pronunciation_score,
	                             recognized_text, response_time_ms, created_at, score_id, score_provider, place)
), missing AS (
	SELECT speech_id, min(place) AS place
	  FROM wanted
	 WHERE (SELECT speeches.id FROM speeches WHERE speeches.id = wanted.speech_id) IS NULL
	 GROUP BY speech_id
), claim AS (
	INSERT INTO idempotency_keys (user_id, key, request_sha256, session_ids, created_at)
	SELECT $2::uuid, $1::text, $3::bytea, $4::jsonb, $5::timestamptz
	 WHERE $1::text IS NOT NULL AND NOT EXISTS (SELECT 1 FROM missing)
	ON CONFLICT (user_id, key) DO UPDATE
	   SET request_sha256 = excluded.request_sha256, session_ids = excluded.session_ids, created_at = excluded.created_at
	 WHERE idempotency_keys.created_at < $6::timestamptz
	RETURNING 1
), allowed AS (
	SELECT 1
	 WHERE NOT EXISTS (SELECT 1 FROM missing) AND ($1::text IS NULL OR EXISTS (SELECT 1 FROM claim))
), new_sessions AS (
	INSERT INTO game_sessions (id, user_id, mode, level, sentence_type, selected_tags, total_sentences, correct_count,
	                           max_streak, avg_pronunciation_score, duration_seconds, started_at, completed_at, saved_at)
	SELECT s.*
	  FROM allowed,
	       unnest($18::uuid[], $19::uuid[], $20::text[], $21::text[], $22::text[], $23::jsonb[], $24::int[], $25::int[],
	              $26::int[], $27::float8[], $28::int[], $29::timestamptz[], $30::timestamptz[], $31::timestamptz[]) AS s
), new_results AS (
	INSERT INTO game_results (id, session_id, speech_id, sequence_number, user_response, pronunciation_score,
	                          recognized_text, response_time_ms, created_at, score_id, score_provider)
	SELECT r.id, r.session_id, r.speech_id, r.sequence_number, r.user_response, r.pronunciation_score,
	       r.recognized_text, r.response_time_ms, r.created_at, r.score_id, r.score_provider
	  FROM allowed, wanted r
)
SELECT EXISTS (SELECT 1 FROM allowed),
       COALESCE((SELECT array_agg(speech_id ORDER BY place) FROM missing), '{}')`

func insertSessionsPostgres(
	ctx context.Context, c conn, sessions []practice.Session, claim *practice.Claim,
) (written bool, missing []uuid.UUID, err error) {
	args, err := claimArgs(claim, sessions)
	if err != nil {
		return false, nil, err
	}
	args = append(args, resultArgs(sessions)...)
	columns, err := sessionArgs(sessions)
	if err != nil {
		return false, nil, err
	}
	args = append(args, columns...)
	if err := checkTexts(args); err != nil {
		return false, nil, err
	}
	err = c.write.QueryRowxContext(ctx, insertSessionsPG, args...).Scan(&written, pq.Array(&missing))
	return written, missing, c.db.fault(ctx, err)
}

// claimArgs are $1 to $6.
func claimArgs(claim *practice.Claim, sessions []practice.Session) ([]any, error) {
	if claim == nil {
		return []any{nil, nil, nil, nil, nil, nil}, nil
	}
	ids, err := sessionIDs(sessions)
	if err != nil {
		return nil, err
	}
	return []any{
		claim.Key, claim.UserID, claim.Request[:], ids, timestamp(claim.At), timestamp(claim.StaleBefore),
	}, nil
}

// resultArgs are $7 to $17: a list for each column of the results.
func resultArgs(sessions []practice.Session) []any {
	type row struct {
		*practice.Result
		session *practice.Session
	}
	var rows []row
	for i := range sessions {
		for j := range sessions[i].Results {
			rows = append(rows, row{&sessions[i].Results[j], &sessions[i]})
		}
	}
	return []any{
		arrayOf(rows, func(a array, r row) array { return a.id(r.ID) }),
		arrayOf(rows, func(a array, r row) array { return a.id(r.session.ID) }),
		arrayOf(rows, func(a array, r row) array { return a.id(r.SpeechID) }),
		arrayOf(rows, func(a array, r row) array { return a.number(r.SequenceNumber) }),
		arrayOf(rows, func(a array, r row) array { return a.text(string(r.UserResponse)) }),
		arrayOf(rows, func(a array, r row) array { return a.float(r.PronunciationScore) }),
		arrayOf(rows, func(a array, r row) array { return a.textOrNull(r.RecognizedText) }),
		arrayOf(rows, func(a array, r row) array { return a.number(r.ResponseTimeMS) }),
		arrayOf(rows, func(a array, r row) array { return a.time(r.session.SavedAt) }),
		arrayOf(rows, func(a array, r row) array { return a.idOrNull(r.ScoreID) }),
		arrayOf(rows, func(a array, r row) array { return a.textOrNull(orNull(r.ScoreProvider)) }),
	}
}

// sessionArgs are $18 to $31: a list for each column of the sessions.
func sessionArgs(sessions []practice.Session) ([]any, error) {
	tags := make([]string, len(sessions))
	for i, s := range sessions {
		var err error
		if tags[i], err = idList(s.SelectedTags).json(); err != nil {
			return nil, err
		}
		for _, at := range []time.Time{s.StartedAt, s.CompletedAt, s.SavedAt} {
			if err := timestamp(at).check(); err != nil {
				return nil, err
			}
		}
	}
	type row = practice.Session
	return []any{
		arrayOf(sessions, func(a array, s row) array { return a.id(s.ID) }),
		arrayOf(sessions, func(a array, s row) array { return a.id(s.UserID) }),
		arrayOf(sessions, func(a array, s row) array { return a.text(string(s.Mode)) }),
		arrayOf(sessions, func(a array, s row) array { return a.text(string(s.Level)) }),
		arrayOf(sessions, func(a array, s row) array { return a.text(string(s.SentenceType)) }),
		arrayOf(tags, func(a array, tags string) array { return a.text(tags) }),
		arrayOf(sessions, func(a array, s row) array { return a.number(s.TotalSentences) }),
		arrayOf(sessions, func(a array, s row) array { return a.number(s.CorrectCount) }),
		arrayOf(sessions, func(a array, s row) array { return a.number(s.MaxStreak) }),
		arrayOf(sessions, func(a array, s row) array { return a.float(s.AvgPronunciationScore) }),
		arrayOf(sessions, func(a array, s row) array { return a.number(s.DurationSeconds) }),
		arrayOf(sessions, func(a array, s row) array { return a.time(s.StartedAt) }),
		arrayOf(sessions, func(a array, s row) array { return a.time(s.CompletedAt) }),
		arrayOf(sessions, func(a array, s row) array { return a.time(s.SavedAt) }),
	}, nil
}

// column is one array parameter: one value of each row.
func column[Row, T any](rows []Row, value func(Row) T) any {
	return pq.Array(convert(rows, value))
}
