package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/practice"
)

// resultsOf comes before the comparison with a list of session ids.
const (
	selectResultsOf = `
	SELECT session_id, id, speech_id, sequence_number, user_response, pronunciation_score, recognized_text, response_time_ms,
	       score_id, score_provider
	  FROM game_results
	 WHERE session_id`

	inTheirOrder = ` ORDER BY session_id, sequence_number, id`
)

// SessionsAfter implements practice.Store. The two statements may see different states: a session whose user is deleted in
// between comes without results.
func (s *Practice) SessionsAfter(
	ctx context.Context, user uuid.UUID, completed time.Time, id uuid.UUID, limit int,
) (sessions []practice.Session, err error) {
	err = s.c.history(ctx, user, func(c conn) error {
		sessions, err = c.sessionsAfter(ctx, user, completed, id, limit)
		return err
	})
	return sessions, err
}

func (c conn) sessionsAfter(
	ctx context.Context, user uuid.UUID, completed time.Time, id uuid.UUID, limit int,
) ([]practice.Session, error) {
	var where filter
	where.and(`user_id = ?`, user)
	if !completed.IsZero() {
		where.and(`(completed_at, id) > (?, ?)`, timestamp(completed), id)
	}
	var rows []sessionRow
	err := c.all(ctx, &rows, selectSessions+where.sql()+` ORDER BY completed_at, id LIMIT ?`, where.with(limit)...)
	if err != nil {
		return nil, fmt.Errorf("select the next game sessions of user %s: %w", user, err)
	}
	sessions := convert(rows, sessionRow.session)
	return sessions, c.addResults(ctx, sessions)
}

func (c conn) addResults(ctx context.Context, sessions []practice.Session) error {
	if len(sessions) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(sessions))
	at := make(map[uuid.UUID]*practice.Session, len(sessions))
	for i := range sessions {
		ids[i], at[sessions[i].ID] = sessions[i].ID, &sessions[i]
	}
	list, err := c.list(ids)
	if err != nil {
		return err
	}
	var rows []struct {
		SessionID uuid.UUID `db:"session_id"`
		resultRow
	}
	if err := c.all(ctx, &rows, selectResultsOf+c.db.dialect.inUUIDs+inTheirOrder, list); err != nil {
		return fmt.Errorf("select the results of %d game sessions: %w", len(sessions), err)
	}
	for _, row := range rows {
		session := at[row.SessionID]
		session.Results = append(session.Results, row.result())
	}
	return nil
}
