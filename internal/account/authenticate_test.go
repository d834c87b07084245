package account

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

// demoteElsewhere changes the role as another daemon would: this one's cache is not told.
func (h *house) demoteElsewhere(user uuid.UUID, role Role) {
	u := h.store.users[user]
	u.Role = role
	h.store.users[user] = u
}

func TestRoleIsNeverOlderThanAMinute(t *testing.T) {
	h := newHouse(t)
	in := h.register(t)
	steps := []struct {
		name  string
		later time.Duration
		want  Role
	}{
		{"the first request asks the store", 0, Admin},
		{"the next one asks the cache", 59 * time.Second, Admin},
		{"after a minute the store is asked again", time.Second, Learner},
	}
	h.demoteElsewhere(in.User.ID, Admin) // the token still says learner
	for _, step := range steps {
		h.clock = h.clock.Add(step.later)
		got, err := h.Authenticate(t.Context(), in.AccessToken)
		if err != nil || got != (Principal{UserID: in.User.ID, Role: step.want}) {
			t.Fatalf("%s: %v, %v; want %s", step.name, got, err, step.want)
		}
		h.demoteElsewhere(in.User.ID, Learner)
	}
}

func TestChangesMakeTheCacheForget(t *testing.T) {
	tests := []struct {
		name   string
		change func(context.Context, *house, uuid.UUID) error
		role   Role   // afterwards
		code   string // of the refusal afterwards, or none
	}{
		{"set role", func(ctx context.Context, h *house, id uuid.UUID) error {
			_, err := h.SetRole(ctx, id, Admin)
			return err
		}, Admin, ""},
		{"an operator deletes", func(ctx context.Context, h *house, id uuid.UUID) error { return h.DeleteUser(ctx, id) }, "", "account_gone"},
		{"the user deletes", func(ctx context.Context, h *house, id uuid.UUID) error { return h.DeleteSelf(ctx, id) }, "", "account_gone"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			in := h.register(t)
			_, err := h.Authenticate(t.Context(), in.AccessToken)
			must(t, err)
			ctx, hangUp := context.WithCancel(t.Context())
			hangUp() // the fake store goes on, as a commit that has left would
			must(t, tt.change(ctx, h, in.User.ID))
			if h.cache.hungUp {
				t.Error("the cache is told with the context of a caller who may have hung up")
			}
			got, err := h.Authenticate(t.Context(), in.AccessToken)
			if tt.code != "" {
				wantFault(t, err, fault.KindUnauthorized, tt.code)
				return
			}
			if err != nil || got.Role != tt.role {
				t.Fatalf("Authenticate = %v, %v; want %s", got, err, tt.role)
			}
		})
	}
}

func TestABrokenCacheFailsNobody(t *testing.T) {
	h := newHouse(t)
	in := h.register(t)
	h.cache.values["account:"+in.User.ID.String()] = cached{[]byte(Admin), h.clock.Add(time.Hour)}
	h.cache.err = errDown
	got, err := h.Authenticate(t.Context(), in.AccessToken)
	if err != nil || got.Role != Learner {
		t.Fatalf("Authenticate = %v, %v; want the store's word, learner", got, err)
	}
	if _, err := h.SetRole(t.Context(), in.User.ID, Admin); err != nil {
		t.Fatalf("SetRole: %v", err)
	}
	must(t, h.DeleteSelf(t.Context(), in.User.ID))
}

func TestWhatTheCacheKeeps(t *testing.T) {
	h := newHouse(t)
	in := h.register(t)
	_, err := h.Authenticate(t.Context(), in.AccessToken)
	must(t, err)
	got := h.cache.values["account:"+in.User.ID.String()]
	if string(got.value) != "learner" || !got.until.Equal(h.clock.Add(time.Minute)) || len(h.cache.values) != 1 {
		t.Fatalf("cache = %v, want the role under account:<id> for 60 s", h.cache.values)
	}
	h.cache.values["account:"+in.User.ID.String()] = cached{[]byte("root"), h.clock.Add(time.Minute)}
	if p, err := h.Authenticate(t.Context(), in.AccessToken); err != nil || p.Role != Learner {
		t.Fatalf("with garbage in the cache: %v, %v; want learner", p, err)
	}
}

// A daemon's clock that is set back signs nobody out, and one that is set forward ends tokens no further than it was set.
func TestTokensAndAClockThatJumps(t *testing.T) {
	h := newHouse(t)
	in := h.register(t)
	start := h.clock
	for _, tt := range []struct {
		jump time.Duration
		good bool
	}{{-time.Hour, true}, {-24 * time.Hour, true}, {59 * time.Minute, true}, {61 * time.Minute, false}, {0, true}} {
		h.clock = start.Add(tt.jump)
		_, err := h.Authenticate(t.Context(), in.AccessToken)
		if tt.good && err != nil {
			t.Errorf("with the clock %s off: %v", tt.jump, err)
		}
		if !tt.good {
			wantFault(t, err, fault.KindUnauthorized, codeExpired)
		}
	}
}

// Beside a cache that is elsewhere a daemon remembers learners, and nobody whose role gives power.
func TestLearnersAreRememberedNearby(t *testing.T) {
	h := newHouse(t)
	near := &fakeCache{now: func() time.Time { return h.clock }, values: map[string]cached{}}
	WithNear(near)(h.Service)
	in := h.register(t)
	change := func(role Role) { // as another daemon does, which tells the cache
		h.demoteElsewhere(in.User.ID, role)
		delete(h.cache.values, roleKey(in.User.ID))
	}
	for _, step := range []struct {
		name  string
		set   Role
		later time.Duration
		want  Role
	}{
		{"asked for the first time", Learner, 0, Learner},
		{"a promotion waits", Admin, 14 * time.Second, Learner},
		{"for 15 seconds", Admin, time.Second, Admin},
		{"a demotion counts at once", Learner, 0, Learner},
	} {
		change(step.set)
		h.clock = h.clock.Add(step.later)
		if got, err := h.Authenticate(t.Context(), in.AccessToken); err != nil || got.Role != step.want {
			t.Fatalf("%s: %v, %v; want %s", step.name, got, err, step.want)
		}
	}
	// Read from the store now, from the cache at its end, and then from nearby: a minute in all.
	change(Learner)
	h.clock = h.clock.Add(15 * time.Second)
	for _, later := range []time.Duration{0, 44 * time.Second, 14 * time.Second} {
		h.clock = h.clock.Add(later)
		if got, err := h.Authenticate(t.Context(), in.AccessToken); err != nil || got.Role != Learner {
			t.Fatalf("%v, %v", got, err)
		}
		h.demoteElsewhere(in.User.ID, Admin)
	}
	h.clock = h.clock.Add(2 * time.Second)
	if got, err := h.Authenticate(t.Context(), in.AccessToken); err != nil || got.Role != Admin {
		t.Fatalf("after a minute: %v, %v; want what the store says", got, err)
	}
	if _, err := h.SetRole(t.Context(), in.User.ID, Learner); err != nil {
		t.Fatal(err)
	}
	if got, _ := h.Authenticate(t.Context(), in.AccessToken); got.Role != Learner {
		t.Errorf("after a change here: %s", got.Role)
	}
	must(t, h.DeleteSelf(t.Context(), in.User.ID))
	if _, err := h.Authenticate(t.Context(), in.AccessToken); !fault.Is(err, fault.KindUnauthorized) {
		t.Errorf("after the deletion here: %v", err)
	}
}

// slowStore answers when it is told to, and counts.
type slowStore struct {
	Store
	asked  atomic.Int64
	answer chan struct{}
}

func (s *slowStore) User(ctx context.Context, id uuid.UUID) (User, error) {
	s.asked.Add(1)
	<-s.answer
	return s.Store.User(ctx, id)
}

// Many requests of one user who has just come ask the store once, whoever of them gives up.
func TestRequestsShareALookAtTheRole(t *testing.T) {
	h := newHouse(t)
	in := h.register(t)
	synctest.Test(t, func(t *testing.T) {
		slow := &slowStore{Store: h.store, answer: make(chan struct{})}
		h.Service.store = slow
		impatient, giveUp := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := h.Authenticate(impatient, in.AccessToken); !errors.Is(err, context.Canceled) {
				t.Errorf("who gave up: %v", err)
			}
		})
		synctest.Wait()
		for range 10 {
			all.Go(func() {
				if got, err := h.Authenticate(t.Context(), in.AccessToken); err != nil || got.Role != Learner {
					t.Errorf("%v, %v", got, err)
				}
			})
		}
		synctest.Wait()
		giveUp()
		synctest.Wait()
		close(slow.answer)
		all.Wait()
		if n := slow.asked.Load(); n != 1 {
			t.Errorf("the store was asked %d times", n)
		}
	})
}
