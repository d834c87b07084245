package importing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// youngest is the age below which an object without an owner is left alone (decisions.md, "Small decisions").
	youngest = 10 * time.Minute
	// sweepDeadEvery and sweepEvery are how often dead imports, and everything, are swept (decisions.md, "Import").
	sweepDeadEvery = 5 * time.Second
	sweepEvery     = time.Hour
	// sessionsAtOnce is how many upload sessions are read at a time.
	sessionsAtOnce = 100
)

// SweepReport counts what a sweep has removed.
type SweepReport struct {
	// Batches were running, but their process was dead.
	Batches int
	// Sessions had expired or been used.
	Sessions int
	// Uploads are recordings that belonged to those sessions or to none.
	Uploads int
	// Recordings are objects in a final place that no speech uses.
	Recordings int
}

// Run sweeps until ctx ends: everything at once and then hourly, dead imports every 5 seconds. What goes wrong is
// logged; the next sweep tries again.
func (s *Service) Run(ctx context.Context) {
	dead, full := time.NewTicker(sweepDeadEvery), time.NewTicker(sweepEvery)
	defer dead.Stop()
	defer full.Stop()
	s.sweepAndLog(ctx, s.Sweep)
	for {
		select {
		case <-ctx.Done():
			return
		case <-full.C:
			s.sweepAndLog(ctx, s.Sweep)
		case <-dead.C:
			s.sweepAndLog(ctx, s.SweepDead)
		}
	}
}

func (s *Service) sweepAndLog(ctx context.Context, sweep func(context.Context) (SweepReport, error)) {
	report, err := sweep(ctx)
	if err != nil && ctx.Err() == nil {
		s.cfg.Log.ErrorContext(ctx, "sweep imports", "error", err)
	}
	if report != (SweepReport{}) {
		s.cfg.Log.InfoContext(ctx, "swept imports", "batches", report.Batches, "sessions", report.Sessions,
			"uploads", report.Uploads, "recordings", report.Recordings)
	}
}

// Sweep removes whatever failed, died or expired has left behind: dead imports with their copies, upload sessions that
// are used or expired, and objects older than 10 minutes that belong to nothing. An error does not keep it from
// sweeping the rest; several processes may sweep at once.
func (s *Service) Sweep(ctx context.Context) (SweepReport, error) {
	report, deadErr := s.SweepDead(ctx)
	sessionErr := s.sweepSessions(ctx, &report)
	objectErr := s.sweepObjects(ctx, &report)
	return report, errors.Join(deadErr, sessionErr, objectErr)
}

// SweepDead gives up the imports whose process has died: their batches are failed, their copies deleted, and their
// upload sessions open again.
func (s *Service) SweepDead(ctx context.Context) (SweepReport, error) {
	var report SweepReport
	batches, err := s.store.DeadBatches(ctx, s.moment())
	if err != nil {
		return report, fmt.Errorf("look for dead imports: %w", err)
	}
	var errs []error
	for _, b := range batches {
		errs = append(errs, s.bury(ctx, b, &report))
	}
	return report, errors.Join(errs...)
}

func (s *Service) bury(ctx context.Context, b Batch, report *SweepReport) error {
	failed, err := s.fail(ctx, b)
	if err != nil || !failed {
		return err
	}
	report.Batches++
	items, err := s.store.BatchItems(ctx, b.ID)
	if err != nil {
		return fmt.Errorf("read the items of import batch %s: %w", b.ID, err)
	}
	keys := make([]string, len(items))
	for i, item := range items {
		keys[i] = item.Key
	}
	for part := range slices.Chunk(keys, chunk) {
		n, err := s.deleteUnused(ctx, part)
		if err != nil {
			return err
		}
		report.Recordings += n
	}
	return nil
}

// sweepSessions removes used and expired upload sessions.
func (s *Service) sweepSessions(ctx context.Context, report *SweepReport) error {
	for {
		sessions, err := s.store.ExpiredUploadSessions(ctx, s.moment(), sessionsAtOnce)
		if err != nil {
			return fmt.Errorf("look for expired upload sessions: %w", err)
		}
		var errs []error
		for _, session := range sessions {
			errs = append(errs, s.sweepSession(ctx, session, report))
		}
		if err := errors.Join(errs...); err != nil || len(sessions) < sessionsAtOnce {
			return err
		}
	}
}

func (s *Service) sweepSession(ctx context.Context, session UploadSession, report *SweepReport) error {
	if session.State == SessionOpen {
		// From here on nobody can begin to import it.
		taken, err := s.store.MoveUploadSession(ctx, session.ID, SessionOpen, SessionUsed)
		if err != nil {
			return fmt.Errorf("close upload session %s: %w", session.ID, err)
		}
		if !taken {
			return nil
		}
	}
	files, err := s.dispose(ctx, session.ID)
	if err != nil {
		return err
	}
	report.Sessions++
	report.Uploads += files
	return nil
}

// sweepObjects removes objects that belong to nothing.
func (s *Service) sweepObjects(ctx context.Context, report *SweepReport) error {
	var uploads, recordings []string
	before := s.now().Add(-youngest)
	for object, err := range s.objects.List(ctx, "audio/") {
		if err != nil {
			return fmt.Errorf("list the recordings: %w", err)
		}
		switch {
		case !object.ModTime.Before(before):
		case strings.HasPrefix(object.Key, uploadPrefix):
			uploads = append(uploads, object.Key)
		default:
			recordings = append(recordings, object.Key)
		}
		if max(len(uploads), len(recordings)) < chunk {
			continue
		}
		if err := s.sweepKeys(ctx, uploads, recordings, report); err != nil {
			return err
		}
		uploads, recordings = nil, nil
	}
	return s.sweepKeys(ctx, uploads, recordings, report)
}

func (s *Service) sweepKeys(ctx context.Context, uploads, recordings []string, report *SweepReport) error {
	n, err := s.deleteUnknownUploads(ctx, uploads)
	report.Uploads += n
	if err != nil {
		return err
	}
	n, err = s.deleteUnused(ctx, recordings)
	report.Recordings += n
	return err
}

// deleteUnknownUploads deletes those of at most 500 uploaded recordings that no upload file's record knows. Since the
// record comes before the object, and goes after it, they belong to uploads that died while tidying up.
func (s *Service) deleteUnknownUploads(ctx context.Context, keys []string) (int, error) {
	if len(keys) == 0 {
		return 0, nil
	}
	known, err := s.store.UploadKeys(ctx, keys)
	if err != nil {
		return 0, fmt.Errorf("look for the uploads of objects: %w", err)
	}
	keys = without(keys, known)
	if err := s.deleteObjects(ctx, keys); err != nil {
		return 0, err
	}
	return len(keys), nil
}

// deleteUnused deletes those of at most 500 recordings in a final place that nothing refers to.
//
// It looks twice. The second look and the deletion happen under the lock that every writer of content takes first, so
// that no speech can come to use a recording in between; the first look spares the writers the wait where, as nearly
// always, there is nothing to delete.
func (s *Service) deleteUnused(ctx context.Context, keys []string) (deleted int, err error) {
	keys, err = s.unused(ctx, s.store, keys)
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	err = s.store.InTx(ctx, func(tx Store) error {
		if err := tx.Catalog().BumpVersion(ctx); err != nil {
			return err
		}
		keys, err := s.unused(ctx, tx, keys)
		if err != nil {
			return err
		}
		deleted = len(keys)
		return s.deleteObjects(ctx, keys)
	})
	if err != nil {
		return 0, fmt.Errorf("delete unused recordings: %w", err)
	}
	return deleted, nil
}

// unused returns those of at most 500 keys that nothing refers to.
func (s *Service) unused(ctx context.Context, store Store, keys []string) ([]string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	used, err := store.ReferencedKeys(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("look for the speeches of recordings: %w", err)
	}
	return without(keys, used), nil
}

func without(keys []string, gone map[string]bool) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return gone[key] })
}
