package offline

import (
	"reflect"
	"slices"
	"testing"

	"github.com/englishapp/englishctl/internal/offline/neural"
)

// lenient is an examiner whose last mark is 7 and ten times the sum of the features, each of them around 1 with a deviation of 2; the others are 0.
func lenient(features, marks int) *Examiner {
	weights, biases := make([]float32, marks*features), make([]float32, marks)
	for i := range features {
		weights[(marks-1)*features+i] = 10
	}
	biases[marks-1] = 7
	return &Examiner{
		Means: slices.Repeat([]float32{1}, features), Deviations: slices.Repeat([]float32{2}, features),
		Layers: []neural.Layer{neural.Pack(weights, biases, true)},
	}
}

// TestExaminer: features count by their deviations from what is usual, up to a bar, and marks end at 0 and 10.
func TestExaminer(t *testing.T) {
	e := lenient(2, 3)
	if err := e.Open(3, 3); err == nil {
		t.Error("an examiner of two features is open for three")
	}
	if err := e.Open(2, 3); err != nil {
		t.Fatal(err)
	}
	in := make([]float32, 2)
	e.Standard([]float64{2, 1e9}, in)
	if want := []float32{0.5, unusual}; !reflect.DeepEqual(in, want) {
		t.Errorf("standard features are %v, want %v", in, want)
	}
	for _, c := range []struct{ first, last float64 }{{1, 7}, {1.5, 9.5}, {3, 10}, {0, 2}, {-5, 0}} {
		if got, want := e.Mark([]float64{c.first, 1}), []float64{0, 0, c.last}; !reflect.DeepEqual(got, want) {
			t.Errorf("%f: %v, want %v", c.first, got, want)
		}
	}
}
