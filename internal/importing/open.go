package importing

import (
	"context"
	"fmt"

	"github.com/englishapp/englishctl/internal/audit"
)

// Open makes an upload session without any file, for whoever acts. An import needs one also where nothing has to be
// uploaded.
func (s *Service) Open(ctx context.Context) (UploadSession, error) {
	session := s.newSession(ctx)
	return session, s.insert(ctx, session)
}

// newSession is an open session of whoever acts, which nobody is using.
func (s *Service) newSession(ctx context.Context) UploadSession {
	now := s.moment()
	return UploadSession{
		ID: s.newID(), Author: audit.OriginFrom(ctx).Actor, State: SessionOpen,
		CreatedAt: now, ExpiresAt: now.Add(s.cfg.SessionTTL), LeaseUntil: now,
	}
}

func (s *Service) insert(ctx context.Context, session UploadSession) error {
	if err := s.store.InsertUploadSession(ctx, session); err != nil {
		return fmt.Errorf("open an upload session: %w", err)
	}
	return nil
}
