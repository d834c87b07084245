package main

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"
)

// pupils are sentences of three features, of which the first two make the marks.
func pupils(random *rand.Rand, n int) (rows, targets [][]float64, in []int) {
	for i := range n {
		row := []float64{random.NormFloat64(), 5 + 3*random.NormFloat64(), random.NormFloat64()}
		accuracy, fluency := 6+math.Abs(row[0]), 5+0.5*(row[1]-5)
		rows, targets, in = append(rows, row), append(targets, []float64{accuracy, fluency, 3, (accuracy + fluency) / 2}), append(in, i%folds)
	}
	return rows, targets, in
}

// TestExamine: examiners learn what no line tells, in the unit of the marks, also for sentences that they have not seen; and twice the same.
func TestExamine(t *testing.T) {
	rows, targets, in := pupils(rand.New(rand.NewPCG(1, 2)), 1000) //nolint:gosec // no secret
	two := sentenceCourse
	two.board = 2
	given := two.blind(rows, targets, in)
	for k, most := range []float64{0.4, 0.5, 0.05, 0.4} {
		distance := 0.0
		for i := range given {
			distance += math.Abs(given[i][k]-targets[i][k]) / float64(len(given))
		}
		if distance > most {
			t.Errorf("mark %d is off by %f in the mean", k, distance)
		}
	}
	a, b := two.examine(rows[:100], targets[:100]), two.examine(rows[:100], targets[:100])
	if !reflect.DeepEqual(a, b) {
		t.Error("the same sentences make two examiners")
	}
}

// TestSeat: a board gives the mean of its examiners' marks, as near as small numbers come.
func TestSeat(t *testing.T) {
	rows, targets, _ := pupils(rand.New(rand.NewPCG(3, 4)), 200) //nolint:gosec // no secret
	c := newClass(rows, targets)
	want := make([]float64, 4)
	for seed := range sentenceCourse.board {
		l := c.learn(sentenceCourse, uint64(seed)) //nolint:gosec // a few
		l.forward(blas32.General{Rows: sentenceCourse.batch, Cols: 3, Stride: 3, Data: c.inputs.Data[:3*sentenceCourse.batch]})
		for k := range want {
			want[k] += (c.means[k] + c.spread[k]*float64(l.layers[1].out.Data[k])) / float64(sentenceCourse.board)
		}
	}
	got := sentenceCourse.examine(rows, targets).Mark(rows[0])
	for k := range want {
		if math.Abs(got[k]-want[k]) > 0.05 {
			t.Errorf("mark %d is %f, want %f", k, got[k], want[k])
		}
	}
}

// TestDifferences: squares count all that marks are off by; with a tolerance, only what is beyond it counts, by its size.
func TestDifferences(t *testing.T) {
	for tolerance, want := range map[float32][4]float32{0: {-1, -0.1, 0.1, 0.5}, 0.3: {-0.25, 0, 0, 0.25}} {
		out, targets := matrix(1, 4), matrix(1, 4)
		copy(out.Data, []float32{-2, -0.2, 0.2, 1})
		differences(out, targets, tolerance)
		for k := range want {
			if math.Abs(float64(out.Data[k]-want[k])) > 1e-6 {
				t.Errorf("tolerance %g: %v, want %v", tolerance, out.Data, want)
			}
		}
	}
}
