package importing

import (
	"context"
	"fmt"

	"github.com/englishapp/englishctl/internal/audit"
)

// Open makes an upload session without any file, for whoever acts. An import needs one also where nothing has to be
// uploaded.
func (s *Service) Open(ctx context.Context) (UploadSession, error) {
	now := s.moment()
	session := UploadSession{
		ID: s.newID(), Author: audit.OriginFrom(ctx).Actor, State: SessionOpen,
		CreatedAt: now, ExpiresAt: now.Add(s.cfg.SessionTTL),
	}
	if err := s.store.InsertUploadSession(ctx, session); err != nil {
		return UploadSession{}, fmt.Errorf("open an upload session: %w", err)
	}
	return session, nil
}
