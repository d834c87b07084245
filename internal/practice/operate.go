package practice

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

// AllSessions returns one page of all learners' sessions without their results, latest completed_at first or last, and the number
// of all matches. A page holds at most 100; one past the end is empty. It is for operators.
//
// It returns fault.Invalid (fields page, limit, mode, level).
func (s *Service) AllSessions(ctx context.Context, f SessionFilter, p paging.Page) ([]Session, int, error) {
	var c fault.Check
	p.Check(&c, maxSessionsPerPage)
	HistoryFilter{Mode: f.Mode, Level: f.Level}.check(&c)
	if err := c.Err(); err != nil {
		return nil, 0, err
	}
	sessions, total, err := s.store.AllSessions(ctx, f, p)
	if err != nil {
		return nil, 0, fmt.Errorf("list all game sessions: %w", err)
	}
	return sessions, total, nil
}

// AnyDetail is Detail of anybody's session. It is for operators. It returns fault.NotFound.
func (s *Service) AnyDetail(ctx context.Context, id uuid.UUID) (Detail, error) {
	session, err := s.store.Session(ctx, id)
	if err != nil {
		return Detail{}, fmt.Errorf("read game session %s: %w", id, err)
	}
	return s.detail(ctx, session)
}

// DeleteSession removes a session with its results for good; the learner's account and the speeches stay. The audit log says
// what was deleted, and not whose: it outlives the account. It is for operators. It returns fault.NotFound.
func (s *Service) DeleteSession(ctx context.Context, id uuid.UUID) error {
	session, err := s.store.Session(ctx, id)
	if err != nil {
		return fmt.Errorf("read game session %s: %w", id, err)
	}
	entry := audit.Entry{
		ID: s.newID(), At: s.moment(), Origin: audit.OriginFrom(ctx), Action: "session.delete", ObjectID: id.String(),
		Changes: audit.Diff(session.fields(), nil),
	}
	if err := s.store.DeleteSession(ctx, id, entry); err != nil {
		return fmt.Errorf("delete game session %s: %w", id, err)
	}
	return nil
}

// fields are what the audit log says of a session.
func (s Session) fields() map[string]any {
	return map[string]any{
		"mode": string(s.Mode), "level": string(s.Level), "sentence_type": string(s.SentenceType),
		"total_sentences": s.TotalSentences, "correct_count": s.CorrectCount, "completed_at": s.CompletedAt.Format(timeShown),
	}
}

// timeShown is how the audit log writes times.
const timeShown = "2006-01-02T15:04:05Z"
