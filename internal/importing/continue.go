package importing

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

var hexSHA256 = regexp.MustCompile(`\A[0-9a-f]{64}\z`)

// Continue returns the upload session in which whoever acts goes on with the import of a file, with the recordings that
// have arrived in it: the one that an earlier run of the same import has left behind, or a new one. The session is the
// import's journal: it lives as long as any other, and what is in it need not be sent again.
//
// The session is leased to the caller for 15 seconds, which UploadAll and Upload renew while they work. It returns
// fault.Conflict (code upload_session_in_use) while another run has it, and fault.Invalid (field file_sha256).
func (s *Service) Continue(ctx context.Context, fileSHA256 string) (UploadSession, []UploadFile, error) {
	if !hexSHA256.MatchString(fileSHA256) {
		return UploadSession{}, nil, fault.Invalid("file_sha256", "'%s' is not the SHA-256 of a file in 64 small hex digits", catalog.Shown(fileSHA256))
	}
	if _, err := s.SweepDead(ctx); err != nil { // a run that died while it imported has left its session in that state
		return UploadSession{}, nil, err
	}
	var session UploadSession
	err := s.store.InTx(ctx, func(tx Store) (err error) {
		session, err = s.takeOrOpen(ctx, tx, fileSHA256)
		return err
	})
	if err != nil {
		return UploadSession{}, nil, err
	}
	files, err := s.arrivedIn(ctx, session.ID)
	return session, files, err
}

// takeOrOpen leases the session that an earlier run has left to whoever acts, or a new one. Of two runs that begin at the
// same time the second finds the session of the first.
func (s *Service) takeOrOpen(ctx context.Context, tx Store, fileSHA256 string) (UploadSession, error) {
	author := audit.OriginFrom(ctx).Actor
	if err := tx.LockUploads(ctx, author, fileSHA256); err != nil {
		return UploadSession{}, err
	}
	left, err := tx.UploadSessionsFor(ctx, author, fileSHA256, s.moment())
	if err != nil {
		return UploadSession{}, fmt.Errorf("look for an earlier run of the import: %w", err)
	}
	for _, session := range left {
		session.LeaseUntil = s.moment().Add(leaseTerm)
		leased, err := tx.LeaseUploadSession(ctx, session.ID, session.LeaseUntil, s.moment())
		if err != nil {
			return UploadSession{}, fmt.Errorf("take upload session %s: %w", session.ID, err)
		}
		if leased {
			return session, nil
		}
	}
	if len(left) > 0 {
		return UploadSession{}, fault.Conflict("Another run of this import is at work, or has ended without a word less than %d seconds ago", int(leaseTerm.Seconds())).
			WithCode("upload_session_in_use")
	}
	session := s.newSession(ctx)
	session.FileSHA256, session.LeaseUntil = fileSHA256, session.CreatedAt.Add(leaseTerm)
	return session, insert(ctx, tx, session)
}

// arrivedIn returns the files of a session that have come in completely, by name.
func (s *Service) arrivedIn(ctx context.Context, session uuid.UUID) ([]UploadFile, error) {
	all, err := s.store.UploadFiles(ctx, session)
	if err != nil {
		return nil, fmt.Errorf("read the files of upload session %s: %w", session, err)
	}
	arrived := make([]UploadFile, 0, len(all))
	for _, f := range all {
		if f.arrived() {
			arrived = append(arrived, f)
		}
	}
	return arrived, nil
}

// Release lets the next run of the same import have the session at once, also where ctx has ended: it is what a caller
// does who breaks off. What has arrived stays. Somebody else's session does not exist for the caller; one that is gone
// or being imported is no error.
func (s *Service) Release(ctx context.Context, id uuid.UUID) error {
	ctx, cancel := aftermath(ctx)
	defer cancel()
	_, err := s.openSession(ctx, s.store, id)
	if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindConflict) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := s.store.LeaseUploadSession(ctx, id, s.moment(), farFuture); err != nil {
		return fmt.Errorf("release upload session %s: %w", id, err)
	}
	return nil
}

// farFuture is later than any lease.
var farFuture = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// errSessionLost ends an upload whose session is no longer open.
var errSessionLost = errors.New("the upload session was closed meanwhile")

// keepSession renews the lease of an upload session, now and until stop is called. The context it returns ends, with
// errSessionLost as its cause, once the session is no longer open.
func (s *Service) keepSession(ctx context.Context, session uuid.UUID) (leased context.Context, stop func()) {
	renew := func(ctx context.Context) (bool, error) {
		return s.store.LeaseUploadSession(ctx, session, s.moment().Add(leaseTerm), farFuture)
	}
	s.renewed(ctx, renew) // the last renewal may have been some time ago
	return s.keepAlive(ctx, errSessionLost, renew)
}

// keepAlive calls renew every five seconds until stop is called. The context it returns ends, with lost as its cause,
// once there is nothing to renew. A database that does not answer ends nothing: whoever writes next finds out.
func (s *Service) keepAlive(ctx context.Context, lost error, renew func(context.Context) (bool, error)) (leased context.Context, stop func()) {
	leased, cancel := context.WithCancelCause(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() {
		ticker := time.NewTicker(leaseEvery)
		defer ticker.Stop()
		for {
			select {
			case <-leased.Done():
				return
			case <-ticker.C:
			}
			if !s.renewed(leased, renew) {
				cancel(lost)
				return
			}
		}
	})
	return leased, func() {
		cancel(nil)
		renewing.Wait()
	}
}

func (s *Service) renewed(ctx context.Context, renew func(context.Context) (bool, error)) bool {
	ctx, cancel := context.WithTimeout(ctx, leaseEvery)
	defer cancel()
	there, err := renew(ctx)
	if err != nil && ctx.Err() == nil {
		s.cfg.Log.WarnContext(ctx, "renew the lease of an import", "error", err)
	}
	return there || err != nil
}
