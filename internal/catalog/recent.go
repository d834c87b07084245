package catalog

import (
	"context"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	// recentFor is how long a speech counts as one that a learner got recently (docs/api.md, "exclude_recent").
	recentFor = 24 * time.Hour
	// maxRecent is how many speeches are remembered of a learner, the latest: 25 games of twenty. They take 10 KB.
	maxRecent = 500
	// recentBytes is what one of them takes: the second, as whole seconds since 1970, and the id.
	recentBytes = 4 + 16
)

// notes keep small values for a while. What they have lost, or cannot reach, is nothing.
type notes interface {
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
}

// diary is what a process notes for itself.
type diary interface {
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	// Append adds to the value under key, of which the last most bytes are kept.
	Append(ctx context.Context, key string, tail []byte, most int, ttl time.Duration) error
}

// recent remembers what learners got. It forgets when it must; nobody plays worse for that than without it.
//
// All draws are noted in this process. Those that ask to leave recent speeches out read and write what all daemons share, too,
// so that only who wants that pays for it.
type recent struct {
	own    diary // nil: none
	shared notes // nil: none
	now    func() time.Time
	// locks keep two draws of one learner in this process from forgetting each other.
	locks [64]sync.Mutex
}

// WithRecent makes the service remember what learners got for a day: in this process, and where several daemons serve the same
// learners in what they share; nil where there is none.
func WithRecent(own diary, shared notes) Option {
	return func(s *Service) { s.recent.own, s.recent.shared = own, shared }
}

func recentKey(learner uuid.UUID) string { return "drawn:" + learner.String() }

// of returns when the learner of a draw last got which speech; nothing where the draw does not care.
func (r *recent) of(ctx context.Context, d Draw) map[uuid.UUID]time.Time {
	if !d.ExcludeRecent || d.Learner == uuid.Nil {
		return nil
	}
	got := make(map[uuid.UUID]time.Time)
	now := r.now()
	note := func(list []byte) {
		for ; len(list) >= recentBytes; list = list[recentBytes:] {
			at, id := time.Unix(int64(binary.BigEndian.Uint32(list)), 0), uuid.UUID(list[4:recentBytes])
			if now.Sub(at) < recentFor && at.After(got[id]) {
				got[id] = at
			}
		}
	}
	if r.own != nil {
		list, _, _ := r.own.Get(ctx, recentKey(d.Learner)) // what cannot be read is nothing
		note(list)
	}
	note(r.read(ctx, d.Learner))
	return got
}

// add notes that the learner of a draw got the speeches.
func (r *recent) add(ctx context.Context, d Draw, speeches []Speech) {
	if d.Learner == uuid.Nil || len(speeches) == 0 {
		return
	}
	latest := make([]byte, 0, len(speeches)*recentBytes)
	for _, s := range speeches {
		latest = binary.BigEndian.AppendUint32(latest, uint32(r.now().Unix())) //nolint:gosec // until 2106
		latest = append(latest, s.ID[:]...)
	}
	// A draw is answered whether it was noted or not.
	if r.own != nil {
		_ = r.own.Append(ctx, recentKey(d.Learner), latest, maxRecent*recentBytes, recentFor)
	}
	if d.ExcludeRecent && r.shared != nil {
		r.share(ctx, d.Learner, latest)
	}
}

// share notes for all daemons.
func (r *recent) share(ctx context.Context, learner uuid.UUID, latest []byte) {
	lock := &r.locks[learner[15]%64]
	lock.Lock()
	defer lock.Unlock()
	list := slices.Concat(r.read(ctx, learner), latest)
	_ = r.shared.Set(ctx, recentKey(learner), list[max(len(list)-maxRecent*recentBytes, 0):], recentFor)
}

// read returns the shared list of a learner, the latest last.
func (r *recent) read(ctx context.Context, learner uuid.UUID) []byte {
	if r.shared == nil {
		return nil
	}
	list, _, err := r.shared.Get(ctx, recentKey(learner))
	if err != nil {
		return nil
	}
	return list
}

// leaveOut returns k of what was drawn at random, without what is recent; where that leaves fewer, with those of it that the
// learner got longest ago. Of what was drawn there are k more than recent ones, or all there are: then each k of the others
// are returned with the same chance.
func leaveOut[T any](drawn []T, id func(T) uuid.UUID, recent map[uuid.UUID]time.Time, k int) []T {
	if len(recent) == 0 {
		return drawn[:min(len(drawn), k)]
	}
	slices.SortStableFunc(drawn, func(a, b T) int { return recent[id(a)].Compare(recent[id(b)]) }) // new ones have the zero time
	return drawn[:min(len(drawn), k)]
}
