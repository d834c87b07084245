package offline

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/englishapp/englishctl/internal/testenv"
)

// likelihood is the definition of what a senone scores: the sum over all Gaussians, for each stream.
func (m *Model) likelihood(senone uint16, f *features) float64 {
	total := 0.0
	for s := range streams {
		top, sum := math.Inf(-1), 0.0
		terms := make([]float64, densities)
		for d := range densities {
			log := density(&m.books[m.owner[senone]][s], d, &f[s])
			terms[d] = log + math.Log(float64(m.mix.weight[(s*densities+d)*m.mix.n+m.mix.place[senone]]))
			top = max(top, terms[d])
		}
		for _, v := range terms {
			sum += math.Exp(v - top)
		}
		total += top + math.Log(sum)
	}
	return total
}

// TestSenones compares the scores from the best four Gaussians with the sum over all 128. They may be a little less, never more.
func TestSenones(t *testing.T) {
	m := testModel(t)
	frames, _ := m.filters.features(testenv.Recording(t, "goforward.raw")[:16_000])
	e, err := m.listen(t.Context(), frames)
	if err != nil {
		t.Fatal(err)
	}
	worst, sum, n := 0.0, 0.0, 0
	for at := 10; at < len(frames); at += 17 {
		for senone := uint16(0); senone < 5126; senone += 211 {
			if m.likelihood(senone, &frames[at]) < float64(e.level[at*e.phones+int(m.owner[senone])])-30 {
				continue // the best Gaussians of the sound have no weight in this state, and so has the state no chance
			}
			less := m.likelihood(senone, &frames[at]) - float64(e.score(at, senone))
			if less < -0.01 {
				t.Fatalf("frame %d, senone %d: the score is higher than the sum by %f", at, senone, -less)
			}
			worst, sum, n = max(worst, less), sum+less, n+1
		}
	}
	if mean := sum / float64(n); n < 50 || mean > 1.5 || worst > 15 {
		t.Errorf("of %d scores the mean is %f less than the sum, the worst %f", n, mean, worst)
	}
}

// TestSlots: what the best context of a state scores is the best of its senones.
func TestSlots(t *testing.T) {
	m := testModel(t)
	frames, _ := m.filters.features(noise(4000, 1000))
	e, err := m.listen(t.Context(), frames)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float32, len(m.names)*statesPerPhone)
	for i := range want {
		want[i] = impossible
	}
	for senone := range m.owner {
		slot := m.slot(senone)
		want[slot] = max(want[slot], e.score(5, uint16(senone))) //nolint:gosec // few
	}
	for slot, got := range e.slots(5) {
		if math.Abs(float64(got-want[slot])) > 1e-2 {
			t.Errorf("slot %d: %f, want %f", slot, got, want[slot])
		}
	}
}

// hangUp is a context that ends after it was asked so often.
type hangUp struct {
	context.Context
	after int
}

func (h *hangUp) Err() error {
	if h.after--; h.after < 0 {
		return context.Canceled
	}
	return nil
}

// TestHangUp: whoever hangs up is noticed within 50 frames, at every stage.
func TestHangUp(t *testing.T) {
	m := testModel(t)
	frames, _ := m.filters.features(noise(2*16_000, 1000))
	asked := &hangUp{t.Context(), 1 << 20}
	e, err := m.listen(asked, frames)
	if err != nil {
		t.Fatal(err)
	}
	if n := 1<<20 - asked.after; n < len(frames)/block {
		t.Errorf("asked %d times for %d frames", n, len(frames))
	}
	if _, err := m.listen(&hangUp{t.Context(), 2}, frames); !errors.Is(err, context.Canceled) {
		t.Errorf("listening: %v", err)
	}
	words := [][][]phone{m.words.variants("hello"), m.words.variants("world")}
	if _, err := e.align(&hangUp{t.Context(), 3}, words); !errors.Is(err, context.Canceled) {
		t.Errorf("aligning: %v", err)
	}
}
