// Package neural has small neural networks: layers of weighted sums, between which nothing is below zero.
package neural

import "math"

// Net turns numbers into others, layer after layer. It is read-only once it is made, and safe for concurrent use.
type Net struct{ layers []layer }

// Layer is how a layer is kept: its weights as whole numbers, which is near enough (a net of 50,000 weights has 50 kB).
type Layer struct {
	In, Out int
	Linear  bool      // whether its sums may be below zero; those of the last layer always may
	Weights []int8    // by output and input
	Scales  []float32 // by output: what a weight of 1 stands for
	Biases  []float32 // by output
}

// layer is a Layer to compute with.
type layer struct {
	in, out int
	linear  bool
	weights []float32
	biases  []float32
}

// New makes a net of its layers. ok is false where they do not fit each other, or do not turn so many numbers into so many.
func New(layers []Layer, in, out int) (n *Net, ok bool) {
	n = &Net{}
	for i, l := range layers {
		if l.In != in || l.Out <= 0 || len(l.Weights) != l.In*l.Out || len(l.Scales) != l.Out || len(l.Biases) != l.Out {
			return nil, false
		}
		in = l.Out
		n.layers = append(n.layers, layer{in: l.In, out: l.Out, linear: l.Linear || i == len(layers)-1, weights: l.unpack(), biases: l.Biases})
	}
	return n, len(layers) > 0 && in == out
}

func (l *Layer) unpack() []float32 {
	out := make([]float32, len(l.Weights))
	for o, scale := range l.Scales {
		for i := o * l.In; i < (o+1)*l.In; i++ {
			out[i] = scale * float32(l.Weights[i])
		}
	}
	return out
}

// Pack keeps a layer of weights by output and input.
func Pack(weights, biases []float32, linear bool) Layer {
	l := Layer{Out: len(biases), In: len(weights) / len(biases), Linear: linear, Weights: make([]int8, len(weights)), Biases: biases}
	for o := range l.Out {
		row := weights[o*l.In : (o+1)*l.In]
		var most float32
		for _, w := range row {
			most = max(most, w, -w)
		}
		scale := max(most/math.MaxInt8, math.SmallestNonzeroFloat32)
		l.Scales = append(l.Scales, scale)
		for i, w := range row {
			l.Weights[o*l.In+i] = int8(math.Round(float64(w / scale)))
		}
	}
	return l
}

// Apply computes the outputs for some rows of inputs, one row after another.
func (n *Net) Apply(in []float32) []float32 {
	for i := range n.layers {
		in = n.layers[i].apply(in)
	}
	return in
}

// apply computes four rows and two outputs at a time, since reading numbers takes as long as using them once.
func (l *layer) apply(in []float32) []float32 {
	rows := len(in) / l.in
	out := make([]float32, rows*l.out)
	for r := 0; r < rows; r += 4 {
		var x, y [4][]float32
		for k := range x { // the last row stands for those that are not there
			at := min(r+k, rows-1)
			x[k], y[k] = in[at*l.in:(at+1)*l.in], out[at*l.out:(at+1)*l.out]
		}
		o := 0
		for ; o+1 < l.out; o += 2 {
			a, b := sums(l.weights[o*l.in:(o+1)*l.in], l.weights[(o+1)*l.in:(o+2)*l.in], x[0], x[1], x[2], x[3])
			for k := range y {
				y[k][o], y[k][o+1] = l.end(a[k], o), l.end(b[k], o+1)
			}
		}
		if o < l.out {
			last := l.weights[o*l.in : (o+1)*l.in]
			a, _ := sums(last, last, x[0], x[1], x[2], x[3])
			for k := range y {
				y[k][o] = l.end(a[k], o)
			}
		}
	}
	return out
}

// sums are the products of two rows of weights with four rows of inputs: eight sums that do not wait for each other. The conversions keep
// processors from adding before they have rounded, so that all of them compute the same.
func sums(v, w, x0, x1, x2, x3 []float32) (a, b [4]float32) {
	w, x0, x1, x2, x3 = w[:len(v)], x0[:len(v)], x1[:len(v)], x2[:len(v)], x3[:len(v)]
	var a0, a1, a2, a3, b0, b1, b2, b3 float32
	for i, p := range v {
		q, y0, y1, y2, y3 := w[i], x0[i], x1[i], x2[i], x3[i]
		a0 += float32(p * y0)
		a1 += float32(p * y1)
		a2 += float32(p * y2)
		a3 += float32(p * y3)
		b0 += float32(q * y0)
		b1 += float32(q * y1)
		b2 += float32(q * y2)
		b3 += float32(q * y3)
	}
	return [4]float32{a0, a1, a2, a3}, [4]float32{b0, b1, b2, b3}
}

func (l *layer) end(sum float32, o int) float32 {
	sum += l.biases[o]
	if !l.linear {
		sum = max(sum, 0)
	}
	return sum
}
