package ratelimit

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

// scripts is a store that runs a Lua script about one key in one step; in practice Redis.
type scripts interface {
	// Run returns the whole numbers that the script returns.
	Run(ctx context.Context, script, key string, args ...any) ([]int64, error)
}

// sharedPrefix keeps budgets apart from other things in the same store.
const sharedPrefix = "budget:"

// Shared counts in a store, for all daemons together. Of a budget of which much is left it takes a lease: a few requests more
// than the one that it asks for, which it then hands out without asking again. All daemons together allow no more than the
// limit; whoever goes from one daemon to another may find up to a tenth less of it for a minute. It is safe for concurrent use.
type Shared struct {
	store scripts
	now   func() time.Time
	began time.Time
	told  bool // the store takes the time from us

	mu     sync.Mutex
	leases leases
}

// NewShared returns a limiter that counts in the store, holds at most maxLeases leases, at about 300 bytes each, and takes the time
// from now; nil means the store's own clock.
func NewShared(store scripts, maxLeases int, now func() time.Time) *Shared {
	s := &Shared{store: store, now: now, told: now != nil, leases: newLeases(maxLeases)}
	if now == nil {
		s.now = time.Now
	}
	s.began = s.now()
	return s
}

// clock is in microseconds since the limiter was made. It runs evenly, whatever is done to the machine's clock.
func (s *Shared) clock() int64 { return s.now().Sub(s.began).Microseconds() }

// Take takes one request off the key's budget, if there is one left. A refused request costs nothing. The errors are those
// of the store.
func (s *Shared) Take(ctx context.Context, key string, l Limit) (Verdict, error) {
	if err := ctx.Err(); err != nil {
		return Verdict{}, err
	}
	key = compact(key)
	asked := s.clock()
	s.mu.Lock()
	held := s.leases.get(key)
	if v, ok := held.take(l, asked); ok {
		s.mu.Unlock()
		return v, nil
	}
	back, want := held.ask()
	s.mu.Unlock()

	got, err := s.ask(ctx, key, l, back, want)

	s.mu.Lock()
	defer s.mu.Unlock()
	if want != "" {
		held.asking = false
	}
	if err != nil {
		return Verdict{}, fmt.Errorf("take from a shared budget: %w", err)
	}
	if want != "" {
		*held = got.lease(want, asked)
	}
	if held.name == "" && !held.asking {
		s.leases.drop(key, held)
	}
	return got.verdict(l), nil
}

// ask takes one request in the store. It gives a lease back, and takes one under a new name, unless want is empty.
func (s *Shared) ask(ctx context.Context, key string, l Limit, back returned, want string) (answer, error) {
	now := ""
	if s.told {
		now = strconv.FormatInt(s.now().UnixMicro(), 10)
	}
	said, err := s.store.Run(ctx, takeScript, sharedPrefix+key,
		l.interval(), l.span(), now, back.name, back.used, back.due, want, share, maxLease, min(l.span(), maxLasting))
	if err != nil {
		return answer{}, err
	}
	if len(said) != 6 {
		return answer{}, fmt.Errorf("the store answers %d numbers, want 6", len(said))
	}
	return answer{
		allowed: said[0] == 1, now: said[1], due: said[1] + said[2], aside: said[3], leased: said[4], until: said[5],
	}, nil
}

// answer is what the store says of a budget, after the request. Times are of its clock.
type answer struct {
	allowed       bool
	now, due      int64
	aside         int64 // requests that other leases hold
	leased, until int64
}

func (a answer) verdict(l Limit) Verdict {
	return l.verdict(min(a.due-a.now+a.aside*l.interval(), l.span()), a.allowed)
}

// lease is what was leased under the name by asking at some time of our own clock. The store has answered no earlier, so that by
// our reckoning its clock is never slow: a lease ends here before it ends there.
func (a answer) lease(name string, asked int64) lease {
	if a.leased == 0 {
		return lease{}
	}
	return lease{name: name, left: a.leased, due: a.due, aside: a.aside, until: a.until, ahead: a.now - asked}
}

// newName is a name that no other lease of the key has.
func newName() string { return strconv.FormatUint(rand.Uint64(), 36) } //nolint:gosec // it is no secret
