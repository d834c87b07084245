package main

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/englishapp/englishctl/internal/offline/neural"
)

// learner is a net that learns, by Adam (Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015).
type learner struct {
	layers []*dense
	steps  int
}

// dense is a layer with all that its learning needs.
type dense struct {
	weights, gradient    blas32.General // by output, input
	biases, biasGradient []float32
	first, second        []float32 // moments of the gradients, weights then biases
	in, out, back        blas32.General
}

func matrix(rows, cols int) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: make([]float32, rows*cols)}
}

// newLearner makes a net of chance for so many rows at a time; sizes are those of its layers, from its inputs on.
func newLearner(random *rand.Rand, rows int, sizes ...int) *learner {
	l := &learner{}
	for i := 1; i < len(sizes); i++ {
		d := &dense{
			weights: matrix(sizes[i], sizes[i-1]), gradient: matrix(sizes[i], sizes[i-1]), biases: make([]float32, sizes[i]), biasGradient: make([]float32, sizes[i]),
			out: matrix(rows, sizes[i]), back: matrix(rows, sizes[i-1]),
		}
		spread := math.Sqrt(2 / float64(sizes[i-1]))
		for k := range d.weights.Data {
			d.weights.Data[k] = float32(spread * random.NormFloat64())
		}
		n := len(d.weights.Data) + len(d.biases)
		d.first, d.second = make([]float32, n), make([]float32, n)
		l.layers = append(l.layers, d)
	}
	return l
}

// packed is the net as it is kept.
func (l *learner) packed() (out []neural.Layer) {
	for _, d := range l.layers {
		out = append(out, neural.Pack(d.weights.Data, d.biases, false))
	}
	return out
}

func (l *learner) forward(in blas32.General) {
	for i, d := range l.layers {
		d.in = in
		for r := range d.out.Rows {
			copy(d.out.Data[r*d.out.Cols:], d.biases)
		}
		blas32.Gemm(blas.NoTrans, blas.Trans, 1, in, d.weights, 1, d.out)
		if i < len(l.layers)-1 {
			for k, v := range d.out.Data {
				d.out.Data[k] = max(v, 0)
			}
		}
		in = d.out
	}
}

func (l *learner) backward() {
	for i := len(l.layers) - 1; i >= 0; i-- {
		d := l.layers[i]
		multiply(turned(d.out), turned(d.in), d.gradient)
		clear(d.biasGradient)
		for r := range d.out.Rows {
			for k, v := range d.out.Data[r*d.out.Cols : (r+1)*d.out.Cols] {
				d.biasGradient[k] += v
			}
		}
		if i == 0 {
			return
		}
		multiply(d.out, turned(d.weights), d.back)
		for k, v := range d.in.Data { // what was cut off has no part in it
			if v <= 0 {
				d.back.Data[k] = 0
			}
		}
		copy(l.layers[i-1].out.Data, d.back.Data)
	}
}

// multiply sets c to a times b turned, which is twice as fast as the others.
func multiply(a, b, c blas32.General) { blas32.Gemm(blas.NoTrans, blas.Trans, 1, a, b, 0, c) }

func turned(a blas32.General) blas32.General {
	out := matrix(a.Cols, a.Rows)
	for r := range a.Rows {
		for c, v := range a.Data[r*a.Cols : (r+1)*a.Cols] {
			out.Data[c*a.Rows+r] = v
		}
	}
	return out
}

// adam makes a step, and takes a share of the rate off all values (decay; Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019).
func (l *learner) adam(rate, decay float64) {
	const mean, square, tiny = 0.9, 0.999, 1e-8
	l.steps++
	fix := math.Sqrt(1-math.Pow(square, float64(l.steps))) / (1 - math.Pow(mean, float64(l.steps)))
	step, kept := float32(rate*fix), float32(1-rate*decay)
	for _, d := range l.layers {
		move := func(values, gradient, first, second []float32) {
			for k, g := range gradient {
				first[k] = mean*first[k] + (1-mean)*g
				second[k] = square*second[k] + (1-square)*g*g
				values[k] = kept*values[k] - step*first[k]/(float32(math.Sqrt(float64(second[k])))+tiny)
			}
		}
		n := len(d.weights.Data)
		move(d.weights.Data, d.gradient.Data, d.first[:n], d.second[:n])
		move(d.biases, d.biasGradient, d.first[n:], d.second[n:])
	}
}

// slower is what is left of the pace after so many of all steps: it falls along half a wave, from 1 to 0.
func slower(step, total int) float64 {
	return 0.5 * (1 + math.Cos(math.Pi*float64(step)/float64(total)))
}
