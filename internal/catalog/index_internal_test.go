package catalog

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
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
	var snap Snapshot
	for i := range 30 { // two in three do not match
		key := SpeechKey{ID: number('s', i), Level: "A1", Type: Question, Tags: []uuid.UUID{tag}}
		switch i % 3 {
		case 1:
			key.Level = "A2"
		case 2:
			key.Tags = []uuid.UUID{number('t', 2)}
		}
		snap.Speeches = append(snap.Speeches, key)
	}
	ix := newIndex(snap)
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
	ix := newIndex(Snapshot{Speeches: []SpeechKey{
		{ID: number('s', 1), Level: "A1", Type: Question, Tags: []uuid.UUID{food, travel}},
		{ID: number('s', 2), Level: "A1", Type: Answer, Tags: []uuid.UUID{food}},
		{ID: number('s', 3), Level: "B1", Type: Answer, Tags: []uuid.UUID{travel}},
		{ID: number('s', 4), Level: "B1", Type: Answer},
	}})
	level, typ, tags := ix.matches("A1", Answer, []uuid.UUID{food, travel, number('t', 9)})
	if diff := cmp.Diff([]int{2, 3, 3}, []int{level, typ, tags}); diff != "" {
		t.Fatal(diff)
	}
}

// bigSnapshot is a catalogue of n speeches, evenly over levels and types, each with three of 30 tags.
func bigSnapshot(n int) Snapshot {
	snap := Snapshot{Version: 1}
	luck := rand.New(rand.NewPCG(5, 6))
	for i := range n {
		snap.Speeches = append(snap.Speeches, SpeechKey{
			ID: number('s', i), Level: Levels[luck.IntN(5)], Type: SentenceTypes[luck.IntN(2)],
			Tags: []uuid.UUID{number('t', luck.IntN(10)), number('t', 10+luck.IntN(10)), number('t', 20+luck.IntN(10))},
		})
	}
	return snap
}

func BenchmarkDraw(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		ix := newIndex(bigSnapshot(n))
		for _, tags := range []int{1, 10} {
			var chosen []uuid.UUID
			for i := range tags {
				chosen = append(chosen, number('t', i))
			}
			b.Run(fmt.Sprintf("speeches=%d/tags=%d", n, tags), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if got := drawIDs(ix, chosen, 10, rand.IntN); len(got) != 10 {
						b.Fatalf("drew %d", len(got))
					}
				}
			})
		}
	}
}

func BenchmarkNewIndex(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		snap := bigSnapshot(n)
		b.Run(fmt.Sprintf("speeches=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				newIndex(snap)
			}
		})
	}
}

// drawIDs draws questions of A1.
func drawIDs(ix *index, tags []uuid.UUID, k int, intN func(int) int) []uuid.UUID {
	var ids []uuid.UUID
	for _, ordinal := range draw(ix.pool("A1", Question, tags, &Lookups{}), k, intN) {
		ids = append(ids, ix.ids[ordinal])
	}
	return ids
}

// TestRecordsAreBounded: what does not fit is not remembered, and what is there is not counted twice.
func TestRecordsAreBounded(t *testing.T) {
	r := newRecords(10, 3*(4+recordOverhead))
	food := []TagRef{{ID: uuid.New(), Name: "Food"}}
	for i := range uint32(10) {
		for range 2 {
			r.put(i, Speech{Text: "Eat!", Tags: slices.Clone(food)})
		}
	}
	remembered := 0
	for i := range uint32(10) {
		if known := r.get(i); known != nil {
			remembered++
			if known.text != "Eat!" || &known.tags[0] != &r.get(0).tags[0] {
				t.Errorf("record %d is %+v, and shares no list", i, known)
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
	ix := newIndex(Snapshot{Speeches: []SpeechKey{{ID: uuid.New(), Level: "A1", Type: Question, Tags: []uuid.UUID{tag}}}})
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
