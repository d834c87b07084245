package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/englishapp/englishctl/internal/offline"
	"github.com/englishapp/englishctl/internal/offline/neural"
)

// puzzle is a lesson of three inputs and three states: which of the inputs is the largest.
func puzzle(random *rand.Rand) (*sample, []int) {
	s := &sample{inputs: matrix(batch, 3), states: 3}
	frames := make([]int, batch)
	for f := range frames {
		row := s.inputs.Data[3*f : 3*f+3]
		best := 0
		for k := range row {
			row[k] = float32(random.NormFloat64())
			if row[k] > row[best] {
				best = k
			}
		}
		frames[f], s.targets, s.weights = f, append(s.targets, best), append(s.weights, 1+float32(f%2))
	}
	return s, frames
}

// TestGradient compares what backward computes with differences of the loss, in each layer.
func TestGradient(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6)) //nolint:gosec // no secret
	s, frames := puzzle(random)
	l := newLearner(random, batch, 3, 5, 4, 3)
	for _, d := range l.layers {
		for k := range d.biases { // at zero, units without any input are just where they are cut off
			d.biases[k] = 0.1 + 0.05*float32(k)
		}
	}
	loss := func() float64 {
		l.forward(s.inputs)
		return s.compare(l.layers[2].out, frames)
	}
	loss()
	l.backward()
	const step = 2e-3
	for i, d := range l.layers {
		for what, c := range map[string]struct{ value, gradient *float32 }{
			"weight": {&d.weights.Data[2], &d.gradient.Data[2]}, "bias": {&d.biases[1], &d.biasGradient[1]},
		} {
			got, was := float64(*c.gradient), *c.value
			*c.value = was + step
			high := loss()
			*c.value = was - step
			low := loss()
			*c.value = was
			if want := (high - low) / (2 * step); math.Abs(got-want) > 0.01*math.Abs(want)+2e-4 {
				t.Errorf("layer %d, %s: %f, want %f", i, what, got, want)
			}
		}
	}
}

// TestLearn: a net learns what no line tells apart, and what is kept of it in small numbers has learned it too.
func TestLearn(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8)) //nolint:gosec // no secret
	s, frames := puzzle(random)
	l := newLearner(random, batch, 3, 16, 3)
	for range 300 {
		l.forward(s.inputs)
		s.compare(l.layers[1].out, frames)
		l.backward()
		l.adam(0.01, 0)
	}
	fresh, _ := puzzle(random)
	net, ok := neural.New(l.packed(), 3, 3)
	if !ok {
		t.Fatal("no net")
	}
	out := blas32.General{Rows: batch, Cols: 3, Stride: 3, Data: net.Apply(fresh.inputs.Data)}
	right := 0
	for f, target := range fresh.targets {
		row := out.Data[3*f : 3*f+3]
		if row[target] >= max(row[0], row[1], row[2]) {
			right++
		}
	}
	if right < batch*9/10 {
		t.Errorf("%d of %d are right", right, batch)
	}
}

// TestWorth: a sound that experts find to be another one teaches nothing.
func TestWorth(t *testing.T) {
	for _, c := range []struct {
		mark  float64
		known bool
		want  float32
	}{{2, true, 1}, {0, false, 1}, {1.4, true, fairWeight}, {1, true, 0}} {
		if got := worth(c.mark, c.known); got != c.want {
			t.Errorf("%+v: %f", c, got)
		}
	}
}

// TestWorsen: what is worse keeps its length and its numbers finite, and is not what it was; noise fills what was silent, an echo goes on after the sound.
func TestWorsen(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 1)) //nolint:gosec // no secret
	clean := make(offline.Spectrum, 60)
	for k := range clean {
		for b := range clean[k] {
			clean[k][b] = 4
			if k >= 10 && k < 30 {
				clean[k][b] = 18
			}
		}
	}
	for range 20 {
		worse := worsen(clean, random)
		differs := false
		for k := range worse {
			for b, v := range worse[k] {
				if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
					t.Fatalf("frame %d, band %d: %f", k, b, v)
				}
				differs = differs || v != clean[k][b]
			}
		}
		if len(worse) != len(clean) || !differs || clean[12][3] != 18 {
			t.Errorf("%d frames, differs %v", len(worse), differs)
		}
	}
	noise, room, phone := slices.Clone(clean), slices.Clone(clean), slices.Clone(clean)
	noisy(noise, 10, random)
	echo(room, 0.5, 3)
	narrow(phone)
	if noise[2][4] < 12 || noise[20][4] > 19 || room[31][4] < 14 || room[5][4] > 4.5 || room[40][4] >= room[31][4] || phone[20][22] != 6 || phone[20][3] != 18 {
		t.Errorf("noise %f and %f, a room %f, %f and %f, a telephone %f", noise[2][4], noise[20][4], room[31][4], room[5][4], room[40][4], phone[20][22])
	}
}
