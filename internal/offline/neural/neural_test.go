package neural

import (
	"math"
	"testing"
)

// TestApply compares a net of two layers with sums that are done by hand: 5 rows are more than one go, and none of 4.
func TestApply(t *testing.T) {
	layers := []Layer{
		Pack([]float32{1, -1, 0.5, 0.5}, []float32{0, -1}, false),
		Pack([]float32{2, 3}, []float32{0.25}, false),
	}
	n, ok := New(layers, 2, 1)
	if !ok {
		t.Fatal("the layers do not fit")
	}
	got := n.Apply([]float32{3, 1, 1, 3, 0, 0, 5, 5, -4, -4})
	for i, want := range []float64{2*2 + 3*1 + 0.25, 3*1 + 0.25, 0.25, 3*4 + 0.25, 0.25} {
		if math.Abs(float64(got[i])-want) > 0.05 {
			t.Errorf("row %d: %f, want %f", i, got[i], want)
		}
	}
	layers[0].Linear = true
	if n, ok = New(layers, 2, 1); !ok || math.Abs(float64(n.Apply([]float32{1, 3})[0])-(-4+3*1+0.25)) > 0.05 {
		t.Error("a linear layer cuts off what is below zero")
	}
}

// TestPack: no weight is off by more than half of what a whole number stands for in its row, and zeros stay zeros.
func TestPack(t *testing.T) {
	weights := []float32{0.1, -0.73, 1.3, 0, 0, 0, 100, 1, -7}
	l := Pack(weights, make([]float32, 3), false)
	for i, w := range l.unpack() {
		if d := math.Abs(float64(w - weights[i])); d > float64(l.Scales[i/3])/2*1.001 {
			t.Errorf("weight %d is %f, want %f", i, w, weights[i])
		}
	}
}

func TestNewRefuses(t *testing.T) {
	good := Pack([]float32{1, 2, 3, 4}, []float32{0, 0}, false)
	short := good
	short.Weights = short.Weights[:3]
	few := good
	few.Scales = few.Scales[:1]
	for name, layers := range map[string][]Layer{
		"none": nil, "a layer that is cut off": {short}, "too few scales": {few}, "layers that do not fit": {good, Pack([]float32{1}, []float32{1}, false)},
	} {
		if _, ok := New(layers, 2, 2); ok {
			t.Errorf("%s: a net", name)
		}
	}
	if _, ok := New([]Layer{good}, 2, 3); ok {
		t.Error("a net with other outputs")
	}
}

func BenchmarkApply(b *testing.B) {
	const in, out, rows = 160, 128, 500
	n, _ := New([]Layer{Pack(make([]float32, in*out), make([]float32, out), false)}, in, out)
	x := make([]float32, in*rows)
	for b.Loop() {
		n.Apply(x)
	}
	b.ReportMetric(float64(in*out*rows)*float64(b.N)/b.Elapsed().Seconds()/1e9, "products/ns")
}
