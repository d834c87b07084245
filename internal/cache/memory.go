package cache

import (
	"bytes"
	"container/list"
	"context"
	"sync"
	"time"
)

// entryOverhead is roughly what an entry costs beside its key and value: list element, map slot, headers.
const entryOverhead = 200

// Memory is a cache of bounded size in this process. What was used longest ago is forgotten first. It is safe for
// concurrent use.
type Memory struct {
	maxBytes int
	now      func() time.Time

	mu      sync.Mutex
	bytes   int
	entries map[string]*list.Element
	recent  *list.List // of *entry, the last used at the front
}

type entry struct {
	key     string
	value   []byte
	room    int // bytes that value takes: more than it has, where something was appended
	expires time.Time
}

func (e *entry) cost() int { return len(e.key) + e.room + entryOverhead }

// NewMemory returns an empty cache that holds about maxBytes bytes and takes the time from now; nil means time.Now.
func NewMemory(maxBytes int, now func() time.Time) *Memory {
	if now == nil {
		now = time.Now
	}
	return &Memory{maxBytes: maxBytes, now: now, entries: map[string]*list.Element{}, recent: list.New()}
}

// Get returns a copy of the value under key, and whether there is one. The only error is that of ctx.
func (m *Memory) Get(ctx context.Context, key string) (value []byte, ok bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.find(key)
	if e == nil {
		return nil, false, nil
	}
	return append([]byte{}, e.value...), true, nil
}

// find returns the entry under key, unless there is none or it has expired, and makes it the last used. The caller holds the
// lock.
func (m *Memory) find(key string) *entry {
	element, ok := m.entries[key]
	if !ok {
		return nil
	}
	e := element.Value.(*entry)
	if !m.now().Before(e.expires) {
		m.remove(element)
		return nil
	}
	m.recent.MoveToFront(element)
	return e
}

// Set keeps a copy of value under key for ttl, replacing what was there. A ttl of zero or less only removes. A value
// that does not fit at all is not kept. The only error is that of ctx.
func (m *Memory) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(&entry{key: key, value: bytes.Clone(value), room: len(value), expires: m.now().Add(ttl)})
	return nil
}

// set keeps the entry in place of what was under its key, unless it has expired already or does not fit at all. The caller
// holds the lock.
func (m *Memory) set(e *entry) {
	if old, ok := m.entries[e.key]; ok {
		m.remove(old)
	}
	if !m.now().Before(e.expires) || e.cost() > m.maxBytes {
		return
	}
	for m.bytes+e.cost() > m.maxBytes {
		m.remove(m.recent.Back())
	}
	m.entries[e.key] = m.recent.PushFront(e)
	m.bytes += e.cost()
}

// Append adds tail to the value under key, of which the last most bytes are kept, for ttl from now. It copies no more than it
// must, which Get and Set would. The only error is that of ctx.
func (m *Memory) Append(ctx context.Context, key string, tail []byte, most int, ttl time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e := &entry{key: key, expires: m.now().Add(ttl)}
	if old := m.find(key); old != nil {
		e.value = old.value
	}
	tail = tail[max(len(tail)-most, 0):]
	if over := len(e.value) + len(tail) - most; over > 0 {
		e.value = e.value[:copy(e.value, e.value[over:])]
	}
	e.value = append(e.value, tail...)
	e.room = cap(e.value)
	m.set(e)
	return nil
}

// Delete forgets keys; one that is not there is fine. The only error is that of ctx.
func (m *Memory) Delete(ctx context.Context, keys ...string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, key := range keys {
		if element, ok := m.entries[key]; ok {
			m.remove(element)
		}
	}
	return nil
}

// remove forgets an entry. The caller holds the lock.
func (m *Memory) remove(element *list.Element) {
	e := m.recent.Remove(element).(*entry)
	delete(m.entries, e.key)
	m.bytes -= e.cost()
}

// Ping answers that memory is there.
func (m *Memory) Ping(ctx context.Context) error { return ctx.Err() }

// Close does nothing; it is there because Redis has it.
func (m *Memory) Close() error { return nil }
