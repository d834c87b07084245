package offline

import (
	"context"
	"math"
)

const (
	// bestDensities is how many Gaussians of a codebook count at a time; the others add next to nothing.
	bestDensities = 4
	// block is how many frames are worked on at a time: a codebook stays in the processor's nearest memory for so long, and after
	// each block somebody who has hung up is noticed.
	block = 50
	// worst is the logarithm of a likelihood that is too small for a float32.
	worst = float32(-85)
)

// choice are the best Gaussians of a codebook at one frame, with their likelihoods relative to the best one.
type choice struct {
	density [bestDensities]uint8
	ratio   [bestDensities]float32
}

// evidence is how well the sounds of the model fit each frame of a recording. It is kept small, since 30 seconds have 3,000 frames:
// what the states of a triphone score is computed when it is asked for, from the best Gaussians.
type evidence struct {
	model   *Model
	frames  int
	phones  int
	choices []choice  // by frame, phone, stream
	level   []float32 // by frame, phone: log-likelihood of the best Gaussians together, which ratios are relative to
	best    []float32 // by frame, slot: log-likelihood of the best context of a state
}

// listen computes the evidence of a recording. It returns the context's error if that ends.
func (m *Model) listen(ctx context.Context, frames []features) (*evidence, error) {
	n := len(m.names)
	e := &evidence{
		model: m, frames: len(frames), phones: n,
		choices: make([]choice, len(frames)*n*streams), level: make([]float32, len(frames)*n), best: make([]float32, len(frames)*n*statesPerPhone),
	}
	likelihood := make([]float32, m.mix.n)
	for from := 0; from < len(frames); from += block {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		to := min(from+block, len(frames))
		for p := range n {
			e.choose(p, frames, from, to)
		}
		for t := from; t < to; t++ {
			e.contexts(t, likelihood)
		}
	}
	return e, nil
}

// choose finds the best Gaussians of a sound's codebooks for some frames. Those of the frame before are where the search begins: they
// show early how good a Gaussian has to be.
func (e *evidence) choose(p int, frames []features, from, to int) {
	for s := range streams {
		book := &e.model.books[p][s]
		for t := from; t < to; t++ {
			x, bar := &frames[t][s], impossible
			if t > 0 {
				bar = book.least(x, e.at(t-1, p, s))
			}
			e.level[t*e.phones+p] += book.choose(x, bar, e.at(t, p, s))
		}
	}
}

// least is what the least of some Gaussians reaches.
func (b *codebook) least(x *[dimensions]float32, of *choice) float32 {
	bar := -impossible
	for _, d := range of.density {
		bar = min(bar, b[d].at(x))
	}
	return bar
}

// at returns the choice of a sound and stream at a frame.
func (e *evidence) at(t, p, stream int) *choice { return &e.choices[(t*e.phones+p)*streams+stream] }

// choose puts the best Gaussians into c and returns the logarithm of the very best. None below bar is of interest; at least as many
// as are wanted reach it.
func (b *codebook) choose(x *[dimensions]float32, bar float32, c *choice) float32 {
	values := [bestDensities]float32{impossible, impossible, impossible, impossible}
	x0, x1, x2, x3 := x[0], x[1], x[2], x[3]
	for i := range b {
		g := &b[i]
		d0, d1, d2, d3 := x0-g.mean[0], x1-g.mean[1], x2-g.mean[2], x3-g.mean[3]
		v := g.constant - ((d0*d0*g.scale[0] + d1*d1*g.scale[1]) + (d2*d2*g.scale[2] + d3*d3*g.scale[3])) // near, written out
		if v < bar {                                                                                      // it can only become less
			continue
		}
		if v -= g.far(x); v < bar || v <= values[bestDensities-1] {
			continue
		}
		k := bestDensities - 1
		for ; k > 0 && v > values[k-1]; k-- {
			values[k], c.density[k] = values[k-1], c.density[k-1]
		}
		values[k], c.density[k] = v, uint8(i)
		bar = max(bar, values[bestDensities-1])
	}
	c.ratio[0] = 1
	for k := 1; k < bestDensities; k++ {
		c.ratio[k] = float32(math.Exp(float64(values[k] - values[0])))
	}
	return values[0]
}

// contexts computes how well the best context of each state fits a frame.
func (e *evidence) contexts(t int, likelihood []float32) {
	m := e.model.mix
	for p := range e.phones {
		low, high := m.starts[p*statesPerPhone], m.starts[(p+1)*statesPerPhone]
		out := likelihood[:high-low]
		for s := range streams {
			e.mixAll(e.at(t, p, s), s, low, high, out)
		}
		for k := range statesPerPhone {
			slot := p*statesPerPhone + k
			var top float32
			for _, v := range out[m.starts[slot]-low : m.starts[slot+1]-low] {
				top = max(top, v)
			}
			e.best[t*e.phones*statesPerPhone+slot] = logarithm(top) + e.level[t*e.phones+p]
		}
	}
}

// mixAll multiplies the likelihoods of the places from low to high by those of a stream; the first stream sets them.
func (e *evidence) mixAll(c *choice, stream, low, high int, out []float32) {
	m := e.model.mix
	n := len(out)
	a, b := m.row(stream, int(c.density[0]), low, high)[:n], m.row(stream, int(c.density[1]), low, high)[:n]
	d, f := m.row(stream, int(c.density[2]), low, high)[:n], m.row(stream, int(c.density[3]), low, high)[:n]
	r0, r1, r2, r3 := c.ratio[0], c.ratio[1], c.ratio[2], c.ratio[3]
	if stream == 0 {
		for i := range out {
			out[i] = r0*a[i] + r1*b[i] + r2*d[i] + r3*f[i]
		}
		return
	}
	for i := range out {
		out[i] *= r0*a[i] + r1*b[i] + r2*d[i] + r3*f[i]
	}
}

// score is the log-likelihood of a senone at a frame.
func (e *evidence) score(t int, senone uint16) float32 {
	m := e.model
	p, place := int(m.owner[senone]), m.mix.place[senone]
	product := float32(1)
	for s := range streams {
		c := e.at(t, p, s)
		var sum float32
		for k, d := range c.density {
			sum += c.ratio[k] * m.mix.weight[(s*densities+int(d))*m.mix.n+place]
		}
		product *= sum
	}
	return logarithm(product) + e.level[t*e.phones+p]
}

// slots returns what each state of each sound scores in its best context at a frame.
func (e *evidence) slots(t int) []float32 {
	n := e.phones * statesPerPhone
	return e.best[t*n : (t+1)*n]
}

// logarithm is the natural one of a likelihood, or worst where that is next to nothing.
func logarithm(x float32) float32 {
	if x < 1e-37 {
		return worst
	}
	return float32(math.Log(float64(x)))
}
