package catalog

import (
	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"
)

// index answers a draw without asking the database: which speeches match, and what they are. A builder makes it of a snapshot, or of
// an older index and what has changed since, and then it never changes; any number of goroutines may use it.
//
// Each speech has an ordinal, its place in ids. A changed speech gets a new one: its old one is in no set any more. Each group (level and type) and each tag has the set of the ordinals
// of its speeches as a compressed bitmap, so that "of this group, with one of these tags" is one OR and one AND, and
// drawing costs what is drawn, not what the catalogue holds.
type index struct {
	version Version
	tags    []Tag
	ids     []uuid.UUID
	groups  map[group]*roaring.Bitmap
	byTag   map[uuid.UUID]*roaring.Bitmap
	// records and lists are what is told of a speech beside its id.
	records *records
	lists   tagLists
	// pools are what was asked for before.
	pools pools
}

// minSlack is how many speeches may have changed in an index of any size before it is built anew.
const minSlack = 1000

// slack returns how many speeches may still change until so much of the index is of speeches as they were before that it had
// better be built anew: a quarter of those that live.
func (ix *index) slack() int {
	live := 0
	for _, members := range ix.groups {
		live += size(members)
	}
	return max(live/4, minSlack) - (len(ix.ids) - live)
}

// places returns the ordinals of the speeches with these ids, those that they had before included.
func (ix *index) places(ids []uuid.UUID) *roaring.Bitmap {
	wanted := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	found := roaring.New()
	for ordinal, id := range ix.ids {
		if wanted[id] {
			found.Add(uint32(ordinal)) //nolint:gosec // see builder.Speech
		}
	}
	return found
}

// group is what a speech belongs to exactly once.
type group struct {
	level Level
	typ   SentenceType
}

// size returns how many members b has; a missing set has none.
func size(b *roaring.Bitmap) int {
	if b == nil {
		return 0
	}
	return int(b.GetCardinality()) //nolint:gosec // at most the number of ordinals
}

// tagged returns the ordinals of the speeches with at least one of the tags. Unknown tags match nothing.
func (ix *index) tagged(tags []uuid.UUID) *roaring.Bitmap {
	sets := make([]*roaring.Bitmap, 0, len(tags))
	for _, tag := range tags {
		if b, ok := ix.byTag[tag]; ok {
			sets = append(sets, b)
		}
	}
	return roaring.FastOr(sets...)
}

// pool returns the ordinals of the speeches of the level and type with at least one of the tags. It is shared: nobody may
// change it.
func (ix *index) pool(level Level, typ SentenceType, tags []uuid.UUID, looks *Lookups) *roaring.Bitmap {
	members, ok := ix.groups[group{level, typ}]
	if !ok {
		return nil
	}
	key := make([]byte, 0, 256)
	key = append(append(append(append(key, level...), 0), typ...), 0)
	for _, tag := range tags {
		key = append(key, tag[:]...)
	}
	known, ok := ix.pools.get(key)
	looks.note(ok)
	if ok {
		return known
	}
	pool := ix.tagged(tags)
	pool.And(members)
	ix.pools.put(key, pool)
	return pool
}

// draw returns the ordinals of up to k different members of a pool: every set of k, in every order, with the same
// probability. Where there are fewer than k it returns all.
func draw(pool *roaring.Bitmap, k int, intN func(int) int) []uint32 {
	ranks := sample(size(pool), k, intN)
	ordinals := make([]uint32, len(ranks))
	for i, rank := range ranks {
		ordinal, err := pool.Select(uint32(rank)) //nolint:gosec // below the pool's size
		if err != nil {
			panic("catalog: a rank below the size of the pool has no member: " + err.Error())
		}
		ordinals[i] = ordinal
	}
	return ordinals
}

// sample returns min(k, n) different numbers in [0, n), every such list with the same probability.
//
// R. Floyd's algorithm (J. Bentley, "A Sample of Brilliance", CACM 30:9, 1987) takes k steps whatever n is; it gives
// uniform sets, but not in a uniform order, so they are shuffled.
func sample(n, k int, intN func(int) int) []int {
	k = min(k, n)
	chosen := make([]int, 0, k)
	taken := make(map[int]bool, k)
	for j := n - k; j < n; j++ {
		pick := intN(j + 1)
		if taken[pick] {
			pick = j
		}
		taken[pick] = true
		chosen = append(chosen, pick)
	}
	for i := len(chosen) - 1; i > 0; i-- {
		j := intN(i + 1)
		chosen[i], chosen[j] = chosen[j], chosen[i]
	}
	return chosen
}

// matches counts the speeches that match each part of a draw alone.
func (ix *index) matches(level Level, typ SentenceType, tags []uuid.UUID) (byLevel, byType, byTags int) {
	for g, members := range ix.groups {
		if g.level == level {
			byLevel += size(members)
		}
		if g.typ == typ {
			byType += size(members)
		}
	}
	return byLevel, byType, size(ix.tagged(tags))
}
