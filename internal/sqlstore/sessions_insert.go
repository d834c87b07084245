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
	for range claimAttempts {
		written, missing, err := s.c.db.dialect.insertSessions(ctx, s.c, sessions, claim)
		if hasCode(err, codeDangling) { // all speeches exist, so it is the user who does not
			return practice.Outcome{}, errAccountGone(err)
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

// sessionIDs is what a claim remembers.
func sessionIDs(sessions []practice.Session) (string, error) {
	return idList(convert(sessions, func(s practice.Session) uuid.UUID { return s.ID })).json()
}
