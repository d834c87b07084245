package offline

import (
	"fmt"
	"math"
)

// mixtures are the weights of the densities in each state's distribution (the file "sendump").
//
// States are put in order by sound, and within it by state, so that all that shares Gaussians is together, and one pass over
// memory computes it.
type mixtures struct {
	place  []int     // by senone: where it is in that order
	starts []int     // by phone·3+state: where its senones begin; one more at the end
	weight []float32 // by stream, density, place
	n      int
}

// weightBase is that of the logarithms in the file, which are in units of 1024.
const (
	weightBase  = 1.0001
	weightShift = 1024
)

// readMixtures reads the weights of 8 bits for the senones of the definition.
func readMixtures(content []byte, d *definition) (*mixtures, error) {
	f := &fields{rest: content}
	for f.err == nil { // strings that describe the file
		n := f.int()
		if n == 0 {
			break
		}
		f.bytes(n)
	}
	total := len(d.owner)
	f.expect("densities a stream", densities)
	f.expect("distributions", total)
	m := newMixtures(d)
	numbers := f.bytes(streams * densities * total)
	if err := f.end(); err != nil {
		return nil, err
	}
	var linear [256]float32
	for i := range linear {
		linear[i] = float32(math.Pow(weightBase, float64(-i*weightShift)))
	}
	m.weight = make([]float32, len(numbers))
	for row := 0; row < len(numbers); row += total {
		weights := m.weight[row : row+total]
		for i, v := range numbers[row : row+total] {
			weights[m.place[i]] = linear[v]
		}
	}
	return m, m.check()
}

// A distribution's weights add up to one before they are rounded, to steps of weightBase^weightShift = 1.108. In the file of
// pocketsphinx-en-us, which rounds down, they add up to 0.910 to 0.989; the bounds are about twice as far from one. Where a file was
// overwritten with zeros, each is a weight of one: far more.
const (
	leastSum    = 0.8
	greatestSum = 1.2
)

// check adds up the weights of each distribution in each stream.
func (m *mixtures) check() error {
	sums := make([]float32, m.n)
	for stream := range streams {
		clear(sums)
		for density := range densities {
			for i, w := range m.row(stream, density, 0, m.n) {
				sums[i] += w
			}
		}
		for _, sum := range sums {
			if sum < leastSum || sum > greatestSum {
				return fmt.Errorf("the weights of a distribution add up to %.2f", sum)
			}
		}
	}
	return nil
}

func newMixtures(d *definition) *mixtures {
	m := &mixtures{n: len(d.owner), place: make([]int, len(d.owner)), starts: make([]int, len(d.names)*statesPerPhone+1)}
	for i := range d.owner {
		m.starts[d.slot(i)+1]++
	}
	for i := 1; i < len(m.starts); i++ {
		m.starts[i] += m.starts[i-1]
	}
	next := append([]int(nil), m.starts...)
	for i := range d.owner {
		s := d.slot(i)
		m.place[i] = next[s]
		next[s]++
	}
	return m
}

// slot numbers the states of all sounds.
func (d *definition) slot(senone int) int {
	return int(d.owner[senone])*statesPerPhone + int(d.state[senone])
}

// row returns the weights of one density of a stream, for the places from low up to high.
func (m *mixtures) row(stream, density, low, high int) []float32 {
	start := (stream*densities + density) * m.n
	return m.weight[start+low : start+high]
}
