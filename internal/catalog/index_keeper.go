package catalog

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// checkEvery is how often the catalogue's version is looked up at most (design.md, "Random selection"). It is how
	// late a process may notice what another one has written.
	checkEvery = time.Second
	// maxAge is how long an index is served that could not be confirmed, because the database does not answer
	// (design.md, "Random selection").
	maxAge = 5 * time.Minute
	// patience is how long a look may take before requests are given the index that there is: a database that hangs, or a catalogue that
	// is read anew, keeps nobody from playing.
	patience = 500 * time.Millisecond
	// loadTimeout bounds one look at the version with the reading that may follow.
	loadTimeout = 30 * time.Second
)

// indexKeeper hands out the newest index and makes a newer one when the catalogue has changed.
type indexKeeper struct {
	store Store
	now   func() time.Time
	looks Lookups // what is found without looking at the version
	// recordBytes is how much an index remembers of speeches.
	recordBytes int

	// changes counts the writes of this process. An index counts as new for a request only if looking for it began
	// after the last write before the request: that is why a flight carries the count in its name.
	changes atomic.Uint64
	flight  singleflight.Group

	mu sync.Mutex
	// current is the newest index known, or nil.
	current *index
	// confirmed is when current was last known to be of the catalogue's version.
	confirmed time.Time
	// began is when the newest look at the version began; it is still going on where that is after tried.
	began time.Time
	// tried is when the last look that has ended began, seen the count of changes at that time, and err how it ended.
	tried time.Time
	seen  uint64
	err   error
}

func (k *indexKeeper) changed() { k.changes.Add(1) }

// ready returns nil once there was an index. Until then it waits for one, and its error says why there is none.
func (k *indexKeeper) ready(ctx context.Context) error {
	k.mu.Lock()
	read := k.current != nil
	k.mu.Unlock()
	if read {
		return nil
	}
	_, err := k.get(ctx)
	return err
}

// get returns an index that shows everything written in this process before the call, and everything written
// elsewhere up to checkEvery before it; an older one, up to maxAge, while the database does not answer, or takes longer than patience to
// tell what was written elsewhere.
//
// Callers that need a new index at the same time share the work, which goes on if one of them gives up.
func (k *indexKeeper) get(ctx context.Context) (*index, error) {
	changes := k.changes.Load()
	due := k.due(changes)
	k.looks.note(!due)
	if !due {
		return k.newest()
	}
	done := k.flight.DoChan(strconv.FormatUint(changes, 10), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
		defer cancel()
		if k.due(changes) { // nobody has looked between our asking and this
			k.refresh(ctx, changes)
		}
		return nil, nil
	})
	enough, stop := k.enough(changes)
	defer stop()
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the selection index: %w", context.Cause(ctx))
	case <-enough:
	case <-done:
	}
	return k.newest()
}

// enough returns a channel that tells a request that came after so many changes to wait no longer, because the look has taken patience and
// there is an index that may be served instead; and what ends the timer behind it.
func (k *indexKeeper) enough(changes uint64) (enough <-chan time.Time, stop func() bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if k.current == nil || k.seen < changes || now.Sub(k.confirmed) > maxAge {
		return nil, func() bool { return false }
	}
	rest := patience
	if k.began.After(k.tried) {
		rest -= now.Sub(k.began)
	}
	timer := time.NewTimer(rest)
	return timer.C, timer.Stop
}

// due reports whether a request that came after so many changes has to look at the version.
func (k *indexKeeper) due(changes uint64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	since := k.now().Sub(k.tried)
	return k.tried.IsZero() || k.seen < changes || since >= checkEvery || since < 0 // a clock that was turned back
}

// newest returns the current index, or why there is none that may be served.
func (k *indexKeeper) newest() (*index, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.current != nil && k.now().Sub(k.confirmed) <= maxAge {
		return k.current, nil
	}
	if k.err != nil {
		return nil, fmt.Errorf("build the selection index: %w", k.err)
	}
	// The look succeeded, but more than maxAge has passed since, say because the machine slept.
	return nil, fmt.Errorf("the selection index is older than %s", maxAge)
}

// refresh looks at the catalogue's version and makes a newer index if it has moved.
func (k *indexKeeper) refresh(ctx context.Context, changes uint64) {
	started := k.now()
	k.mu.Lock()
	current := k.current
	k.began = started
	k.mu.Unlock()
	ix, err := k.load(ctx, current)

	k.mu.Lock()
	defer k.mu.Unlock()
	if changes < k.seen {
		return // a look that began after a later write has overtaken this one
	}
	k.tried, k.seen, k.err = started, changes, err
	if err == nil {
		k.current, k.confirmed = ix, started
	}
}

func (k *indexKeeper) load(ctx context.Context, current *index) (*index, error) {
	version, err := k.store.Version(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the catalogue's version: %w", err)
	}
	if current != nil && current.version == version {
		return current, nil
	}
	if current != nil {
		if ix, err := k.update(ctx, current); ix != nil || err != nil {
			return ix, err
		}
	}
	b := newBuilder(k.recordBytes)
	if err := k.store.Snapshot(ctx, b); err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	return b.index(), nil
}

// update makes a newer index of what has changed since the current one; nil where the whole catalogue has to be read.
func (k *indexKeeper) update(ctx context.Context, current *index) (*index, error) {
	slack := current.slack()
	if slack <= 0 {
		return nil, nil
	}
	b := newBuilderFrom(current)
	known, err := k.store.Changes(ctx, current.version, slack, b)
	if err != nil {
		return nil, fmt.Errorf("read what has changed in the catalogue: %w", err)
	}
	if !known {
		return nil, nil
	}
	return b.index(), nil
}
