// Package forest has regression trees, each of which corrects the ones before it (gradient boosting: Friedman, "Greedy function
// approximation", Annals of Statistics 29, 2001).
package forest

import "strconv"

// Forest predicts a number from features.
type Forest struct {
	Base  float64 // what is predicted without any tree
	Trees []Tree
}

// Tree is a whole binary tree: the node i has the children 2i+1 and 2i+2.
type Tree struct {
	Features   []int     // by inner node: which feature is asked for
	Thresholds []float32 // by inner node: above it the way goes to the right
	Leaves     []float32 // from left to right
}

// Predict returns the prediction.
func (f *Forest) Predict(features []float64) float64 {
	sum := f.Base
	for i := range f.Trees {
		sum += float64(f.Trees[i].leaf(features))
	}
	return sum
}

func (t *Tree) leaf(features []float64) float32 {
	at := 0
	for at < len(t.Features) {
		next := 2*at + 1
		if float32(features[t.Features[at]]) > t.Thresholds[at] {
			next++
		}
		at = next
	}
	return t.Leaves[at-len(t.Features)]
}

// Valid reports whether all trees are whole and ask for no more than so many features.
func (f *Forest) Valid(features int) bool {
	for _, t := range f.Trees {
		n := len(t.Features)
		if len(t.Thresholds) != n || len(t.Leaves) != n+1 || n&(n+1) != 0 {
			return false
		}
		for _, at := range t.Features {
			if at < 0 || at >= features {
				return false
			}
		}
	}
	return true
}

// Round takes digits off that make no difference to what is predicted: six are left of a threshold, four of a leaf.
func (f *Forest) Round() {
	for _, t := range f.Trees {
		round(t.Thresholds, 6)
		round(t.Leaves, 4)
	}
}

func round(values []float32, digits int) {
	for i, v := range values {
		if r, err := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', digits, 32), 32); err == nil {
			values[i] = float32(r)
		}
	}
}
