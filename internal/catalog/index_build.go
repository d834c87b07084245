package catalog

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"
)

// builder makes an index of a snapshot while that is read, or of an older index and what has changed since. It is a Collector.
type builder struct {
	ix *index
	// first is the ordinal of the first speech that is told; those before it are the older index's.
	first uint32
	// last is the speech whose tag came last. byID are the told ordinals in the order of the ids, once somebody asks for them.
	last uint32
	byID []uint32
}

var _ Collector = (*builder)(nil)

// newBuilder returns a builder whose index remembers as many speeches as fit into some bytes.
func newBuilder(bytes int) *builder {
	return &builder{ix: &index{
		groups:  make(map[group]*roaring.Bitmap),
		records: newRecords(bytes),
		lists:   tagLists{lists: make([]tagList, 1)},
	}}
}

// newBuilderFrom returns a builder that is told what has changed since an index. That one stays as it is: what the two share is only
// appended to, behind what the older one sees, and always in memory of the newer one's own.
func newBuilderFrom(old *index) *builder {
	first := uint32(len(old.ids)) //nolint:gosec // see Speech
	return &builder{first: first, last: first, ix: &index{
		ids:     slices.Clip(old.ids),
		groups:  maps.Clone(old.groups),
		byTag:   old.byTag,
		records: old.records.more(),
		lists:   old.lists.more(),
	}}
}

// Begin implements Collector.
func (b *builder) Begin(version Version, tags []Tag) {
	b.ix.version, b.ix.tags = version, tags
	b.ix.lists.name(tags)
	old := b.ix.byTag
	b.ix.byTag = make(map[uuid.UUID]*roaring.Bitmap, len(tags))
	for _, tag := range tags {
		members, ok := old[tag.ID]
		if !ok {
			members = roaring.New()
		}
		b.ix.byTag[tag.ID] = members
	}
}

// Changed implements Collector. It takes the speeches out of copies of all sets: that costs less than to look which of them have one.
func (b *builder) Changed(speeches []uuid.UUID) {
	gone := b.ix.places(speeches)
	for g, members := range b.ix.groups {
		b.ix.groups[g] = roaring.AndNot(members, gone)
	}
	for tag, members := range b.ix.byTag {
		b.ix.byTag[tag] = roaring.AndNot(members, gone)
	}
}

// Speech implements Collector.
func (b *builder) Speech(s SpeechRow) {
	ordinal := uint32(len(b.ix.ids)) //nolint:gosec // a catalogue of more than 4 billion sentences does not fit into memory
	b.ix.ids = append(b.ix.ids, s.ID)
	b.ix.lists.add()
	b.ix.records.add(s)
	members, ok := b.ix.groups[group{s.Level, s.Type}]
	if !ok {
		members = roaring.New()
		b.ix.groups[group{s.Level, s.Type}] = members
	}
	members.Add(ordinal)
}

// Tagged implements Collector. What is told of an unknown speech or tag is nothing.
func (b *builder) Tagged(speech, tag uuid.UUID) {
	members, known := b.ix.byTag[tag]
	ordinal, found := b.ordinal(speech)
	if !known || !found {
		return
	}
	members.Add(ordinal)
	b.ix.lists.append(ordinal, tag)
}

// ordinal returns the place of a speech that was told. Both databases mostly tell tags in the order in which they told the speeches:
// then it is the last one's or the next one's.
func (b *builder) ordinal(id uuid.UUID) (uint32, bool) {
	for at := b.last; at < min(b.last+2, uint32(len(b.ix.ids))); at++ { //nolint:gosec // see Speech
		if b.ix.ids[at] == id {
			b.last = at
			return at, true
		}
	}
	if b.byID == nil {
		b.byID = make([]uint32, len(b.ix.ids)-int(b.first))
		for i := range b.byID {
			b.byID[i] = b.first + uint32(i) //nolint:gosec // see Speech
		}
		slices.SortFunc(b.byID, func(x, y uint32) int { return slices.Compare(b.ix.ids[x][:], b.ix.ids[y][:]) })
	}
	place, found := slices.BinarySearchFunc(b.byID, id, func(at uint32, id uuid.UUID) int {
		return slices.Compare(b.ix.ids[at][:], id[:])
	})
	if !found {
		return 0, false
	}
	b.last = b.byID[place]
	return b.last, true
}

// index returns what was built. Nothing may come after it.
func (b *builder) index() *index {
	for i, tag := range b.ix.tags {
		b.ix.tags[i].SpeechCount = size(b.ix.byTag[tag.ID])
	}
	b.ix.lists.close()
	b.ix.records.close()
	return b.ix
}

// tagLists hold the tags of each speech. A list is a shorter one and one tag more, so that speeches with the same tags share a
// list, and one costs 8 bytes whatever its length. A tag keeps its number from one index to the next, and so the lists stay as they are
// when tags come, go or get other names.
type tagLists struct {
	refs    []TagRef             // by number
	ranks   []uint32             // by number: the place of a tag in the order of the names
	numbers map[uuid.UUID]uint32 // of the tags, while lists are made
	lists   []tagList            // number 0 is the empty one
	of      []uint32             // the number of a speech's list, by ordinal
	// longer are the numbers of known lists, while more are made.
	longer map[tagList]uint32
}

type tagList struct{ rest, tag uint32 }

// more returns lists that begin with these and share their memory.
func (l *tagLists) more() tagLists {
	return tagLists{refs: l.refs, lists: slices.Clip(l.lists), of: slices.Clip(l.of)}
}

// name tells which tags there are. Those that are no longer among them keep their numbers, which no speech has.
func (l *tagLists) name(tags []Tag) {
	l.refs = slices.Clone(l.refs)
	l.numbers = make(map[uuid.UUID]uint32, len(l.refs)+len(tags))
	for number, ref := range l.refs {
		l.numbers[ref.ID] = uint32(number) //nolint:gosec // fewer than speeches
	}
	for _, tag := range tags {
		number, known := l.numbers[tag.ID]
		if !known {
			number = uint32(len(l.refs)) //nolint:gosec // fewer than speeches
			l.numbers[tag.ID] = number
			l.refs = append(l.refs, TagRef{ID: tag.ID})
		}
		l.refs[number].Name = tag.Name
	}
	l.rank()
}

// rank puts the tags in the order of their names.
func (l *tagLists) rank() {
	names, order := make([]string, len(l.refs)), make([]uint32, len(l.refs))
	for number, ref := range l.refs {
		names[number], order[number] = FoldName(ref.Name), uint32(number) //nolint:gosec // fewer than speeches
	}
	slices.SortFunc(order, func(x, y uint32) int {
		return cmp.Or(strings.Compare(names[x], names[y]), slices.Compare(l.refs[x].ID[:], l.refs[y].ID[:]))
	})
	l.ranks = make([]uint32, len(order))
	for place, number := range order {
		l.ranks[number] = uint32(place) //nolint:gosec // fewer than speeches
	}
}

// add makes room for one more speech, without tags.
func (l *tagLists) add() { l.of = append(l.of, 0) }

// append gives a speech one tag more.
func (l *tagLists) append(ordinal uint32, tag uuid.UUID) {
	if l.longer == nil {
		l.longer = make(map[tagList]uint32, len(l.lists))
		for number, list := range l.lists[1:] {
			l.longer[list] = uint32(number) + 1 //nolint:gosec // see below
		}
	}
	list := tagList{l.of[ordinal], l.numbers[tag]}
	number, ok := l.longer[list]
	if !ok {
		number = uint32(len(l.lists)) //nolint:gosec // at most one for each tag of a speech
		l.lists = append(l.lists, list)
		l.longer[list] = number
	}
	l.of[ordinal] = number
}

func (l *tagLists) close() { l.numbers, l.longer = nil, nil }

// get returns the tags of a speech, in the order of their names; nil where it has none.
func (l *tagLists) get(ordinal uint32) []TagRef {
	var few [16]uint32
	numbers := few[:0]
	for at := l.of[ordinal]; at != 0; at = l.lists[at].rest {
		numbers = append(numbers, l.lists[at].tag)
	}
	if len(numbers) == 0 {
		return nil
	}
	slices.SortFunc(numbers, func(x, y uint32) int { return cmp.Compare(l.ranks[x], l.ranks[y]) })
	tags := make([]TagRef, len(numbers))
	for i, number := range numbers {
		tags[i] = l.refs[number]
	}
	return tags
}
