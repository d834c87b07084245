package forest

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestGrow: a forest learns a function of two of five features that no line fits, and predicts rows that it has not seen.
func TestGrow(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // no secret
	row := func() ([]float64, float64) {
		x := make([]float64, 5)
		for i := range x {
			x[i] = random.Float64()
		}
		return x, math.Abs(x[1]-0.5) + x[1]*x[3]
	}
	var rows [][]float64
	var targets []float64
	for range 3000 {
		x, y := row()
		rows, targets = append(rows, x), append(targets, y)
	}
	g := Growth{Trees: 60, Depth: 3, Rate: 0.2, Share: 0.7, Asked: 0.8, Leaf: 5, Shrink: 1, Seed: 1}
	f := g.Grow(rows, targets, nil)
	if !f.Valid(5) || f.Valid(2) {
		t.Error("the forest asks for other features")
	}
	worst, sum := 0.0, 0.0
	for range 500 {
		x, y := row()
		d := math.Abs(f.Predict(x) - y)
		worst, sum = max(worst, d), sum+d
	}
	if mean := sum / 500; mean > 0.02 || worst > 0.2 {
		t.Errorf("it is off by %f in the mean, %f at most", mean, worst)
	}
	again := g.Grow(rows, targets, nil)
	if a, b := f.Predict(rows[0]), again.Predict(rows[0]); a != b {
		t.Errorf("the same rows give another forest: %f and %f", a, b)
	}
}

// TestSame: features that never differ are nothing to ask for.
func TestSame(t *testing.T) {
	f := Growth{Trees: 3, Depth: 2, Rate: 0.5, Share: 1, Asked: 1, Leaf: 1, Shrink: 1}.Grow([][]float64{{1}, {1}, {1}}, []float64{2, 2, 5}, []float64{1, 1, 2})
	if got := f.Predict([]float64{1}); math.Abs(got-3.5) > 1e-6 {
		t.Errorf("got %f", got)
	}
}

func TestValid(t *testing.T) {
	for _, tree := range []Tree{
		{Features: []int{0, 0}, Thresholds: []float32{0, 0}, Leaves: []float32{1, 2, 3}}, {Features: []int{0}, Leaves: []float32{1, 2}},
		{Features: []int{0}, Thresholds: []float32{0}, Leaves: []float32{1}}, {Features: []int{-1}, Thresholds: []float32{0}, Leaves: []float32{1, 2}},
	} {
		if f := (&Forest{Trees: []Tree{tree}}); f.Valid(1) {
			t.Errorf("%+v is valid", tree)
		}
	}
}

// TestRound: what is predicted stays the same to four digits.
func TestRound(t *testing.T) {
	f := Forest{Trees: []Tree{{Features: []int{0}, Thresholds: []float32{1.23456789}, Leaves: []float32{0.123456, -98765.4}}}}
	f.Round()
	if l := f.Trees[0]; l.Thresholds[0] != 1.23457 || l.Leaves[0] != 0.1235 || l.Leaves[1] != -98770 {
		t.Errorf("%+v", l)
	}
}
