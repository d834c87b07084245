package blob

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	// linkBytes bounds the links that are remembered: some 60,000 of an S3 store, twice as many of a folder's.
	linkBytes = 32 << 20
	// linkOverhead is what a remembered link costs beside its key and itself.
	linkOverhead = 80
)

// linkCache remembers the links of one window: those made for a key within it are equal, so that making them once is enough. It is
// safe for concurrent use. The zero value is ready.
type linkCache struct {
	mu    sync.RWMutex
	start int64 // of the window, in seconds since 1970
	links map[string]string
	room  int

	hits, misses atomic.Uint64
}

// link returns the link to key of the window that begins at start, made by sign where nobody has asked for it yet. It refuses
// what is no key.
func (c *linkCache) link(key string, start time.Time, sign func() string) (string, error) {
	window := start.Unix()
	c.mu.RLock()
	known, ok := c.links[key]
	ok = ok && c.start == window
	c.mu.RUnlock()
	if ok {
		c.hits.Add(1)
		return known, nil
	}
	if err := CheckKey(key); err != nil {
		return "", err
	}
	c.misses.Add(1)
	made := sign()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.links == nil || c.start != window {
		c.start, c.links, c.room = window, make(map[string]string), linkBytes
	}
	if cost := len(key) + len(made) + linkOverhead; cost <= c.room {
		if _, there := c.links[key]; !there {
			c.links[key], c.room = made, c.room-cost
		}
	}
	return made, nil
}

// LinkHits returns how many links were there already, since the store was opened.
func (c *linkCache) LinkHits() uint64 { return c.hits.Load() }

// LinkMisses returns how many links had to be made.
func (c *linkCache) LinkMisses() uint64 { return c.misses.Load() }
