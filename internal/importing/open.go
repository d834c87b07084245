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
	return session, insert(ctx, s.store, session)
}

// newSession is an open session of whoever acts, which nobody is using.
func (s *Service) newSession(ctx context.Context) UploadSession {
	now := s.moment()
	return UploadSession{
		ID: s.newID(), Author: audit.OriginFrom(ctx).Actor, State: SessionOpen,
		CreatedAt: now, ExpiresAt: now.Add(s.cfg.SessionTTL), LeaseUntil: now,
	}
}

func insert(ctx context.Context, store Store, session UploadSession) error {
	if err := store.InsertUploadSession(ctx, session); err != nil {
		return fmt.Errorf("open an upload session: %w", err)
	}
	return nil
}
