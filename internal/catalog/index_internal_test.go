package catalog

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

func number(kind byte, n int) uuid.UUID {
	id := uuid.UUID{kind}
	binary.BigEndian.PutUint64(id[8:], uint64(n)) //nolint:gosec // small
	return id
}

// TestDrawIsUniform compares how often each ordered pair is drawn with what luck allows: chi-square over all 90
// pairs of 10 speeches. Sets and orders are both covered.
func TestDrawIsUniform(t *testing.T) {
	const matches, draws, pairs = 10, 90_000, 10 * 9
	tag := number('t', 1)
	other := number('t', 2)
	var speeches []Speech
	for i := range 30 { // two in three do not match
		s := Speech{ID: number('s', i), Level: "A1", Type: Question, Tags: []TagRef{{ID: tag}}}
		switch i % 3 {
		case 1:
			s.Level = "A2"
		case 2:
			s.Tags = []TagRef{{ID: other}}
		}
		speeches = append(speeches, s)
	}
	ix := indexOf(recordBytes, []Tag{{ID: tag}, {ID: other}}, speeches...)
	luck := rand.New(rand.NewPCG(1, 2))
	seen := map[[2]uuid.UUID]float64{}
	for range draws {
		ids := drawIDs(ix, []uuid.UUID{tag}, 2, luck.IntN)
		seen[[2]uuid.UUID(ids)]++
	}
	if len(seen) != pairs {
		t.Fatalf("%d different pairs were drawn, want %d", len(seen), pairs)
	}
	expected := float64(draws) / pairs
	var chi2 float64
	for _, n := range seen {
		chi2 += (n - expected) * (n - expected) / expected
	}
	// 89 degrees of freedom: the 99.9 % quantile is 135.98. The seed is fixed, so this passes or fails for ever.
	if chi2 > 136 {
		t.Fatalf("chi-square = %.1f over %d pairs, want at most 136", chi2, pairs)
	}
}

func TestSampleNeverRepeats(t *testing.T) {
	luck := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{0, 1, 2, 7, 50, 1000} {
		for _, k := range []int{0, 1, 3, 50} {
			t.Run(fmt.Sprintf("%d of %d", k, n), func(t *testing.T) {
				for range 100 {
					got := sample(n, k, luck.IntN)
					distinct := map[int]bool{}
					for _, x := range got {
						distinct[x] = x >= 0 && x < n
					}
					if len(got) != min(n, k) || len(distinct) != len(got) {
						t.Fatalf("sample = %v", got)
					}
				}
			})
		}
	}
}

func TestMatchesCountsEachConditionAlone(t *testing.T) {
	food, travel := number('t', 1), number('t', 2)
	ix := indexOf(recordBytes, []Tag{{ID: food}, {ID: travel}},
		Speech{ID: number('s', 1), Level: "A1", Type: Question, Tags: []TagRef{{ID: food}, {ID: travel}}},
		Speech{ID: number('s', 2), Level: "A1", Type: Answer, Tags: []TagRef{{ID: food}}},
		Speech{ID: number('s', 3), Level: "B1", Type: Answer, Tags: []TagRef{{ID: travel}}},
		Speech{ID: number('s', 4), Level: "B1", Type: Answer},
	)
	level, typ, tags := ix.matches("A1", Answer, []uuid.UUID{food, travel, number('t', 9)})
	if diff := cmp.Diff([]int{2, 3, 3}, []int{level, typ, tags}); diff != "" {
		t.Fatal(diff)
	}
}

// bigIndex is of a catalogue of n speeches, evenly over levels and types, each with three of 30 tags.
func bigIndex(n int) *index {
	b := newBuilder(recordBytes)
	tags := make([]Tag, 30)
	for i := range tags {
		tags[i] = Tag{ID: number('t', i), Name: fmt.Sprint("Tag ", i)}
	}
	b.Begin(Version{Number: 1}, tags)
	luck := rand.New(rand.NewPCG(5, 6))
	for i := range n {
		b.Speech(SpeechRow{
			ID: number('s', i), Level: Levels[luck.IntN(5)], Type: SentenceTypes[luck.IntN(2)],
			Audio: fmt.Appendf(nil, "audio/A1/%s.mp3", number('s', i)), Text: []byte("What do you usually eat for breakfast?"),
		})
	}
	for i := range n {
		for _, first := range []int{0, 10, 20} {
			b.Tagged(number('s', i), tags[first+luck.IntN(10)].ID)
		}
	}
	return b.index()
}

// BenchmarkDraw is a draw without the service around it: what it tells included.
func BenchmarkDraw(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		ix := bigIndex(n)
		for _, tags := range []int{1, 10} {
			var chosen []uuid.UUID
			for i := range tags {
				chosen = append(chosen, number('t', i))
			}
			b.Run(fmt.Sprintf("speeches=%d/tags=%d", n, tags), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					for _, ordinal := range draw(ix.pool("A1", Question, chosen, &Lookups{}), 10, rand.IntN) {
						if text, _, ok := ix.records.get(ordinal, ix.ids[ordinal]); !ok || text == "" || len(ix.lists.get(ordinal)) != 3 {
							b.Fatalf("speech %d is not remembered", ordinal)
						}
					}
				}
			})
		}
	}
}

func BenchmarkBuildIndex(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprintf("speeches=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bigIndex(n)
			}
		})
	}
}

// indexOf builds the index of some tags and speeches.
func indexOf(bytes int, tags []Tag, speeches ...Speech) *index {
	b := newBuilder(bytes)
	b.Begin(Version{Number: 1}, tags)
	for _, s := range speeches {
		b.Speech(SpeechRow{ID: s.ID, Level: s.Level, Type: s.Type, Audio: []byte(s.Audio), Text: []byte(s.Text)})
	}
	for _, s := range speeches {
		for _, tag := range s.Tags {
			b.Tagged(s.ID, tag.ID)
		}
	}
	return b.index()
}

// drawIDs draws questions of A1.
func drawIDs(ix *index, tags []uuid.UUID, k int, intN func(int) int) []uuid.UUID {
	var ids []uuid.UUID
	for _, ordinal := range draw(ix.pool("A1", Question, tags, &Lookups{}), k, intN) {
		ids = append(ids, ix.ids[ordinal])
	}
	return ids
}

// TestIndexTellsWhatItWasTold: whatever names and texts are like, and in whatever order tags come.
func TestIndexTellsWhatItWasTold(t *testing.T) {
	tags := []Tag{{ID: number('t', 1), Name: "travel"}, {ID: number('t', 2), Name: "Éclair"}, {ID: number('t', 3), Name: "Food"}, {ID: number('t', 4), Name: "food 2"}}
	ref := func(i int) TagRef { return TagRef{ID: tags[i].ID, Name: tags[i].Name} }
	var speeches []Speech
	for i, s := range []Speech{
		{Audio: "audio/A1/ID.mp3", Text: "Hello.", Tags: []TagRef{ref(2), ref(0)}},
		{Audio: "audio/B2/ID.m4a", Text: "Ça va? – 好", Tags: []TagRef{ref(2), ref(3), ref(0), ref(1)}},
		{Audio: "audio/A1/ID.mp3"},
		{Text: strings.Repeat("No recording. ", 20_000), Tags: []TagRef{ref(1)}},
		{Audio: "https://media.example.com/ID/ID.mp3", Text: "Twice."},
		{Audio: "https://media.example.com/shared.mp3", Text: "Shared.", Tags: []TagRef{ref(2), ref(0)}},
		{Audio: "https://media.example.com/shared.mp3", Text: "Shared, too."},
	} {
		s.ID, s.Level, s.Type = number('s', 9-i), "A1", Question
		s.Audio = strings.ReplaceAll(s.Audio, "ID", s.ID.String())
		speeches = append(speeches, s)
	}
	names := maxNames // beyond them a name stands with its text
	for i := range names + 10 {
		speeches = append(speeches, Speech{
			ID: number('x', i), Audio: fmt.Sprint("https://media.example.com/", i, ".mp3"), Text: fmt.Sprint("Sentence ", i, "."), Level: "A1", Type: Question,
		})
	}
	b := newBuilder(recordBytes)
	b.Begin(Version{Number: 7}, tags)
	for _, s := range speeches {
		b.Speech(SpeechRow{ID: s.ID, Level: s.Level, Type: s.Type, Audio: []byte(s.Audio), Text: []byte(s.Text)})
	}
	for _, s := range slices.Backward(speeches) {
		for _, tag := range slices.Backward(s.Tags) {
			b.Tagged(s.ID, tag.ID)
		}
	}
	b.Tagged(number('u', 1), tags[0].ID) // nobody knows that speech,
	b.Tagged(speeches[0].ID, uuid.Max)   // nor that tag
	ix := b.index()
	for i, want := range speeches {
		text, audio, ok := ix.records.get(uint32(i), want.ID)
		got := Speech{ID: ix.ids[i], Level: "A1", Type: Question, Text: text, Audio: audio, Tags: ix.lists.get(uint32(i))}
		if diff := cmp.Diff(want, got); diff != "" || !ok {
			t.Fatalf("speech %d (-told +remembered, %v):\n%s", i, ok, diff)
		}
	}
	for i, want := range []int{3, 2, 3, 1} {
		if got := ix.tags[i].SpeechCount; got != want {
			t.Errorf("the tag %s has %d speeches, want %d", tags[i].Name, got, want)
		}
	}
	if ix.version.Number != 7 || len(ix.lists.lists) > 10 {
		t.Errorf("version %d, %d lists of tags", ix.version.Number, len(ix.lists.lists))
	}
}

// TestRecordsAreBounded: what does not fit is not remembered, and neither is what is larger than a chunk.
func TestRecordsAreBounded(t *testing.T) {
	speeches := make([]Speech, 10)
	for i := range speeches {
		speeches[i] = Speech{ID: number('s', i), Level: "A1", Type: Question, Text: "Eat!"}
	}
	speeches[1].Text = strings.Repeat("Eat! ", chunkBytes)
	const each = 1 + 4 + 2 // two lengths, the text, and the number of a name
	ix := indexOf(3*each, nil, speeches...)
	remembered := 0
	for i, s := range speeches {
		if text, _, ok := ix.records.get(uint32(i), s.ID); ok {
			remembered++
			if text != s.Text {
				t.Errorf("record %d is %q", i, text)
			}
		}
	}
	if remembered != 3 {
		t.Errorf("%d records are remembered, want 3", remembered)
	}
}

// TestPoolsAreBounded: whoever combines tags as they like does not fill the memory.
func TestPoolsAreBounded(t *testing.T) {
	tag := uuid.New()
	ix := indexOf(recordBytes, []Tag{{ID: tag}}, Speech{ID: uuid.New(), Level: "A1", Type: Question, Tags: []TagRef{{ID: tag}}})
	var looks Lookups
	for range 10 * maxPools {
		if got := size(ix.pool("A1", Question, []uuid.UUID{tag, uuid.New()}, &looks)); got != 1 {
			t.Fatalf("the pool has %d members", got)
		}
	}
	if n := len(ix.pools.known); n > maxPools {
		t.Errorf("%d pools are remembered", n)
	}
	ix.pool("A1", Question, []uuid.UUID{tag}, &looks)
	ix.pool("A1", Question, []uuid.UUID{tag}, &looks)
	if looks.Hits() != 1 || looks.Misses() != 10*maxPools+1 {
		t.Errorf("%d hits, %d misses", looks.Hits(), looks.Misses())
	}
}

// TestDrawsAreFlat: what a draw does, and what it allocates, does not grow with the catalogue. It asks the database for nothing
// (TestRandomSpeeches), so that this is all of it.
func TestDrawsAreFlat(t *testing.T) {
	allocs := func(n int) float64 {
		ix, luck := bigIndex(n), rand.New(rand.NewPCG(9, 10))
		tags := []uuid.UUID{number('t', 1), number('t', 12)}
		ix.pool("A1", Question, tags, &Lookups{}) // is remembered
		return testing.AllocsPerRun(100, func() {
			for _, ordinal := range draw(ix.pool("A1", Question, tags, &Lookups{}), 10, luck.IntN) {
				if _, _, ok := ix.records.get(ordinal, ix.ids[ordinal]); !ok || len(ix.lists.get(ordinal)) != 3 {
					t.Fatalf("of %d speeches number %d is not remembered", n, ordinal)
				}
			}
		})
	}
	few, many := allocs(1_000), allocs(100_000)
	if many > few+1 {
		t.Errorf("a draw of 100,000 speeches makes %.0f allocations, one of 1,000 %.0f", many, few)
	}
	ix := bigIndex(100_000)
	memory := len(ix.records.chunks)*chunkBytes + 4*len(ix.records.places) + 4*len(ix.lists.of) + 8*len(ix.lists.lists) + 16*len(ix.ids)
	if each := memory / 100_000; each > 100 {
		t.Errorf("a speech takes %d bytes, want at most 100", each)
	}
}
