package catalog

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// slowStore is a Store whose first look at the version takes long.
type slowStore struct {
	Store
	looks   int64
	release chan struct{}
}

func (s *slowStore) Version(context.Context) (Version, error) {
	s.looks++
	look := s.looks
	if look == 1 {
		<-s.release
	}
	return Version{Number: look}, nil
}

func (s *slowStore) Changes(context.Context, Version, int, Collector) (bool, error) {
	return false, nil
}

func (s *slowStore) Snapshot(_ context.Context, into Collector) error {
	into.Begin(Version{Number: s.looks}, nil)
	return nil
}

// TestAWriteIsNotHiddenByAnOlderLook lets a look that began before a write end after the one that the write caused.
func TestAWriteIsNotHiddenByAnOlderLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowStore{release: make(chan struct{})}
		k := &indexKeeper{store: store, now: time.Now}
		older := make(chan *index)
		go func() {
			ix, err := k.get(t.Context())
			if err != nil {
				t.Error(err)
			}
			older <- ix
		}()
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
