package catalog

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slowStore is a Store whose first look at the version takes long.
type slowStore struct {
	Store
	looks   atomic.Int64
	release chan struct{}
}

func (s *slowStore) Version(context.Context) (Version, error) {
	look := s.looks.Add(1)
	if look == 1 {
		<-s.release
	}
	return Version{Number: look}, nil
}

func (s *slowStore) Changes(context.Context, Version, int, Collector) (bool, error) {
	return false, nil
}

func (s *slowStore) Snapshot(_ context.Context, into Collector) error {
	into.Begin(Version{Number: s.looks.Load()}, nil)
	return nil
}

// getMeanwhile gets an index beside the test.
func getMeanwhile(t *testing.T, k *indexKeeper) <-chan *index {
	t.Helper()
	got := make(chan *index)
	go func() {
		ix, err := k.get(t.Context())
		if err != nil {
			t.Error(err)
		}
		got <- ix
	}()
	return got
}

// TestAWriteIsNotHiddenByAnOlderLook lets a look that began before a write end after the one that the write caused.
func TestAWriteIsNotHiddenByAnOlderLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowStore{release: make(chan struct{})}
		k := &indexKeeper{store: store, now: time.Now}
		older := getMeanwhile(t, k)
		synctest.Wait() // the first look hangs

		k.changed()
		newer, err := k.get(t.Context())
		if err != nil || newer.version.Number != 2 {
			t.Fatalf("after the write get = %+v, %v; want version 2, without waiting for the older look", newer, err)
		}
		close(store.release)
		if got := <-older; got != newer {
			t.Fatalf("the older look got version %d, want the newest", got.version.Number)
		}
		if got, err := k.get(t.Context()); got != newer || err != nil {
			t.Fatalf("the older look has replaced the newer one: %+v, %v", got, err)
		}
	})
}

// frozenStore is a Store whose later looks at the version hang until they are released.
type frozenStore struct {
	slowStore
	frozen chan struct{}
}

func (s *frozenStore) Version(ctx context.Context) (Version, error) {
	if s.frozen != nil {
		<-s.frozen
	}
	return s.slowStore.Version(ctx)
}

// newFrozenStore returns a store that is not frozen yet, and a keeper of it.
func newFrozenStore() (*frozenStore, *indexKeeper) {
	store := &frozenStore{slowStore: slowStore{release: make(chan struct{})}}
	close(store.release)
	return store, &indexKeeper{store: store, now: time.Now}
}

// TestALookThatHangsDelaysNobodyForLong freezes the database once the catalogue is known.
func TestALookThatHangsDelaysNobodyForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, k := newFrozenStore()
		wait := func(want time.Duration, version int64) {
			t.Helper()
			start := time.Now()
			ix, err := k.get(t.Context())
			if err != nil || ix.version.Number != version || time.Since(start) != want {
				t.Fatalf("after %s get = %+v, %v; want version %d after %s", time.Since(start), ix, err, version, want)
			}
		}
		wait(0, 1)
		store.frozen = make(chan struct{})
		time.Sleep(checkEvery)
		wait(patience, 1)
		wait(0, 1) // the look has taken long enough already

		// What this process has written is waited for.
		k.changed()
		written := getMeanwhile(t, k)
		time.Sleep(10 * patience)
		select {
		case ix := <-written:
			t.Fatalf("after a write version %d is served while the database does not answer", ix.version.Number)
		default:
		}
		close(store.frozen)
		if ix := <-written; ix.version.Number < 2 {
			t.Fatalf("after a write version %d is served", ix.version.Number)
		}
	})
}

// TestAnIndexThatIsTooOldIsNotServed lets the database hang for longer than an index that was not confirmed is good.
func TestAnIndexThatIsTooOldIsNotServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, k := newFrozenStore()
		if _, err := k.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		store.frozen = make(chan struct{})
		defer close(store.frozen)
		time.Sleep(maxAge + time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if ix, err := k.get(ctx); err == nil {
			t.Fatalf("an index of %s ago is served: %+v", maxAge+time.Second, ix)
		}
	})
}
