package catalog

import (
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"
)

const (
	// recordBytes bounds the speeches that an index remembers. A record is its text and about 90 bytes, and its audio's
	// name where that is somebody else's: a million of usual ones fit.
	recordBytes = 160 << 20
	// recordOverhead is what a record costs beside its texts: struct, slot, rounding up.
	recordOverhead = 72
	// maxPools is how many pools of matches an index remembers, each as large as a bitmap is: 125 KB where a million
	// speeches match.
	maxPools = 128
)

// record is what a draw tells of a speech, beside the id, level and type that it was drawn by.
type record struct {
	text, audio string
	tags        []TagRef
}

// records remembers the speeches of one index, which all change with it. What is drawn is drawn with the same chance each
// time, so that no rule about what to forget would find more: what does not fit is read from the database each time. It is
// safe for concurrent use, and reading takes no lock.
type records struct {
	slots []atomic.Pointer[record] // by ordinal
	room  atomic.Int64             // in bytes

	mu   sync.Mutex
	tags map[string][]TagRef // each combination once
}

func newRecords(n int, bytes int64) *records {
	r := &records{slots: make([]atomic.Pointer[record], n), tags: make(map[string][]TagRef)}
	r.room.Store(bytes)
	return r
}

func (r *records) get(ordinal uint32) *record { return r.slots[ordinal].Load() }

// put remembers a speech, if there is room.
func (r *records) put(ordinal uint32, s Speech) {
	cost := int64(len(s.Text) + len(s.Audio) + recordOverhead)
	if r.room.Add(-cost) < 0 {
		r.room.Add(cost)
		return
	}
	if !r.slots[ordinal].CompareAndSwap(nil, &record{text: s.Text, audio: s.Audio, tags: r.shared(s.Tags)}) {
		r.room.Add(cost) // somebody else was faster
	}
}

// shared returns the one list that all speeches with the same tags share.
func (r *records) shared(tags []TagRef) []TagRef {
	key := make([]byte, 0, len(tags)*len(uuid.UUID{}))
	for _, tag := range tags {
		key = append(key, tag.ID[:]...)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.tags[string(key)]; ok {
		return known
	}
	r.tags[string(key)] = tags
	return tags
}

// pools remembers which ordinals match a level, type and tags. It is safe for concurrent use; nobody changes a pool.
type pools struct {
	mu    sync.RWMutex
	known map[string]*roaring.Bitmap
}

func (p *pools) get(key []byte) (*roaring.Bitmap, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	pool, ok := p.known[string(key)]
	return pool, ok
}

func (p *pools) put(key []byte, pool *roaring.Bitmap) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil || len(p.known) >= maxPools {
		p.known = make(map[string]*roaring.Bitmap)
	}
	p.known[string(key)] = pool
}

// Lookups counts looks into one cache. It is safe for concurrent use.
type Lookups struct{ hits, misses atomic.Uint64 }

func (l *Lookups) note(hit bool) {
	if hit {
		l.hits.Add(1)
	} else {
		l.misses.Add(1)
	}
}

// Hits returns how many looks found something, since the program started.
func (l *Lookups) Hits() uint64 { return l.hits.Load() }

// Misses returns how many looks found nothing.
func (l *Lookups) Misses() uint64 { return l.misses.Load() }

// Caches are the numbers of what the service remembers.
type Caches struct {
	// Pools are looks for the matches of a draw, Records for single speeches, and Index for a catalogue that was read before.
	Pools, Records, Index *Lookups
}
