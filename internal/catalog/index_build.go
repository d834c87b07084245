package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"
)

// builder makes an index of a snapshot while that is read. It is a Collector.
type builder struct {
	ix *index
	// tags are the numbers of the tags, in the order of their names.
	tags map[uuid.UUID]uint32
	// last is the speech whose tag came last. byID are the ordinals in the order of the ids, once somebody asks for them.
	last uint32
	byID []uint32
}

var _ Collector = (*builder)(nil)

// newBuilder returns a builder whose index remembers as many speeches as fit into some bytes.
func newBuilder(bytes int) *builder {
	return &builder{ix: &index{
		groups:  make(map[group]*roaring.Bitmap),
		byTag:   make(map[uuid.UUID]*roaring.Bitmap),
		records: newRecords(bytes),
	}}
}

// Begin implements Collector.
func (b *builder) Begin(version int64, tags []Tag) {
	b.ix.version, b.ix.tags = version, tags
	refs := make([]TagRef, len(tags))
	for i, tag := range tags {
		refs[i] = TagRef{ID: tag.ID, Name: tag.Name}
	}
	slices.SortFunc(refs, func(x, y TagRef) int {
		return cmp.Or(strings.Compare(FoldName(x.Name), FoldName(y.Name)), slices.Compare(x.ID[:], y.ID[:]))
	})
	b.ix.lists = newTagLists(refs)
	b.tags = make(map[uuid.UUID]uint32, len(refs))
	for i, ref := range refs {
		b.tags[ref.ID] = uint32(i) //nolint:gosec // fewer than speeches
		b.ix.byTag[ref.ID] = roaring.New()
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
	number, known := b.tags[tag]
	ordinal, found := b.ordinal(speech)
	if !known || !found {
		return
	}
	b.ix.byTag[tag].Add(ordinal)
	b.ix.lists.append(ordinal, number)
}

// ordinal returns the place of a speech. Both databases mostly tell tags in the order in which they told the speeches: then it is
// the last one's or the next one's.
func (b *builder) ordinal(id uuid.UUID) (uint32, bool) {
	for at := b.last; at < min(b.last+2, uint32(len(b.ix.ids))); at++ { //nolint:gosec // see Speech
		if b.ix.ids[at] == id {
			b.last = at
			return at, true
		}
	}
	if b.byID == nil {
		b.byID = make([]uint32, len(b.ix.ids))
		for i := range b.byID {
			b.byID[i] = uint32(i) //nolint:gosec // see Speech
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
// list, and one costs 8 bytes whatever its length.
type tagLists struct {
	refs  []TagRef  // all tags, in the order of their names
	lists []tagList // number 0 is the empty one
	of    []uint32  // the number of a speech's list, by ordinal
	// longer are the numbers of known lists, while more are made.
	longer map[tagList]uint32
}

type tagList struct{ rest, tag uint32 }

func newTagLists(refs []TagRef) tagLists {
	return tagLists{refs: refs, lists: make([]tagList, 1), longer: make(map[tagList]uint32)}
}

// add makes room for one more speech, without tags.
func (l *tagLists) add() { l.of = append(l.of, 0) }

// append gives a speech one tag more.
func (l *tagLists) append(ordinal, tag uint32) {
	list := tagList{l.of[ordinal], tag}
	number, ok := l.longer[list]
	if !ok {
		number = uint32(len(l.lists)) //nolint:gosec // at most one for each tag of a speech
		l.lists = append(l.lists, list)
		l.longer[list] = number
	}
	l.of[ordinal] = number
}

func (l *tagLists) close() { l.longer = nil }

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
	slices.Sort(numbers)
	tags := make([]TagRef, len(numbers))
	for i, number := range numbers {
		tags[i] = l.refs[number]
	}
	return tags
}
