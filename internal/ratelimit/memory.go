package ratelimit

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// Memory counts in this process. It keeps a bounded number of keys: where more than that are active at once, the one that
// was used longest ago begins anew. It is safe for concurrent use.
type Memory struct {
	maxKeys int
	now     func() time.Time
	// began is when the limiter was made. What is counted from there does not jump when somebody sets the machine's clock.
	began time.Time

	mu     sync.Mutex
	keys   map[string]*list.Element
	recent *list.List // of *budget, the last used at the front
}

// budget is what is kept of a key.
type budget struct {
	key string
	due int64 // when it is whole again, in microseconds since the limiter was made
}

// NewMemory returns a limiter that keeps maxKeys keys, at about 250 bytes each, and takes the time from now; nil means
// time.Now.
func NewMemory(maxKeys int, now func() time.Time) *Memory {
	if now == nil {
		now = time.Now
	}
	return &Memory{maxKeys: maxKeys, now: now, began: now(), keys: map[string]*list.Element{}, recent: list.New()}
}

// Take takes one request off the key's budget, if there is one left. A refused request costs nothing. The only error is
// that of ctx.
func (m *Memory) Take(ctx context.Context, key string, l Limit) (Verdict, error) {
	if err := ctx.Err(); err != nil {
		return Verdict{}, err
	}
	now := m.now().Sub(m.began).Microseconds()
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.budget(compact(key), now)
	debt, allowed := l.take(b.due - now)
	b.due = now + debt
	return l.verdict(debt, allowed), nil
}

// budget returns the key's budget, a new one if need be, and makes it the last used. The caller holds the lock.
func (m *Memory) budget(key string, now int64) *budget {
	if element, ok := m.keys[key]; ok {
		m.recent.MoveToFront(element)
		return element.Value.(*budget)
	}
	m.makeRoom(now)
	b := &budget{key: key, due: now}
	m.keys[key] = m.recent.PushFront(b)
	return b
}

// makeRoom forgets budgets that are whole, which loses nothing: at most two, the oldest, so that one comer pays for
// little and the rest shrinks all the same. Where there is no other way, it forgets the oldest even so.
func (m *Memory) makeRoom(now int64) {
	for range 2 {
		oldest := m.recent.Back()
		if oldest == nil || (oldest.Value.(*budget).due > now && m.recent.Len() < m.maxKeys) {
			return
		}
		m.recent.Remove(oldest)
		delete(m.keys, oldest.Value.(*budget).key)
	}
}
