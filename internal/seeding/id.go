package seeding

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// epoch is when everything that a seed makes was made, the first of each kind; each following one is a millisecond later. It
// is long past, so that what people make comes first in lists.
var epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// madeAt returns the time of number i of a kind.
func madeAt(i int) time.Time { return epoch.Add(time.Duration(i) * time.Millisecond) }

// id returns the id of number i of a kind.
func (s seed) id(kind Kind, i int) uuid.UUID { return idAt(i, s.digest(string(kind), i)) }

// number is the reverse of id: it returns which number of a kind has the id, and whether this seed made it.
func (s seed) number(kind Kind, id uuid.UUID) (i int, ok bool) {
	ms := int64(binary.BigEndian.Uint32(id[:]))<<16 | int64(binary.BigEndian.Uint16(id[4:]))
	i = int(ms - epoch.UnixMilli())
	return i, i >= 0 && s.id(kind, i) == id
}

// idAt is a UUID of version 7 (RFC 9562, section 5.7) whose time is madeAt(i), so that ids ascend and indexes grow at their
// end, and whose random bits are those of a digest.
func idAt(i int, digest [32]byte) uuid.UUID {
	id := firstID(i)
	copy(id[6:], digest[:])
	id[6] = id[6]&0x0f | 0x70 // version 7
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return id
}

// firstID is below every id of number i and above all of the numbers before it.
func firstID(i int) uuid.UUID {
	var id uuid.UUID
	ms := uint64(madeAt(i).UnixMilli()) //nolint:gosec // after 1970
	binary.BigEndian.PutUint32(id[:], uint32(ms>>16))
	binary.BigEndian.PutUint16(id[4:], uint16(ms))
	return id
}
