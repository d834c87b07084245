package catalog_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
)

// pad is where draws are noted.
type pad struct {
	mu     sync.Mutex
	values map[string][]byte
	err    error
}

func newPad() *pad { return &pad{values: map[string][]byte{}} }

func (p *pad) Get(_ context.Context, key string) ([]byte, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	value, ok := p.values[key]
	return value, ok, p.err
}

func (p *pad) Set(_ context.Context, key string, value []byte, ttl time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ttl != 24*time.Hour {
		return errors.New("the notes are not forgotten after a day")
	}
	p.values[key] = value
	return p.err
}

// Append adds to a note, as the memory of a process does.
func (p *pad) Append(ctx context.Context, key string, tail []byte, most int, ttl time.Duration) error {
	value, _, _ := p.Get(ctx, key)
	value = slices.Concat(value, tail)
	return p.Set(ctx, key, value[max(len(value)-most, 0):], ttl)
}

// largest is how many bytes the longest note has.
func (p *pad) largest() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, value := range p.values {
		n = max(n, len(value))
	}
	return n
}

// game is a world with twelve speeches, and a draw of four of them by a learner who wants new ones.
func game(t *testing.T, own, shared *pad) (*world, catalog.Draw) {
	t.Helper()
	w := newWorld(t, catalog.WithRandom(rand.New(rand.NewPCG(1, 1)).IntN), recentOf(own, shared))
	tag := w.tag(t, "Food")
	for range 12 {
		w.speech(t, "A1", "answer", tag)
	}
	return w, catalog.Draw{Level: "A1", Type: "answer", Tags: []uuid.UUID{tag}, Limit: 4, Learner: uuid.New(), ExcludeRecent: true}
}

// recentOf is WithRecent for pads that may be missing.
func recentOf(own, shared *pad) catalog.Option {
	if shared == nil {
		return catalog.WithRecent(own, nil)
	}
	return catalog.WithRecent(own, shared)
}

// drawn returns the ids of a draw, a second after the last one.
func (w *world) drawn(t *testing.T, d catalog.Draw) map[uuid.UUID]bool {
	t.Helper()
	w.pass(time.Second)
	speeches, err := w.RandomSpeeches(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[uuid.UUID]bool{}
	for _, s := range speeches {
		ids[s.ID] = true
	}
	if len(ids) != d.Limit {
		t.Fatalf("%d different speeches, want %d", len(ids), d.Limit)
	}
	return ids
}

func common(a, b map[uuid.UUID]bool) (n int) {
	for id := range a {
		if b[id] {
			n++
		}
	}
	return n
}

func TestExcludeRecent(t *testing.T) {
	w, d := game(t, newPad(), newPad())
	first, second, third := w.drawn(t, d), w.drawn(t, d), w.drawn(t, d)
	if n := common(first, second) + common(first, third) + common(second, third); n != 0 {
		t.Errorf("%d of twelve speeches came again within three draws of four", n)
	}
	if n := common(first, w.drawn(t, d)); n != 4 {
		t.Errorf("where nothing new is left, %d of the four that were drawn longest ago come, want all", n)
	}
	d.Limit = 6
	if n := common(second, w.drawn(t, d)); n != 4 {
		t.Errorf("of six, %d are of the second draw, want all four", n)
	}
	d.Limit = 12
	w.drawn(t, d)
}

func TestExcludeRecentCountsAllDrawsOfTheLearnerForADay(t *testing.T) {
	w, d := game(t, newPad(), newPad())
	plain := d
	plain.ExcludeRecent = false
	first := w.drawn(t, plain)
	if n := common(first, w.drawn(t, d)); n != 0 {
		t.Errorf("%d speeches of a draw that did not ask came again", n)
	}
	again := 0
	for range 20 {
		again += common(first, w.drawn(t, plain))
	}
	if again == 0 {
		t.Error("a draw that does not ask for new speeches leaves some out")
	}
	other := d
	again = 0
	for range 20 {
		other.Learner = uuid.New()
		again += common(first, w.drawn(t, other))
	}
	if again == 0 {
		t.Error("what one learner got is left out for others")
	}
	w.pass(24 * time.Hour)
	again = 0
	for range 20 {
		again += common(first, w.drawn(t, d))
		w.pass(24 * time.Hour)
	}
	if again == 0 {
		t.Error("what was drawn yesterday is left out")
	}
}

func TestExcludeRecentAcrossDaemons(t *testing.T) {
	shared := newPad()
	w, d := game(t, newPad(), shared)
	elsewhere := catalog.New(w.store, w.recordings, catalog.WithClock(w.now), catalog.WithRecent(newPad(), shared))
	first := w.drawn(t, d)
	second, err := elsewhere.RandomSpeeches(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range second {
		if first[s.ID] {
			t.Errorf("%s came from both daemons", s.ID)
		}
	}
}

func TestExcludeRecentWithoutMemoryPlaysOn(t *testing.T) {
	own, shared := newPad(), newPad()
	own.err, shared.err = errDown, errDown
	w, d := game(t, own, shared)
	w.drawn(t, d)
	w.drawn(t, d)
	shared.err = nil
	for range 3 {
		w.drawn(t, d)
	}
	d.Learner = uuid.Nil
	w.drawn(t, d)
	own.values["drawn:"+d.Learner.String()] = []byte("damaged")
	w.drawn(t, d)
}

func TestExcludeRecentIsBounded(t *testing.T) {
	own, shared := newPad(), newPad()
	w, d := game(t, own, shared)
	for range 300 {
		w.drawn(t, d)
	}
	if own.largest() != 10_000 || shared.largest() != 10_000 {
		t.Errorf("after 1200 speeches %d and %d bytes are kept of a learner, want 10000", own.largest(), shared.largest())
	}
}

// TestExcludeRecentIsUniform compares how often each of the twelve speeches comes to learners who have got four of them, with
// what luck allows.
func TestExcludeRecentIsUniform(t *testing.T) {
	w, d := game(t, newPad(), nil)
	plain := d
	plain.ExcludeRecent = false
	const rounds = 2000
	seen := map[uuid.UUID]float64{}
	for range rounds {
		d.Learner = uuid.New()
		plain.Learner = d.Learner
		got := w.drawn(t, plain)
		for id := range w.drawn(t, d) {
			if got[id] {
				t.Fatal("it came again")
			}
			seen[id]++
		}
	}
	if len(seen) != 12 {
		t.Fatalf("%d of twelve speeches came", len(seen))
	}
	var chi2 float64
	const expected = rounds * 4. / 12
	for _, n := range seen {
		chi2 += (n - expected) * (n - expected) / expected
	}
	// 11 degrees of freedom: the 99.9 % quantile is 31.26. The seed is fixed.
	if chi2 > 31.3 {
		t.Errorf("chi-square = %.1f, want at most 31.3", chi2)
	}
}
