package backup

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/englishapp/englishctl/internal/fault"
)

// Verify rebuilds a snapshot in a scratch database, migrates it to this program's schema, and reads every recording that
// its rows refer to. It returns what the snapshot has; fault.Unsuitable (code backup_damaged) names the first file that
// is not what was written, and the error of the database names the first table whose rows do not belong together.
func (s *Service) Verify(ctx context.Context, snapshot string) (_ Report, err error) {
	name, m, err := s.open(ctx, snapshot)
	if err != nil {
		return Report{}, err
	}
	scratch, err := s.rebuild(ctx, name, m)
	if err != nil {
		return Report{}, fmt.Errorf("rebuild snapshot %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, scratch.Close()) }()
	if err := scratch.Migrate(ctx); err != nil {
		return Report{}, fmt.Errorf("migrate snapshot %s: %w", name, err)
	}
	report := Report{Name: name, Manifest: m}
	err = scratch.Read(ctx, func(r Reader) error { return s.verifyRecordings(ctx, name, m, r, &report) })
	if err != nil {
		return Report{}, fmt.Errorf("verify the recordings of snapshot %s: %w", name, err)
	}
	return report, nil
}

// verifyRecordings goes through what rows refer to and what the snapshot has, side by side: both are in the order of
// their keys.
func (s *Service) verifyRecordings(ctx context.Context, name string, m Manifest, r Reader, report *Report) error {
	next, stop := iter.Pull2(references(ctx, r))
	defer stop()
	var found SavedRecordings
	each := func(fn func(entry) error) error {
		err := s.eachRecording(ctx, name, m, func(e entry) error {
			wanted, err, there := next()
			if there && err != nil {
				return err
			}
			if !there || wanted.Key != e.Key {
				return damaged(snapshotDir(name)+recordingsFile, fmt.Sprintf("it has %q where rows refer to %q", e.Key, wanted.Key))
			}
			found.count(e, wanted, report)
			return fn(e)
		})
		if err != nil {
			return err
		}
		if wanted, err, there := next(); there {
			return errors.Join(err, damaged(snapshotDir(name)+recordingsFile, fmt.Sprintf("it lacks %q, which rows refer to", wanted.Key)))
		}
		return nil
	}
	var wrong damages
	err := s.sideBySide(ctx, m.Recordings.Rows, each, func(ctx context.Context, e entry) error {
		if e.Missing {
			return nil
		}
		_, err := s.savedRecording(ctx, e)
		return wrong.note(err)
	})
	if err == nil {
		err = wrong.err()
	}
	if err == nil && (found.Missing != m.Recordings.Missing || found.Differing != m.Recordings.Differing) {
		return fault.Unsuitable("%d recordings are missing and %d differ; the manifest says %d and %d",
			found.Missing, found.Differing, m.Recordings.Missing, m.Recordings.Differing).WithCode(codeDamaged)
	}
	return err
}

// damages collects what is wrong with recordings, so that one check names all that must be mended.
type damages struct {
	mu    sync.Mutex
	count int
	first []string
}

// note keeps damage, and returns every other error.
func (d *damages) note(err error) error {
	f, ok := fault.As(err)
	if !ok || f.Code != codeDamaged {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count++
	if len(d.first) < maxProblems {
		d.first = append(d.first, f.Message)
	}
	return nil
}

func (d *damages) err() error {
	if d.count == 0 {
		return nil
	}
	slices.Sort(d.first)
	return fault.Unsuitable("damaged or missing recordings: %d; %s", d.count, strings.Join(d.first, "; ")).WithCode(codeDamaged)
}

func references(ctx context.Context, r Reader) iter.Seq2[Reference, error] {
	return func(yield func(Reference, error) bool) {
		err := r.Recordings(ctx, func(ref Reference) error {
			if !yield(ref, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(Reference{}, err)
		}
	}
}
