package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
)

const (
	selectSessions = `
	SELECT id, user_id, mode, level, sentence_type, selected_tags, total_sentences, correct_count, max_streak,
	       avg_pronunciation_score, duration_seconds, started_at, completed_at, saved_at
	  FROM game_sessions`

	countSessions = `SELECT count(*) FROM game_sessions`

	sumSessions = `SELECT COALESCE(sum(sessions), 0) FROM game_session_counts`

	selectResults = `
	SELECT id, speech_id, sequence_number, user_response, pronunciation_score, recognized_text, response_time_ms, score_id,
	       score_provider
	  FROM game_results
	 WHERE session_id = ?
	 ORDER BY sequence_number, id`

	deleteSession = `DELETE FROM game_sessions WHERE id = ?`

	deleteClaims = `DELETE FROM idempotency_keys WHERE created_at < ?`
)

// Practice implements practice.Store.
type Practice struct{ c conn }

var _ practice.Store = (*Practice)(nil)

type sessionRow struct {
	ID              uuid.UUID `db:"id"`
	UserID          uuid.UUID `db:"user_id"`
	Mode            string    `db:"mode"`
	Level           string    `db:"level"`
	SentenceType    string    `db:"sentence_type"`
	SelectedTags    idList    `db:"selected_tags"`
	TotalSentences  int       `db:"total_sentences"`
	CorrectCount    int       `db:"correct_count"`
	MaxStreak       int       `db:"max_streak"`
	AvgScore        *float64  `db:"avg_pronunciation_score"`
	DurationSeconds int       `db:"duration_seconds"`
	StartedAt       timestamp `db:"started_at"`
	CompletedAt     timestamp `db:"completed_at"`
	SavedAt         timestamp `db:"saved_at"`
}

func (r sessionRow) session() practice.Session {
	return practice.Session{
		ID: r.ID, UserID: r.UserID, SavedAt: r.SavedAt.time(),
		Draft: practice.Draft{
			Mode: practice.Mode(r.Mode), Level: catalog.Level(r.Level), SentenceType: catalog.SentenceType(r.SentenceType),
			SelectedTags: r.SelectedTags, TotalSentences: r.TotalSentences, CorrectCount: r.CorrectCount,
			MaxStreak: r.MaxStreak, AvgPronunciationScore: r.AvgScore, DurationSeconds: r.DurationSeconds,
			StartedAt: r.StartedAt.time(), CompletedAt: r.CompletedAt.time(),
		},
	}
}

type resultRow struct {
	ID             uuid.UUID `db:"id"`
	SpeechID       uuid.UUID `db:"speech_id"`
	SequenceNumber int       `db:"sequence_number"`
	UserResponse   string    `db:"user_response"`
	Score          *float64  `db:"pronunciation_score"`
	RecognizedText *string   `db:"recognized_text"`
	ResponseTimeMS int       `db:"response_time_ms"`
	// ScoreID is null where the app reported the score.
	ScoreID       uuid.NullUUID `db:"score_id"`
	ScoreProvider *string       `db:"score_provider"`
}

func (r resultRow) result() practice.Result {
	return practice.Result{
		ID: r.ID, SpeechID: r.SpeechID, SequenceNumber: r.SequenceNumber, UserResponse: practice.Response(r.UserResponse),
		PronunciationScore: r.Score, RecognizedText: r.RecognizedText, ResponseTimeMS: r.ResponseTimeMS,
		ScoreID: r.ScoreID.UUID, ScoreProvider: orEmpty(r.ScoreProvider),
	}
}

// Session implements practice.Store.
func (s *Practice) Session(ctx context.Context, id uuid.UUID) (session practice.Session, err error) {
	err = s.c.session(ctx, func(c conn) error {
		session, err = c.oneSession(ctx, id)
		return err
	})
	return session, err
}

func (c conn) oneSession(ctx context.Context, id uuid.UUID) (practice.Session, error) {
	var row sessionRow
	if err := c.get(ctx, &row, selectSessions+` WHERE id = ?`, id); err != nil {
		return practice.Session{}, noRowf(err, errNoSession(id), "select game session %s", id)
	}
	var results []resultRow
	if err := c.all(ctx, &results, selectResults, id); err != nil {
		return practice.Session{}, fmt.Errorf("select the results of game session %s: %w", id, err)
	}
	session := row.session()
	session.Results = convert(results, resultRow.result)
	return session, nil
}

// Sessions implements practice.Store.
func (s *Practice) Sessions(
	ctx context.Context, user uuid.UUID, f practice.HistoryFilter, p paging.Page,
) (sessions []practice.Session, total int, err error) {
	err = s.c.history(ctx, user, func(c conn) error {
		sessions, total, err = c.sessionPage(ctx, user, f, p)
		return err
	})
	return sessions, total, err
}

func (c conn) sessionPage(ctx context.Context, user uuid.UUID, f practice.HistoryFilter, p paging.Page) ([]practice.Session, int, error) {
	where := historyFilter(user, f)
	count := countSessions
	if f.From.IsZero() && f.To.IsZero() { // for these filters the sums are kept
		count = sumSessions
	}
	var total int
	if err := c.get(ctx, &total, count+where.sql(), where.args...); err != nil {
		return nil, 0, fmt.Errorf("count the game sessions of user %s: %w", user, err)
	}
	offset := p.Offset()
	if f.After != nil {
		where.and(`(completed_at, id) < (?, ?)`, timestamp(f.After.CompletedAt), f.After.ID)
		offset = 0
	}
	var rows []sessionRow
	err := c.all(ctx, &rows, selectSessions+where.sql()+` ORDER BY completed_at DESC, id DESC LIMIT ? OFFSET ?`,
		where.with(p.Limit, offset)...)
	if err != nil {
		return nil, 0, fmt.Errorf("select the game sessions of user %s: %w", user, err)
	}
	return convert(rows, sessionRow.session), total, nil
}

// AllSessions implements practice.Store.
func (s *Practice) AllSessions(ctx context.Context, f practice.SessionFilter, p paging.Page) ([]practice.Session, int, error) {
	var where filter
	if f.Mode != "" {
		where.and(`mode = ?`, f.Mode)
	}
	if f.Level != "" {
		where.and(`level = ?`, f.Level)
	}
	order := ` ORDER BY completed_at DESC, id DESC`
	if f.OldestFirst {
		order = ` ORDER BY completed_at, id`
	}
	var total int
	if err := s.c.get(ctx, &total, countSessions+where.sql(), where.args...); err != nil {
		return nil, 0, fmt.Errorf("count all game sessions: %w", err)
	}
	var rows []sessionRow
	err := s.c.all(ctx, &rows, selectSessions+where.sql()+order+` LIMIT ? OFFSET ?`, where.with(p.Limit, p.Offset())...)
	if err != nil {
		return nil, 0, fmt.Errorf("select all game sessions: %w", err)
	}
	return convert(rows, sessionRow.session), total, nil
}

// DeleteSession implements practice.Store. The results go with the session: ON DELETE CASCADE.
func (s *Practice) DeleteSession(ctx context.Context, id uuid.UUID, e audit.Entry) error {
	return s.c.inTx(ctx, func(tx conn) error {
		n, err := tx.exec(ctx, deleteSession, id)
		if err != nil {
			return fmt.Errorf("delete game session %s: %w", id, err)
		}
		if n == 0 {
			return errNoSession(id)
		}
		return tx.insertAudit(ctx, e)
	})
}

func errNoSession(id uuid.UUID) error { return fault.NotFound("no game session has the id %s", id) }

func historyFilter(user uuid.UUID, f practice.HistoryFilter) filter {
	var where filter
	where.and(`user_id = ?`, user)
	if f.Mode != "" {
		where.and(`mode = ?`, f.Mode)
	}
	if f.Level != "" {
		where.and(`level = ?`, f.Level)
	}
	if !f.From.IsZero() {
		where.and(`completed_at >= ?`, timestamp(f.From))
	}
	if !f.To.IsZero() {
		where.and(`completed_at <= ?`, timestamp(f.To))
	}
	return where
}

// CountSessions implements practice.Store.
func (s *Practice) CountSessions(ctx context.Context, since time.Time) (int, error) {
	var where filter
	if !since.IsZero() {
		where.and(`completed_at >= ?`, timestamp(since))
	}
	var n int
	if err := s.c.get(ctx, &n, countSessions+where.sql(), where.args...); err != nil {
		return 0, fmt.Errorf("count game sessions: %w", err)
	}
	return n, nil
}

// DeleteClaims implements practice.Store.
func (s *Practice) DeleteClaims(ctx context.Context, before time.Time) (int, error) {
	n, err := s.c.exec(ctx, deleteClaims, timestamp(before))
	if err != nil {
		return 0, fmt.Errorf("delete old idempotency keys: %w", err)
	}
	return n, nil
}

// idList is a list of ids in a JSON column.
type idList []uuid.UUID

// json is the list as the column holds it; an empty list is [], never null.
func (l idList) json() (string, error) {
	if l == nil {
		l = idList{}
	}
	b, err := json.Marshal(l)
	return string(b), err
}

// Scan implements sql.Scanner: PostgreSQL's driver gives bytes, SQLite's gives texts.
func (l *idList) Scan(src any) error {
	switch v := src.(type) {
	case []byte:
		return json.Unmarshal(v, (*[]uuid.UUID)(l))
	case string:
		return json.Unmarshal([]byte(v), (*[]uuid.UUID)(l))
	default:
		return fmt.Errorf("scan a list of ids: it is a %T", src)
	}
}
