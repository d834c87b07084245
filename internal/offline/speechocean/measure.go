package main

import (
	"math"
	"slices"
)

// pearson is the correlation of two lists of numbers.
func pearson(x, y []float64) float64 {
	n := float64(len(x))
	var mx, my, xy, xx, yy float64
	for i := range x {
		mx += x[i] / n
		my += y[i] / n
	}
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
		yy += (y[i] - my) * (y[i] - my)
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}

// auc is how often a number of the higher list is above one of the lower; half for the same.
func auc(higher, lower []float64) float64 {
	type point struct {
		v    float64
		high bool
	}
	var all []point
	for _, v := range higher {
		all = append(all, point{v, true})
	}
	for _, v := range lower {
		all = append(all, point{v, false})
	}
	slices.SortFunc(all, func(a, b point) int {
		switch {
		case a.v < b.v:
			return -1
		case a.v > b.v:
			return 1
		}
		return 0
	})
	ranks := 0.0
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].v == all[i].v {
			j++
		}
		for k := i; k < j; k++ {
			if all[k].high {
				ranks += float64(i+j+1) / 2
			}
		}
		i = j
	}
	h, l := float64(len(higher)), float64(len(lower))
	return (ranks - h*(h+1)/2) / (h * l)
}
