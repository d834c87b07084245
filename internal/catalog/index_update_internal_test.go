package catalog

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// catalogue is a catalogue that changes at random. Its speeches are in the order in which an index that follows it has them: what is
// changed goes to the end.
type catalogue struct {
	luck     *rand.Rand
	version  int64
	tags     []Tag
	speeches []Speech
	made     int
}

// change changes up to so many speeches, and sometimes the tags, and returns which speeches were changed.
func (c *catalogue) change(most int) []uuid.UUID {
	c.version++
	c.changeTags()
	changed := map[uuid.UUID]bool{}
	for range c.luck.IntN(most + 1) {
		if len(c.speeches) == 0 || c.luck.IntN(3) == 0 {
			c.made++
			c.put(Speech{ID: number('s', c.made)}, changed)
			continue
		}
		i := c.luck.IntN(len(c.speeches))
		speech := c.speeches[i]
		c.speeches = slices.Delete(c.speeches, i, i+1)
		changed[speech.ID] = true
		if c.luck.IntN(4) > 0 {
			c.put(speech, changed)
		}
	}
	var ids []uuid.UUID
	for id := range changed {
		ids = append(ids, id)
	}
	return ids
}

func (c *catalogue) changeTags() {
	switch c.luck.IntN(6) {
	case 0:
		if len(c.tags) > 8 {
			return
		}
		c.made++
		c.tags = append(c.tags, Tag{ID: number('t', c.made), Name: fmt.Sprint(c.luck.IntN(1000), " ", c.made)})
	case 1:
		if len(c.tags) > 0 {
			c.tags = slices.Clone(c.tags)
			c.tags[c.luck.IntN(len(c.tags))].Name = fmt.Sprint(c.luck.IntN(1000), " again ", c.made)
		}
	case 2: // one that no speech has goes
		c.tags = slices.DeleteFunc(slices.Clone(c.tags), func(tag Tag) bool {
			return !slices.ContainsFunc(c.speeches, func(s Speech) bool { return slices.Contains(s.Tags, TagRef{ID: tag.ID}) })
		})
	}
}

// put puts a speech with another content at the end.
func (c *catalogue) put(s Speech, changed map[uuid.UUID]bool) {
	changed[s.ID] = true
	s.Level, s.Type = Levels[c.luck.IntN(2)], SentenceTypes[c.luck.IntN(2)]
	s.Text, s.Audio = fmt.Sprint("Sentence ", c.luck.IntN(1000)), fmt.Sprint("audio/A1/", []string{s.ID.String(), "shared"}[c.luck.IntN(2)], ".mp3")
	s.Tags = nil
	for _, i := range c.luck.Perm(len(c.tags))[:c.luck.IntN(min(len(c.tags), 4)+1)] {
		s.Tags = append(s.Tags, TagRef{ID: c.tags[i].ID})
	}
	c.speeches = append(c.speeches, s)
}

// tell tells a builder of the last speeches.
func (c *catalogue) tell(b *builder, changed []uuid.UUID) *index {
	b.Begin(Version{Number: c.version}, slices.Clone(c.tags))
	told := c.speeches
	if changed != nil {
		b.Changed(changed)
		told = slices.DeleteFunc(slices.Clone(told), func(s Speech) bool { return !slices.Contains(changed, s.ID) })
	}
	for _, s := range told {
		b.Speech(SpeechRow{ID: s.ID, Level: s.Level, Type: s.Type, Audio: []byte(s.Audio), Text: []byte(s.Text)})
	}
	for _, s := range told {
		for _, tag := range s.Tags {
			b.Tagged(s.ID, tag.ID)
		}
	}
	return b.index()
}

// told is all that an index tells, luck of draws included.
func told(ix *index) []string {
	lines := []string{fmt.Sprint("version ", ix.version), fmt.Sprint("tags ", ix.tags)}
	tags := []uuid.UUID{uuid.Max}
	for _, tag := range ix.tags {
		tags = append(tags, tag.ID)
	}
	for _, level := range Levels[:2] {
		for _, typ := range SentenceTypes {
			for i := range tags {
				luck := rand.New(rand.NewPCG(uint64(i), 3))
				for _, ordinal := range draw(ix.pool(level, typ, tags[:i+1], &Lookups{}), 5, luck.IntN) {
					text, audio, ok := ix.records.get(ordinal, ix.ids[ordinal])
					lines = append(lines, fmt.Sprint("drawn ", level, typ, i, ix.ids[ordinal], text, audio, ok, ix.lists.get(ordinal)))
				}
				ofLevel, ofType, tagged := ix.matches(level, typ, tags[:i+1])
				lines = append(lines, fmt.Sprint("match ", level, typ, i, ofLevel, ofType, tagged))
			}
		}
	}
	return lines
}

// TestIndexFollows: an index that was made of one before and what has changed tells the same as one of everything: the same draws with
// the same luck, the same tags, the same numbers. The one before goes on telling what it told.
func TestIndexFollows(t *testing.T) {
	c := &catalogue{luck: rand.New(rand.NewPCG(1, 2))}
	c.change(100)
	ix := c.tell(newBuilder(recordBytes), nil)
	for round := range 100 {
		before := told(ix)
		changed := c.change(12)
		next := c.tell(newBuilderFrom(ix), append([]uuid.UUID{}, changed...))
		if diff := cmp.Diff(told(c.tell(newBuilder(recordBytes), nil)), told(next)); diff != "" {
			t.Fatalf("round %d: a full index and one that follows differ (-full +follows):\n%s", round, diff)
		}
		if diff := cmp.Diff(before, told(ix)); diff != "" {
			t.Fatalf("round %d: the older index has changed:\n%s", round, diff)
		}
		ix = next
	}
	if len(c.speeches) < 30 || len(c.tags) < 3 || len(ix.ids) < 2*len(c.speeches) {
		t.Errorf("little has happened: %d speeches, %d tags, %d places", len(c.speeches), len(c.tags), len(ix.ids))
	}
	if n := len(ix.records.chunks); n != 1 {
		t.Errorf("the records take %d chunks", n)
	}
}

// TestIndexIsFollowedTwice: two that follow one index at once do not see each other's speeches.
func TestIndexIsFollowedTwice(t *testing.T) {
	tag := Tag{ID: number('t', 1), Name: "tag"}
	c := &catalogue{luck: rand.New(rand.NewPCG(3, 4)), tags: []Tag{tag}}
	c.change(100)
	ix := c.tell(newBuilder(recordBytes), nil)
	var done sync.WaitGroup
	for range 2 {
		next := *c
		next.luck, next.speeches, next.tags = rand.New(rand.NewPCG(c.luck.Uint64(), 5)), slices.Clone(c.speeches), slices.Clone(c.tags)
		done.Go(func() {
			changed := next.change(50)
			if diff := cmp.Diff(told(next.tell(newBuilder(recordBytes), nil)), told(next.tell(newBuilderFrom(ix), changed))); diff != "" {
				t.Errorf("a full index and one that follows differ (-full +follows):\n%s", diff)
			}
		})
	}
	done.Wait()
}

// TestSlack: a quarter of the speeches may have changed until the index is built anew, of few ones a thousand.
func TestSlack(t *testing.T) {
	speeches := make([]Speech, 8000)
	for i := range speeches {
		speeches[i] = Speech{ID: number('s', i), Level: "A1", Type: Question}
	}
	ix := indexOf(recordBytes, nil, speeches...)
	small := indexOf(recordBytes, nil, speeches[:10]...)
	if got, few := ix.slack(), small.slack(); got != 2000 || few != minSlack {
		t.Errorf("slack of 8000 and of 10 speeches: %d and %d", got, few)
	}
	b := newBuilderFrom(ix)
	b.Begin(Version{}, nil)
	ids := make([]uuid.UUID, 500)
	for i := range ids {
		ids[i] = speeches[i].ID
	}
	b.Changed(ids) // 500 are deleted
	if got := b.index().slack(); got != 7500/4-500 {
		t.Errorf("slack after 500 deletions: %d", got)
	}
}

// followedStore is a Store of one speech, whose text is the number of the version.
type followedStore struct {
	Store
	version      Version
	changed      int
	known        bool
	reads, looks int
}

func (s *followedStore) Version(context.Context) (Version, error) { return s.version, nil }

func (s *followedStore) Snapshot(_ context.Context, into Collector) error {
	s.reads++
	into.Begin(s.version, nil)
	s.tell(into)
	return nil
}

func (s *followedStore) Changes(_ context.Context, _ Version, most int, into Collector) (bool, error) {
	s.looks++
	if !s.known || s.changed > most {
		return false, nil
	}
	into.Begin(s.version, nil)
	into.Changed([]uuid.UUID{number('s', 1)})
	s.tell(into)
	return true, nil
}

func (s *followedStore) tell(into Collector) {
	into.Speech(SpeechRow{ID: number('s', 1), Level: "A1", Type: Question, Text: fmt.Appendf(nil, "%v", s.version.Number)})
}

// TestKeeperFollows: what has changed is read as long as that is known and not too much; otherwise, and once too many places are of
// speeches as they were, everything.
func TestKeeperFollows(t *testing.T) {
	store, now := &followedStore{known: true}, time.Unix(0, 0)
	k := &indexKeeper{store: store, now: func() time.Time { return now }, recordBytes: recordBytes}
	look := func(reads, looks int) {
		t.Helper()
		store.version.Number++
		now = now.Add(checkEvery)
		ix, err := k.get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		last := uint32(len(ix.ids) - 1)
		text, _, ok := ix.records.get(last, ix.ids[last])
		if !ok || text != fmt.Sprint(store.version.Number) || size(ix.groups[group{"A1", Question}]) != 1 {
			t.Fatalf("at version %d the text is %q", store.version.Number, text)
		}
		if store.reads != reads || store.looks != looks {
			t.Fatalf("at version %d: everything was read %d times, changes were asked for %d times; want %d and %d", store.version.Number, store.reads, store.looks, reads, looks)
		}
	}
	look(1, 0)
	look(1, 1)
	store.known = false
	look(2, 2)
	store.known, store.changed = true, minSlack+1
	look(3, 3)
	store.changed = 1
	for i := range minSlack {
		look(3, 4+i)
	}
	look(4, 3+minSlack)
	look(4, 4+minSlack)
	store.version.Mark = uuid.Max // another past with the same number
	store.version.Number--
	look(4, 5+minSlack)
}

// BenchmarkFollow makes an index of a million speeches and ten that have changed; BenchmarkBuildIndex makes it of everything.
func BenchmarkFollow(b *testing.B) {
	ix := bigIndex(1_000_000)
	tags := slices.Clone(ix.tags)
	b.ReportAllocs()
	for b.Loop() {
		next := newBuilderFrom(ix)
		next.Begin(Version{Number: 2}, tags)
		ids := make([]uuid.UUID, 10)
		for i := range ids {
			ids[i] = number('s', i*1000)
		}
		next.Changed(ids)
		for _, id := range ids {
			next.Speech(SpeechRow{ID: id, Level: "A1", Type: Question, Text: []byte(strings.Repeat("Changed. ", 5))})
		}
		for _, id := range ids {
			next.Tagged(id, tags[0].ID)
		}
		if got := next.index(); got.version.Number != 2 || len(got.ids) != len(ix.ids)+10 {
			b.Fatal("the index does not follow")
		}
	}
}
