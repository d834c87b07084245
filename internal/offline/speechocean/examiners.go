package main

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/englishapp/englishctl/internal/offline"
	"github.com/englishapp/englishctl/internal/offline/neural"
)

// course is how examiners learn.
type course struct {
	board  int     // examiners that each begin by another chance; the mean of their marks counts
	hidden int     // units of each
	passes int     // over the rows
	batch  int     // rows
	jitter float64 // deviations of noise on each feature: what differs by less is worth the same
	decay  float64
	// tolerance is by how many deviations a mark may be off for nothing; what is beyond counts by its size. 0: all counts, by its square.
	tolerance float64
}

// Chosen on the train split by folds.
var (
	soundCourse    = course{board: 2, hidden: 64, passes: 4, batch: 128, jitter: 0.1, decay: 0.01}
	wordCourse     = course{board: 3, hidden: 48, passes: 8, batch: 64, jitter: 0.2, decay: 0.1}
	sentenceCourse = course{board: 10, hidden: 32, passes: 20, batch: 32, jitter: 0.3, decay: 0.5, tolerance: 0.3}
)

// examine teaches an examiner to give the targets, all of the same length, for the rows.
func (c course) examine(rows, targets [][]float64) *offline.Examiner {
	l := newClass(rows, targets)
	var nets [][]*dense
	for seed := range c.board {
		nets = append(nets, l.learn(c, uint64(seed)).layers) //nolint:gosec // a few
	}
	e := &offline.Examiner{Means: l.e.Means, Deviations: l.e.Deviations, Layers: l.seat(nets)}
	_ = e.Open(len(rows[0]), len(targets[0])) // it was made for them
	return e
}

// class is what the examiners of a board learn from.
type class struct {
	e             offline.Examiner
	inputs        blas32.General // by row and feature: standard
	targets       blas32.General // by row and mark: standard
	means, spread []float64      // of the marks
}

func newClass(rows, targets [][]float64) *class {
	c := &class{inputs: matrix(len(rows), len(rows[0])), targets: matrix(len(rows), len(targets[0]))}
	for f := range rows[0] {
		mean, spread := moments(rows, f)
		c.e.Means, c.e.Deviations = append(c.e.Means, float32(mean)), append(c.e.Deviations, float32(spread))
	}
	for k := range targets[0] {
		mean, spread := moments(targets, k)
		c.means, c.spread = append(c.means, mean), append(c.spread, spread)
	}
	for i, row := range rows {
		c.e.Standard(row, c.inputs.Data[i*c.inputs.Cols:(i+1)*c.inputs.Cols])
		for k, t := range targets[i] {
			c.targets.Data[i*c.targets.Cols+k] = float32((t - c.means[k]) / c.spread[k])
		}
	}
	return c
}

// moments are the mean and the deviation of a column; that is never 0.
func moments(rows [][]float64, at int) (mean, deviation float64) {
	for _, row := range rows {
		mean += row[at] / float64(len(rows))
	}
	for _, row := range rows {
		deviation += (row[at] - mean) * (row[at] - mean) / float64(len(rows))
	}
	return mean, max(math.Sqrt(deviation), 1e-6)
}

// learn teaches one examiner.
func (c *class) learn(by course, seed uint64) *learner {
	random := rand.New(rand.NewPCG(seed, 11)) //nolint:gosec // no secret
	rows := min(by.batch, c.inputs.Rows)
	l := newLearner(random, rows, c.inputs.Cols, by.hidden, c.targets.Cols)
	in, chosen := matrix(rows, c.inputs.Cols), matrix(rows, c.targets.Cols)
	total := by.passes * (c.inputs.Rows / rows)
	var order []int
	for step := range total {
		if len(order) < rows {
			order = random.Perm(c.inputs.Rows)
		}
		for r, i := range order[:rows] {
			copy(chosen.Data[r*chosen.Cols:(r+1)*chosen.Cols], c.targets.Data[i*chosen.Cols:])
			for f, v := range c.inputs.Data[i*in.Cols : (i+1)*in.Cols] {
				in.Data[r*in.Cols+f] = v + float32(by.jitter*random.NormFloat64())
			}
		}
		order = order[rows:]
		l.forward(in)
		differences(l.layers[1].out, chosen, float32(by.tolerance))
		l.backward()
		l.adam(pace0*slower(step, total), by.decay)
	}
	return l
}

// differences turns outputs into the gradient of the mean squared error by them, or, with a tolerance, of the mean of what is beyond it.
func differences(out, want blas32.General, tolerance float32) {
	for i, v := range out.Data {
		d := 2 * (v - want.Data[i])
		switch {
		case tolerance == 0:
		case d > 2*tolerance:
			d = 1
		case d < -2*tolerance:
			d = -1
		default:
			d = 0
		}
		out.Data[i] = d / float32(len(out.Data))
	}
}

// seat puts the nets of a board beside each other in one, which gives the mean of their marks, from 0 to 10.
func (c *class) seat(nets [][]*dense) []neural.Layer {
	var first, firstBiases []float32
	for _, n := range nets {
		first, firstBiases = append(first, n[0].weights.Data...), append(firstBiases, n[0].biases...)
	}
	var last, lastBiases []float32
	for k := range c.means {
		scale, bias := float32(c.spread[k]/float64(len(nets))), float32(c.means[k])
		for _, n := range nets {
			w := n[1].weights
			for _, v := range w.Data[k*w.Cols : (k+1)*w.Cols] {
				last = append(last, scale*v)
			}
			bias += scale * n[1].biases[k]
		}
		lastBiases = append(lastBiases, bias)
	}
	return []neural.Layer{neural.Pack(first, firstBiases, false), neural.Pack(last, lastBiases, true)}
}

// blind marks each row by an examiner that has not learned from its fold.
func (c course) blind(rows, targets [][]float64, in []int) [][]float64 {
	out := make([][]float64, len(rows))
	for f := range folds {
		var seen, said [][]float64
		for i, of := range in {
			if of != f {
				seen, said = append(seen, rows[i]), append(said, targets[i])
			}
		}
		e := c.examine(seen, said)
		for i, of := range in {
			if of == f {
				out[i] = e.Mark(rows[i])
			}
		}
	}
	return out
}
