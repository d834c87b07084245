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
	for from := 0; from < len(frames); from += block {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		to := min(from+block, len(frames))
		for p := range n {
			e.choose(p, frames, from, to)
		}
		for t := from; t < to; t++ {
			e.contexts(t)
		}
	}
	return e, nil
}

// choose finds the best Gaussians of a sound's codebooks for some frames.
func (e *evidence) choose(p int, frames []features, from, to int) {
	var values [densities]float32
	for s := range streams {
		book := &e.model.books[p][s]
		for t := from; t < to; t++ {
			book.densities(&frames[t][s], &values)
			bar := impossible
			if t > 0 { // what the best ones of the frame before reach shows early how good a Gaussian has to be
				bar = least(&values, e.at(t-1, p, s))
			}
			e.level[t*e.phones+p] += choose(&values, bar, e.at(t, p, s))
		}
	}
}

// least is what the least of some Gaussians reaches.
func least(values *[densities]float32, of *choice) float32 {
	bar := -impossible
	for _, d := range of.density {
		bar = min(bar, values[d&(densities-1)])
	}
	return bar
}

// at returns the choice of a sound and stream at a frame.
func (e *evidence) at(t, p, stream int) *choice { return &e.choices[(t*e.phones+p)*streams+stream] }

// choose puts the best Gaussians into c and returns the logarithm of the very best. None below bar is of interest; at least as many
// as are wanted reach it.
func choose(values *[densities]float32, bar float32, c *choice) float32 {
	best := [bestDensities]float32{impossible, impossible, impossible, impossible}
	for i, v := range values {
		if v < bar || v <= best[bestDensities-1] {
			continue
		}
		k := bestDensities - 1
		for ; k > 0 && v > best[k-1]; k-- {
			best[k], c.density[k] = best[k-1], c.density[k-1]
		}
		best[k], c.density[k] = v, uint8(i)
		bar = max(bar, best[bestDensities-1])
	}
	c.ratio[0] = 1
	for k := 1; k < bestDensities; k++ {
		c.ratio[k] = float32(math.Exp(float64(best[k] - best[0])))
	}
	return best[0]
}

// contexts computes how well the best context of each state fits a frame.
func (e *evidence) contexts(t int) {
	m := e.model.mix
	best := e.slots(t)
	for p := range e.phones {
		level := e.level[t*e.phones+p]
		for slot := p * statesPerPhone; slot < (p+1)*statesPerPhone; slot++ {
			best[slot] = logarithm(e.likeliest(t, p, m.starts[slot], m.starts[slot+1])) + level
		}
	}
}

// likeliest is the greatest likelihood of the sound's states at the places from low up to high. The streams are worked on together: nothing
// is kept but the greatest.
func (e *evidence) likeliest(t, p, low, high int) (top float32) {
	m := e.model.mix
	var rows [streams][bestDensities][]float32
	for s := range rows {
		for k, d := range e.at(t, p, s).density {
			rows[s][k] = m.row(s, int(d), low, high)
		}
	}
	n := high - low
	r, u, v := &e.at(t, p, 0).ratio, &e.at(t, p, 1).ratio, &e.at(t, p, 2).ratio
	a0, a1, a2, a3 := rows[0][0][:n], rows[0][1][:n], rows[0][2][:n], rows[0][3][:n]
	b0, b1, b2, b3 := rows[1][0][:n], rows[1][1][:n], rows[1][2][:n], rows[1][3][:n]
	c0, c1, c2, c3 := rows[2][0][:n], rows[2][1][:n], rows[2][2][:n], rows[2][3][:n]
	r1, r2, r3, u1, u2, u3, v1, v2, v3 := r[1], r[2], r[3], u[1], u[2], u[3], v[1], v[2], v[3] // the first ones are 1
	for i := range a0 {
		x := a0[i] + r1*a1[i] + r2*a2[i] + r3*a3[i]
		x *= b0[i] + u1*b1[i] + u2*b2[i] + u3*b3[i]
		x *= c0[i] + v1*c1[i] + v2*c2[i] + v3*c3[i]
		top = max(top, x)
	}
	return top
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
