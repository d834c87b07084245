package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/practice"
)

// insertSessions writes the sessions, or returns what kept it from that: the missing speeches, or that the claim is
// lost (written is false and nothing is missing).
type insertSessions func(
	ctx context.Context, c conn, sessions []practice.Session, claim *practice.Claim,
) (written bool, missing []uuid.UUID, err error)

const selectClaim = `SELECT request_sha256, session_ids FROM idempotency_keys WHERE user_id = ? AND key = ?`

// selectUsedScores comes before the comparison with a list of ids.
const selectUsedScores = `SELECT score_id FROM game_results WHERE score_id`

// claimAttempts bounds how often InsertSessions starts again because a claim that it lost to was deleted right then.
const claimAttempts = 3

// InsertSessions implements practice.Store. Where speeches are missing, an earlier use of the key is not looked for:
// a repeated request cannot lack speeches that it had the first time.
func (s *Practice) InsertSessions(
	ctx context.Context, sessions []practice.Session, claim *practice.Claim,
) (practice.Outcome, error) {
	if len(sessions) == 0 {
		return practice.Outcome{}, nil
	}
	user := sessions[0].UserID // a request saves its sender's
	s.c.db.replica.saving(ctx, user, false)
	outcome, err := s.insert(ctx, sessions, claim)
	if err == nil {
		s.c.db.replica.saving(ctx, user, true)
	}
	return outcome, err
}

func (s *Practice) insert(ctx context.Context, sessions []practice.Session, claim *practice.Claim) (practice.Outcome, error) {
	for range claimAttempts {
		written, missing, err := s.c.saveSessions(ctx, sessions, claim)
		if hasCode(err, codeDangling) { // all speeches exist, so it is the user who does not
			return practice.Outcome{}, errAccountGone(err)
		}
		if hasCode(err, codeDuplicate) {
			if used, found := s.usedScores(ctx, sessions); found != nil || len(used) > 0 {
				return practice.Outcome{Used: used}, found
			}
		}
		if err != nil {
			return practice.Outcome{}, fmt.Errorf("insert %d game sessions: %w", len(sessions), err)
		}
		if written || len(missing) > 0 {
			return practice.Outcome{Missing: missing}, nil
		}
		earlier, err := s.earlier(ctx, *claim)
		if errors.Is(err, sql.ErrNoRows) { // the key is free by now
			continue
		}
		return practice.Outcome{Earlier: earlier}, err
	}
	return practice.Outcome{}, fault.Unavailable("the idempotency key is being used by another request; try again").
		WithCode("idempotency_key_busy")
}

// earlier returns what the claim's key was used for, or sql.ErrNoRows.
func (s *Practice) earlier(ctx context.Context, claim practice.Claim) (*practice.Earlier, error) {
	var row struct {
		Request    []byte `db:"request_sha256"`
		SessionIDs idList `db:"session_ids"`
	}
	if err := s.c.get(ctx, &row, selectClaim, claim.UserID, claim.Key); err != nil {
		return nil, fmt.Errorf("select an idempotency key of user %s: %w", claim.UserID, err)
	}
	earlier := &practice.Earlier{SessionIDs: row.SessionIDs}
	copy(earlier.Request[:], row.Request)
	return earlier, nil
}

// usedScores returns the scores of the sessions that are stored already.
func (s *Practice) usedScores(ctx context.Context, sessions []practice.Session) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	for _, session := range sessions {
		for _, r := range session.Results {
			if r.ScoreID != uuid.Nil {
				ids = append(ids, r.ScoreID)
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := s.c.list(ids)
	if err != nil {
		return nil, err
	}
	var used []uuid.UUID
	if err := s.c.all(ctx, &used, selectUsedScores+s.c.db.dialect.inUUIDs, list); err != nil {
		return nil, fmt.Errorf("select the scores that are used: %w", err)
	}
	return used, nil
}

// scoreID is null where the app reported the score.
func scoreID(r practice.Result) uuid.NullUUID {
	return uuid.NullUUID{UUID: r.ScoreID, Valid: r.ScoreID != uuid.Nil}
}

// sessionIDs is what a claim remembers.
func sessionIDs(sessions []practice.Session) (string, error) {
	return idList(convert(sessions, func(s practice.Session) uuid.UUID { return s.ID })).json()
}
