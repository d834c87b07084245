package seeding

import (
	"cmp"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/testenv"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden: what a seed makes is the same on every machine and for ever. Where a change of words or forms makes this fail,
// databases that are seeded now and were seeded before differ: say so in the changelog.
func TestGolden(t *testing.T) {
	var b strings.Builder
	for _, s := range []seed{42, 7} {
		for _, i := range append(numbers(0, 20), 999, 123_456, MaxSpeeches-1) {
			sp := s.speech(i)
			fmt.Fprintf(&b, "%d speech %d %s %s %s %s %s\n", s, i, sp.ID, sp.Level, sp.Type, sp.CreatedAt.Format(time.RFC3339Nano), sp.Text)
			for _, tag := range sp.Tags {
				fmt.Fprintf(&b, "\t%s %s\n", tag.ID, tag.Name)
			}
		}
		for _, i := range []int{0, 1, 12_345} {
			u := s.user(i, "")
			fmt.Fprintf(&b, "%d user %d %s %s %s\n", s, i, u.ID, u.Email, u.Name)
		}
		for _, i := range []int{0, 1, 12_345} {
			g := aRequest(s).session(i, allTags(s))
			fmt.Fprintf(&b, "%d session %d %s %s %s %s %s to %s, %d s, %d of %d, streak %d, average %s, tags %s\n", s, i, g.ID, g.Mode,
				g.Level, g.SentenceType, g.StartedAt.Format(time.RFC3339Nano), g.CompletedAt.Format(time.RFC3339), g.DurationSeconds,
				g.CorrectCount, g.TotalSentences, g.MaxStreak, number(g.AvgPronunciationScore), g.SelectedTags)
			for _, r := range g.Results {
				fmt.Fprintf(&b, "\t%s %s %s %s %d %s\n", r.ID, r.SpeechID, r.UserResponse, number(r.PronunciationScore), r.ResponseTimeMS,
					cmp.Or(r.ScoreSource(), "-"))
			}
		}
	}
	const golden = "testdata/seeds.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("the seeds differ from %s (-want +got):\n%s", golden, diff)
	}
}

// numbers returns the numbers from first up to, not including, end.
func numbers(first, end int) []int {
	var list []int
	for i := first; i < end; i++ {
		list = append(list, i)
	}
	return list
}

func number(score *float64) string {
	if score == nil {
		return "-"
	}
	return fmt.Sprint(*score)
}

func aRequest(s seed) Request {
	return Request{Seed: uint64(s), Speeches: 1000, Users: 20, Sessions: 20_000, Until: DefaultUntil}
}

// allTags are the tags of a seed in a database where nobody has touched them.
func allTags(s seed) map[uuid.UUID]uuid.UUID {
	ids := map[uuid.UUID]uuid.UUID{}
	for _, tag := range s.tags() {
		ids[tag.ID] = tag.ID
	}
	return ids
}

// TestNoTextTwice: a million speeches have a million texts.
func TestNoTextTwice(t *testing.T) {
	many := testenv.Sparing(1_000_000)
	seen := make(map[uint64]bool, many)
	for i := range many {
		text := seed(42).speech(i).Text
		h := fnv.New64a()
		_, _ = h.Write([]byte(text))
		if seen[h.Sum64()] {
			t.Fatalf("speech %d repeats %q", i, text)
		}
		seen[h.Sum64()] = true
	}
}

func TestEvenMix(t *testing.T) {
	counts := map[string]int{}
	byTag := map[string]map[catalog.Level]bool{}
	for i := range 1000 {
		sp := seed(1).speech(i)
		counts[string(sp.Level)+" "+string(sp.Type)]++
		if n := len(sp.Tags); n < 1 || n > 4 {
			t.Errorf("speech %d has %d tags, want 1 to 4", i, n)
		}
		for _, tag := range sp.Tags {
			if byTag[tag.Name] == nil {
				byTag[tag.Name] = map[catalog.Level]bool{}
			}
			byTag[tag.Name][sp.Level] = true
		}
	}
	for kind, n := range counts {
		if n != 100 || len(counts) != 10 {
			t.Errorf("%d of 1000 speeches are %s, of %d kinds; want 100, of 10", n, kind, len(counts))
		}
	}
	tags := seed(1).tags()
	if len(tags) < 20 || len(byTag) != len(tags) {
		t.Errorf("%d tags, of which 1000 speeches have %d; want at least 20, and all of them", len(tags), len(byTag))
	}
	for _, tag := range tags {
		if len(byTag[tag.Name]) < 2 {
			t.Errorf("%s is at %d levels, want at least 2", tag.Name, len(byTag[tag.Name]))
		}
	}
}

// TestSeedsDiffer: another seed has other ids and, but for the odd accident, other texts.
func TestSeedsDiffer(t *testing.T) {
	texts, ids := map[string]bool{}, map[uuid.UUID]bool{}
	for i := range 1000 {
		texts[seed(1).speech(i).Text] = true
		for _, kind := range numbered {
			ids[seed(1).id(kind, i)] = true
		}
	}
	same := 0
	for i := range 1000 {
		if texts[seed(2).speech(i).Text] {
			same++
		}
		for _, kind := range numbered {
			if ids[seed(2).id(kind, i)] {
				t.Errorf("two seeds give number %d of %s one id", i, kind)
			}
		}
	}
	if same > 100 {
		t.Errorf("%d of 1000 texts are those of another seed", same)
	}
}

func TestIDs(t *testing.T) {
	var last uuid.UUID
	for _, i := range append(numbers(0, 100), 65_535, 65_536, MaxSpeeches-1) {
		id := seed(3).id(Speeches, i)
		if id.Version() != 7 || id.Variant() != uuid.RFC4122 {
			t.Fatalf("%s is of version %d, variant %s", id, id.Version(), id.Variant())
		}
		if slices.Compare(last[:], id[:]) >= 0 {
			t.Errorf("%s does not come after %s", id, last)
		}
		low, high := firstID(i), firstID(i+1)
		if slices.Compare(low[:], id[:]) >= 0 || slices.Compare(id[:], high[:]) >= 0 {
			t.Errorf("%s is not between %s and %s", id, low, high)
		}
		last = id
		if got, ours := seed(3).number(Speeches, id); got != i || !ours {
			t.Errorf("number %d is taken for %d, %v", i, got, ours)
		}
		if _, ours := seed(4).number(Speeches, id); ours {
			t.Errorf("another seed takes %s for its own", id)
		}
		if _, ours := seed(3).number(Users, id); ours {
			t.Errorf("a speech's id %s is taken for a learner's", id)
		}
	}
	for _, id := range []uuid.UUID{{}, uuid.Must(uuid.NewV7()), uuid.New(), uuid.Max} {
		if _, ours := seed(3).number(Speeches, id); ours {
			t.Errorf("%s is taken for a seed's", id)
		}
	}
}

// TestShuffle: whatever the size, each number comes once.
func TestShuffle(t *testing.T) {
	for _, size := range []uint64{1, 2, 3, 4, 5, 64, 100, 1000, 4096, 10_007} {
		seen := make([]bool, size)
		for n := range size {
			got := shuffle(99, n, size)
			if got >= size || seen[got] {
				t.Fatalf("of %d numbers, %d becomes %d, which is out of range or taken", size, n, got)
			}
			seen[got] = true
		}
	}
	if shuffle(1, 5, 10_007) == shuffle(2, 5, 10_007) && shuffle(1, 6, 10_007) == shuffle(2, 6, 10_007) {
		t.Error("the key makes no difference")
	}
}

func TestDice(t *testing.T) {
	d := seed(1).dice("test", 0)
	seen := map[int]int{}
	for range 6000 {
		seen[d.between(1, 6)]++
	}
	for side := 1; side <= 6; side++ {
		if seen[side] < 800 || len(seen) != 6 {
			t.Errorf("%d came %d times of 6000, with %d sides", side, seen[side], len(seen))
		}
	}
}
