package signature

import (
	"container/heap"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

// Nonces remembers which nonces were used.
type Nonces interface {
	// Use notes that a nonce is used now, and reports whether it is the first time. It may be forgotten after keep. It
	// returns fault.Unavailable where nobody can tell: then the nonce counts as used.
	Use(ctx context.Context, nonce string, keep time.Duration) (fresh bool, err error)
}

// Memory remembers nonces in this process, so many at most. It is safe for concurrent use.
type Memory struct {
	most int
	now  func() time.Time

	mu     sync.Mutex
	used   map[[sha256.Size]byte]bool
	oldest expiries
}

// NewMemory returns a memory for most nonces, at about 150 bytes each, that takes the time from now; nil means time.Now.
func NewMemory(most int, now func() time.Time) *Memory {
	if now == nil {
		now = time.Now
	}
	return &Memory{most: most, now: now, used: make(map[[sha256.Size]byte]bool)}
}

// Use implements Nonces. A memory that is full of nonces that must not be forgotten yet lets no other one in.
func (m *Memory) Use(_ context.Context, nonce string, keep time.Duration) (fresh bool, err error) {
	digest, now := sha256.Sum256([]byte(nonce)), m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.oldest) > 0 && !m.oldest[0].at.After(now) {
		delete(m.used, heap.Pop(&m.oldest).(expiry).nonce)
	}
	switch {
	case m.used[digest]:
		return false, nil
	case len(m.used) >= m.most:
		return false, cannotTell(fmt.Errorf("%d nonces are remembered already", m.most))
	}
	m.used[digest] = true
	heap.Push(&m.oldest, expiry{now.Add(keep), digest})
	return true, nil
}

func cannotTell(cause error) error {
	return fault.Unavailable("nobody can tell now whether this signature was used before; please try again, with a new one").
		WithCode("replay_check_unavailable").WithCause(cause)
}

// expiry is when a nonce may be forgotten.
type expiry struct {
	at    time.Time
	nonce [sha256.Size]byte
}

// expiries is a heap with the next one on top.
type expiries []expiry

func (e expiries) Len() int           { return len(e) }
func (e expiries) Less(i, j int) bool { return e[i].at.Before(e[j].at) }
func (e expiries) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }

// Push and Pop are for package heap.
func (e *expiries) Push(x any) { *e = append(*e, x.(expiry)) }

// Pop takes off the last one.
func (e *expiries) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	*e = (*e)[:last]
	return x
}

// scripts is a store that runs a Lua script about one key in one step; in practice Redis.
type scripts interface {
	// Run returns the whole numbers that the script returns.
	Run(ctx context.Context, script, key string, args ...any) ([]int64, error)
}

// useScript claims the nonce KEYS[1] for the caller ARGV[1] and for ARGV[2] milliseconds. It returns 1 where the nonce is the
// caller's, also when it asks again because the first answer got lost on the way.
const useScript = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
	return {1}
end
return {redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0}`

// noncePrefix keeps nonces apart from other things in the same store.
const noncePrefix = "nonce:"

// Shared remembers nonces in a store, for all daemons together. While the store does not answer it lets no nonce through: a
// memory of this process's own would not know what was used at the others. It is safe for concurrent use.
type Shared struct{ store scripts }

// NewShared returns the memory in a store.
func NewShared(store scripts) *Shared { return &Shared{store} }

// Use implements Nonces.
func (s *Shared) Use(ctx context.Context, nonce string, keep time.Duration) (fresh bool, err error) {
	digest := sha256.Sum256([]byte(nonce))
	said, err := s.store.Run(ctx, useScript, noncePrefix+hex.EncodeToString(digest[:]), rand.Text(), max(keep.Milliseconds(), 1))
	if ended := ctx.Err(); ended != nil {
		return false, fmt.Errorf("ask for a nonce: %w", ended)
	}
	if err == nil && len(said) != 1 {
		err = fmt.Errorf("the store answers %d numbers, want 1", len(said))
	}
	if err != nil {
		return false, cannotTell(err)
	}
	return said[0] == 1, nil
}
