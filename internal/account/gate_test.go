package account

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
)

// Half the processors are left to those who play.
func TestHashing(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for processors, want := range map[int]int{1: 1, 2: 1, 3: 1, 8: 4} {
		runtime.GOMAXPROCS(processors)
		if got := hashing(); got != want || cap(newPasswords().turns) != want {
			t.Errorf("%d processors: %d hashes at once, want %d", processors, got, want)
		}
	}
}

// Of many logins at once only a few ask the database; the rest waits, and can be called off.
func TestLoginsWaitBeforeTheyAskTheDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.store.fails = "UserByEmail" // whoever asks, returns at once
		for range cap(h.logins) {
			h.logins <- struct{}{}
		}
		ctx, cancel := context.WithCancel(t.Context())
		login := func(ctx context.Context) chan error {
			done := make(chan error, 1)
			go func() {
				_, err := h.Login(ctx, goodEmail, goodPassword)
				done <- err
			}()
			return done
		}
		patient, gone := login(t.Context()), login(ctx)
		synctest.Wait()
		if len(patient)+len(gone) != 0 {
			t.Fatal("a login did not wait")
		}
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("a login that was called off: %v", err)
		}
		h.logins.leave()
		if err := <-patient; !errors.Is(err, errDown) {
			t.Errorf("a login with room: %v, want the store's error", err)
		}
		if len(h.logins) != cap(h.logins)-1 {
			t.Errorf("%d logins are inside, want %d: they leave", len(h.logins), cap(h.logins)-1)
		}
	})
}
