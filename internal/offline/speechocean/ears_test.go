package main

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"

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

// tone is a quarter of a second of sound.
func tone() []int16 {
	out := make([]int16, 4000)
	for i := range out {
		out[i] = int16(4000 * math.Sin(float64(i)/8))
	}
	return out
}

// TestWorsen: what is worse keeps its length, and is the same each time; the recording itself stays as it is.
func TestWorsen(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "voice.wav"), wave(tone()))
	split := make([]utterance, 30)
	for at := range split {
		split[at] = utterance{Speaker: strconv.Itoa(at % 2), Path: filepath.Join(dir, "voice.wav")}
	}
	became := map[string]bool{}
	for at := range split {
		samples := tone()
		worse, err := worsen(samples, split, at)
		again, againErr := worsen(samples, split, at)
		if err != nil || againErr != nil || len(worse) != len(samples) || !slices.Equal(worse, again) || !slices.Equal(samples, tone()) {
			t.Fatalf("%d: %d samples, %v, %v", at, len(worse), err, againErr)
		}
		became[wave(worse)] = true
	}
	if became[wave(tone())] || len(became) < len(split)*9/10 {
		t.Errorf("%d recordings became %d", len(split), len(became))
	}
}
