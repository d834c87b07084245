package offline

import (
	"testing"

	"github.com/englishapp/englishctl/internal/testenv"
)

// TestRivals: of clear speech most sounds win against all others, and each sound's score is that of the best of the ways through its
// states, tried one by one.
func TestRivals(t *testing.T) {
	m := testModel(t)
	h := heardOf(t, testenv.Recording(t, "goforward.raw"))
	r, err := h.Read(t.Context(), "go forward ten meters")
	if err != nil {
		t.Fatal(err)
	}
	won, all := 0, 0
	for _, w := range r.Words {
		for _, s := range w.Sounds {
			all++
			if s.Own > -1 {
				won++
			}
			if s.Goodness > 0 || s.Goodness < leastGoodness || s.Posterior > 0 || s.Agreement < 0 || s.Agreement > 1.0001 {
				t.Errorf("%s: %+v", s.Phone, s)
			}
		}
	}
	if won*3 < all*2 {
		t.Errorf("%d of %d sounds win", won, all)
	}
	const from, to = 50, 54
	for p, got := range h.rivals(from, to) {
		want := impossible
		for second := from + 1; second < to; second++ { // where the second state begins
			for third := second; third <= to; third++ {
				sum := h.through(p, from, second, third, to)
				if third == second { // the second one is left out
					sum -= skipPenalty
				}
				want = max(want, sum)
			}
		}
		if d := got - want; d > 0.01 || d < -0.01 {
			t.Errorf("%s: %f, want %f", m.names[p], got, want)
		}
	}
}

// through is the score of one way through the states of a sound.
func (h *Hearing) through(p, from, second, third, to int) (sum float32) {
	for f := from; f < to; f++ {
		state := 0
		if f >= second {
			state = 1
		}
		if f >= third {
			state = 2
		}
		sum += h.slots(f)[p*statesPerPhone+state]
	}
	return sum
}

// TestFree: what is heard without knowing any word covers all frames, and most of what was said is in it.
func TestFree(t *testing.T) {
	m := testModel(t)
	h := heardOf(t, testenv.Recording(t, "goforward.raw"))
	at := 0
	heard := map[string]bool{}
	for _, run := range h.runs() {
		if run.From != at || run.To <= run.From {
			t.Errorf("a run from %d to %d after %d", run.From, run.To, at)
		}
		at = run.To
		heard[m.names[run.Phone]] = true
	}
	if at != h.frames {
		t.Errorf("the runs end at %d of %d", at, h.frames)
	}
	var missed []string
	for _, said := range []string{"SIL", "G", "OW", "F", "AO", "R", "W", "ER", "D", "T", "EH", "N", "M", "IY", "Z"} {
		if !heard[said] {
			missed = append(missed, said)
		}
	}
	if len(missed) > 5 {
		t.Errorf("%v were not heard, but %v", missed, heard)
	}
}
