package forest

import (
	"math/rand/v2"
	"slices"
)

// Growth says how a forest is grown.
type Growth struct {
	Trees  int
	Depth  int     // of each tree
	Rate   float64 // how much of its error each tree corrects
	Share  float64 // of the rows that each tree sees, chosen by chance
	Asked  float64 // of the features that each level of a tree may ask for, chosen by chance
	Leaf   int     // rows that each leaf has at least
	Shrink float64 // rows that are added to each leaf without an error, against chance
	Seed   uint64
}

// bins is how many values of a feature are told apart.
const bins = 64

// Grow grows a forest that predicts the targets of the rows, all of the same length; weights may be nil.
func (g Growth) Grow(rows [][]float64, targets, weights []float64) *Forest {
	if weights == nil {
		weights = slices.Repeat([]float64{1}, len(rows))
	}
	f := &Forest{}
	total := 0.0
	for i, t := range targets {
		f.Base += t * weights[i]
		total += weights[i]
	}
	f.Base /= max(total, 1)
	n := &nursery{Growth: g, weights: weights, errors: make([]float64, len(rows)), node: make([]int, len(rows)), random: rand.New(rand.NewPCG(g.Seed, 1))} //nolint:gosec // no secret
	n.sort(rows)
	for i, t := range targets {
		n.errors[i] = t - f.Base
	}
	for range g.Trees {
		f.Trees = append(f.Trees, n.tree())
	}
	return f
}

// nursery is where trees grow.
type nursery struct {
	Growth
	columns [][]uint8   // by feature, row: its bin
	edges   [][]float32 // by feature, bin: its upper edge
	weights []float64
	errors  []float64 // by row: what is left to be predicted
	node    []int     // by row: where it is in the tree that grows; -1 where the tree does not see it
	random  *rand.Rand
}

// sort puts the values of each feature into bins of about as many rows.
func (n *nursery) sort(rows [][]float64) {
	for c := range rows[0] {
		values := make([]float32, len(rows))
		for i, r := range rows {
			values[i] = float32(r[c])
		}
		sorted := slices.Clone(values)
		slices.Sort(sorted)
		var edges []float32
		for b := 1; b < bins; b++ {
			edges = append(edges, sorted[b*len(sorted)/bins])
		}
		edges = slices.Compact(edges)
		column := make([]uint8, len(rows))
		for i, v := range values {
			at, _ := slices.BinarySearch(edges, v) // the first edge that is not below v
			column[i] = uint8(at)                  //nolint:gosec // at most 63
		}
		n.columns, n.edges = append(n.columns, column), append(n.edges, edges)
	}
}

// tree grows one tree, level by level, and takes its predictions off the errors.
func (n *nursery) tree() Tree {
	inner := 1<<n.Depth - 1
	t := Tree{Features: make([]int, inner), Thresholds: make([]float32, inner), Leaves: make([]float32, inner+1)}
	for i := range n.node {
		n.node[i] = 0
		if n.random.Float64() >= n.Share {
			n.node[i] = -1
		}
	}
	splits := make([]uint8, inner)
	for first := 0; first < inner; first = 2*first + 1 {
		n.level(first, &t, splits)
		for i, at := range n.node {
			if at >= 0 {
				n.node[i] = n.step(i, at, &t, splits)
			}
		}
	}
	n.leaves(&t, splits)
	return t
}

func (n *nursery) step(row, at int, t *Tree, splits []uint8) int {
	next := 2*at + 1
	if n.columns[t.Features[at]][row] > splits[at] {
		next++
	}
	return next
}

// sums are of the rows in a bin.
type sums struct{ weight, error float64 }

// level chooses, for each node of a level, the feature and the bin whose sides differ most.
func (n *nursery) level(first int, t *Tree, splits []uint8) {
	width := first + 1
	best := make([]float64, width)
	for i := first; i < first+width; i++ { // a node that is not worth a split sends all rows to the left
		t.Thresholds[i], splits[i] = 1e30, bins
	}
	histogram := make([][bins]sums, width)
	for c, column := range n.columns {
		if n.random.Float64() >= n.Asked {
			continue
		}
		clear(histogram)
		for i, at := range n.node {
			if at >= 0 {
				s := &histogram[at-first][column[i]]
				s.weight += n.weights[i]
				s.error += n.weights[i] * n.errors[i]
			}
		}
		for k := range histogram {
			if gain, at := n.split(&histogram[k]); gain > best[k] && at < len(n.edges[c]) {
				best[k] = gain
				t.Features[first+k], t.Thresholds[first+k], splits[first+k] = c, n.edges[c][at], uint8(at) //nolint:gosec // at most 63
			}
		}
	}
}

// split returns the best bin to split after, and how much it explains.
func (n *nursery) split(h *[bins]sums) (best float64, at int) {
	var all, left sums
	for _, s := range h {
		all.weight += s.weight
		all.error += s.error
	}
	gain := func(s sums) float64 { return s.error * s.error / (s.weight + n.Shrink) }
	for b := range bins - 1 {
		left.weight += h[b].weight
		left.error += h[b].error
		right := sums{all.weight - left.weight, all.error - left.error}
		if left.weight < float64(n.Leaf) || right.weight < float64(n.Leaf) {
			continue
		}
		if g := gain(left) + gain(right) - gain(all); g > best {
			best, at = g, b
		}
	}
	return best, at
}

func (n *nursery) leaves(t *Tree, splits []uint8) {
	inner := len(t.Features)
	of := make([]sums, inner+1)
	for i, at := range n.node {
		if at >= 0 {
			of[at-inner].weight += n.weights[i]
			of[at-inner].error += n.weights[i] * n.errors[i]
		}
	}
	for k, s := range of {
		t.Leaves[k] = float32(n.Rate * s.error / (s.weight + n.Shrink))
	}
	for i := range n.errors {
		at := 0
		for at < inner {
			at = n.step(i, at, t, splits)
		}
		n.errors[i] -= float64(t.Leaves[at-inner])
	}
}
