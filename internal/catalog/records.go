package catalog

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"
)

// maxPools is how many pools of matches an index remembers, each as large as a bitmap is: 125 KB where a million speeches match.
const maxPools = 128

// recordBytes bounds the texts and recordings' names that an index remembers. A usual speech takes 50 to 70 bytes: two million fit.
// Beside that it takes 24 bytes for its id and its places, and 2 for its group and each of its tags.
const recordBytes = 128 << 20

const (
	// chunkBytes is how much memory records take at a time.
	chunkBytes = 1 << 20
	// notKept is the place of a record for which there was no room.
	notKept = math.MaxUint32
	// maxNames is how many names of recordings are kept once for all records that have them.
	maxNames = 4096
)

// records are the texts and recordings' names of speeches, by ordinal, packed into a few large pieces of memory without pointers,
// which cost the garbage collector nothing. What is drawn is drawn with the same chance each time, so that no rule about what
// to keep would find more: what comes first is kept, and the rest is read from the database each time.
//
// A record is, each with its length as a varint before it: the text, and the recording's name; or instead of the name 0 and its
// number in names, plus one. In the name the speech's own id is a NUL, which no text contains.
type records struct {
	room   int
	places []uint32 // in which chunk, and where in it
	chunks []string
	names  []string

	// open is the chunk that is being filled, known the numbers of names, and buffer a name or a record that is being made.
	open, buffer []byte
	known        map[string]int
}

func newRecords(bytes int) *records { return &records{room: bytes, known: make(map[string]int)} }

// more returns records that begin with these and share their memory. The last chunk is filled up: however often that happens, there
// are not more chunks than what is remembered takes.
func (r *records) more() *records {
	last := len(r.chunks) - 1
	next := &records{
		room: r.room, places: slices.Clip(r.places), chunks: slices.Clip(r.chunks[:last]), names: slices.Clip(r.names),
		open: []byte(r.chunks[last]), known: make(map[string]int, len(r.names)),
	}
	for number, name := range r.names {
		next.known[name] = number
	}
	return next
}

// add appends the record of the next speech, if there is room.
func (r *records) add(s SpeechRow) {
	name := r.name(s)
	record := binary.AppendUvarint(name, uint64(len(s.Text)))
	record = append(record, s.Text...)
	number, ok := r.number(name)
	if ok {
		record = binary.AppendUvarint(append(record, 0), uint64(number)) //nolint:gosec // not negative
	} else {
		record = append(binary.AppendUvarint(record, uint64(len(name))), name...)
	}
	r.buffer = record[:0]
	record = record[len(name):]
	if len(record) > min(r.room, chunkBytes) {
		r.places = append(r.places, notKept)
		return
	}
	r.room -= len(record)
	if len(r.open)+len(record) > chunkBytes {
		r.chunks, r.open = append(r.chunks, string(r.open)), r.open[:0]
	}
	r.places = append(r.places, uint32(len(r.chunks)*chunkBytes+len(r.open))) //nolint:gosec // of 128 MiB
	r.open = append(r.open, record...)
}

// name returns how a recording's name is kept, at the beginning of the buffer.
func (r *records) name(s SpeechRow) []byte {
	var id [36]byte
	text, _ := s.ID.MarshalText()
	copy(id[:], text)
	before, after, found := bytes.Cut(s.Audio, id[:])
	name := append(r.buffer[:0], before...)
	if found {
		name = append(append(name, 0), after...)
	}
	return name
}

// number returns the place of a name in names, and whether it has one. An empty name needs none, but 0 is not its length.
func (r *records) number(name []byte) (int, bool) {
	if number, ok := r.known[string(name)]; ok {
		return number, true
	}
	if len(r.names) >= maxNames && len(name) > 0 {
		return 0, false
	}
	r.names = append(r.names, string(name))
	r.known[r.names[len(r.names)-1]] = len(r.names) - 1
	r.room -= len(name)
	return len(r.names) - 1, true
}

// close ends adding.
func (r *records) close() {
	r.chunks = append(r.chunks, string(r.open))
	r.open, r.buffer, r.known = nil, nil, nil
}

// get returns the text of a speech and its recording's name, if they are kept.
func (r *records) get(ordinal uint32, id uuid.UUID) (text, audio string, ok bool) {
	place := r.places[ordinal]
	if place == notKept {
		return "", "", false
	}
	rest := r.chunks[place/chunkBytes][place%chunkBytes:]
	text, rest = piece(rest)
	audio, rest = piece(rest)
	if audio == "" {
		audio = r.names[length(&rest)]
	}
	if before, after, found := strings.Cut(audio, "\x00"); found {
		audio = before + id.String() + after
	}
	return text, audio, true
}

// piece returns the piece at the beginning of a record, and what is behind it.
func piece(record string) (first, rest string) {
	n := length(&record)
	return record[:n], record[n:]
}

// length takes a varint off the beginning of a record.
func length(record *string) int {
	n, shift := 0, 0
	for {
		b := (*record)[0]
		*record = (*record)[1:]
		n |= int(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
		shift += 7
	}
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
