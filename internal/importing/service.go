package importing

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

// cleanupTimeout bounds how long is tidied up after a request that may itself be over.
const cleanupTimeout = 30 * time.Second

// Config is what an installation decides.
type Config struct {
	FilesConfig
	// SessionTTL is how long an upload session takes files and may be imported.
	SessionTTL time.Duration
	// Log is told what went wrong without anybody waiting for an answer.
	Log *slog.Logger
}

// catalogue is what importing tells the catalogue.
type catalogue interface {
	// Changed says that content was written in this process.
	Changed()
}

// Service takes uploads and imports them. It is safe for concurrent use, also by several processes.
type Service struct {
	Files
	store     Store
	objects   objects
	catalogue catalogue
	cfg       Config
	now       func() time.Time
	newID     func() uuid.UUID
}

// Option replaces something that New takes from the machine.
type Option func(*Service)

// WithClock makes the service read the time from now.
func WithClock(now func() time.Time) Option { return func(s *Service) { s.now = now } }

// WithIDs makes the service take ids from newID; they must be unique.
func WithIDs(newID func() uuid.UUID) Option { return func(s *Service) { s.newID = newID } }

// New returns the service. It panics without Sniff and a positive SessionTTL: nothing could be uploaded. Without Log
// it is silent.
func New(store Store, objects objects, catalogue catalogue, cfg Config, opts ...Option) *Service {
	if cfg.SessionTTL <= 0 {
		panic("importing: SessionTTL must be set")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{
		Files:     NewFiles(cfg.FilesConfig),
		store:     store,
		objects:   objects,
		catalogue: catalogue,
		cfg:       cfg,
		now:       time.Now,
		newID:     func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
	}
	for _, opt := range opts {
		opt(s)
	}
	return s
}

// moment is the current time as it is stored: UTC, in microseconds, which every database keeps exactly.
func (s *Service) moment() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// aftermath is a context for tidying up that outlives the request.
func aftermath(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
}

// record writes an audit line within the transaction.
func (s *Service) record(ctx context.Context, tx Store, action string, id uuid.UUID, changes map[string]audit.Change) error {
	return tx.Catalog().InsertAudit(ctx, audit.Entry{
		ID:       s.newID(),
		At:       s.moment(),
		Origin:   audit.OriginFrom(ctx),
		Action:   action,
		ObjectID: id.String(),
		Changes:  changes,
	})
}

// openSession returns the session if whoever acts may use it now. It returns fault.NotFound for a session that does
// not exist, is somebody else's, expired or used up, and fault.Conflict (code upload_session_busy) for one that is
// being imported.
func (s *Service) openSession(ctx context.Context, store Store, id uuid.UUID) (UploadSession, error) {
	session, err := store.UploadSession(ctx, id)
	if err != nil && !fault.Is(err, fault.KindNotFound) {
		return UploadSession{}, fmt.Errorf("read upload session %s: %w", id, err)
	}
	usable := err == nil && session.Author == audit.OriginFrom(ctx).Actor &&
		session.State != SessionUsed && s.now().Before(session.ExpiresAt)
	if !usable {
		return UploadSession{}, fault.NotFound("There is no upload session %s, or it has expired or been imported", id).
			WithCode("upload_session_not_found")
	}
	if session.State == SessionImporting {
		return UploadSession{}, fault.Conflict("The upload session %s is being imported", id).WithCode("upload_session_busy")
	}
	return session, nil
}

// move moves an open session to next, or fails as openSession does. With SessionOpen it keeps the session open until
// the transaction ends.
func (s *Service) move(ctx context.Context, tx Store, id uuid.UUID, next SessionState) error {
	open, err := tx.MoveUploadSession(ctx, id, SessionOpen, next)
	if err != nil {
		return fmt.Errorf("move upload session %s from open to %s: %w", id, next, err)
	}
	if open {
		return nil
	}
	if _, err = s.openSession(ctx, tx, id); err == nil { // opened again this very moment
		err = fault.Conflict("The upload session %s is being imported", id).WithCode("upload_session_busy")
	}
	return err
}
