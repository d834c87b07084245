package backup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

// abandoned is how long a snapshot without a manifest must have been untouched to be taken for what a dead process left.
const abandoned = 24 * time.Hour

// chunk is how many files are deleted at a time.
const chunk = 500

// Pruned says what was removed.
type Pruned struct {
	Snapshots []string
	// Recordings is how many were removed because no snapshot has them any longer, Size their size in bytes.
	Recordings int
	Size       int64
}

// Prune removes all but the latest whole snapshots, what broken ones have left, and then the recordings that no snapshot
// has. It is fault.Conflict while another process may be writing a snapshot: one without a manifest in which something
// was written within the last 24 hours.
//
// It keeps the digests of all recordings in memory, about 100 bytes each.
func (s *Service) Prune(ctx context.Context, keep int) (Pruned, error) {
	if keep < 1 {
		return Pruned{}, fault.Invalid("keep", "%d is not allowed: at least 1", keep)
	}
	list, err := s.List(ctx)
	if err != nil {
		return Pruned{}, err
	}
	stay, leave, err := s.choose(list, keep)
	if err != nil {
		return Pruned{}, err
	}
	used := map[string]bool{}
	for _, found := range stay {
		err := s.eachRecording(ctx, found.Name, *found.Manifest, func(e entry) error {
			used[e.SHA256] = true
			return nil
		})
		if err != nil { // without its list nobody knows what may be deleted
			return Pruned{}, err
		}
	}
	var pruned Pruned
	for _, found := range leave {
		if err := s.deleteSnapshot(ctx, found.Name); err != nil {
			return pruned, err
		}
		pruned.Snapshots = append(pruned.Snapshots, found.Name)
	}
	return pruned, s.deleteUnused(ctx, used, &pruned)
}

// choose tells what stays from what leaves.
func (s *Service) choose(list []Snapshot, keep int) (stay, leave []Snapshot, err error) {
	for _, found := range slices.Backward(list) {
		switch {
		case found.Err != nil:
			return nil, nil, fmt.Errorf("nothing was removed: %w", found.Err)
		case found.Manifest == nil && s.cfg.Now().Sub(found.ModTime) < abandoned:
			return nil, nil, fault.Conflict("nothing was removed: snapshot %s is not whole, and something was written there within the last 24 hours; a backup may be running",
				found.Name).WithCode("backup_running")
		case found.Manifest == nil || len(stay) >= keep:
			leave = append(leave, found)
		default:
			stay = append(stay, found)
		}
	}
	return stay, leave, nil
}

// deleteSnapshot removes a snapshot's manifest first: what is left of it is no snapshot.
func (s *Service) deleteSnapshot(ctx context.Context, name string) error {
	dir := snapshotDir(name)
	if err := s.place.Delete(ctx, dir+manifestFile); err != nil {
		return fmt.Errorf("remove snapshot %s: %w", name, err)
	}
	var files []string
	for file, err := range s.place.List(ctx, dir) {
		if err != nil {
			return fmt.Errorf("remove snapshot %s: %w", name, err)
		}
		files = append(files, file.Name)
	}
	if err := s.place.Delete(ctx, files...); err != nil {
		return fmt.Errorf("remove snapshot %s: %w", name, err)
	}
	return nil
}

func (s *Service) deleteUnused(ctx context.Context, used map[string]bool, pruned *Pruned) error {
	var unused []string
	flush := func() error {
		if err := s.place.Delete(ctx, unused...); err != nil {
			return fmt.Errorf("remove recordings: %w", err)
		}
		pruned.Recordings += len(unused)
		unused = unused[:0]
		return nil
	}
	for file, err := range s.place.List(ctx, audioDir) {
		if err != nil {
			return fmt.Errorf("list the recordings: %w", err)
		}
		if used[file.Name[strings.LastIndex(file.Name, "/")+1:]] {
			continue
		}
		unused = append(unused, file.Name)
		pruned.Size += file.Size
		if len(unused) == chunk {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}
