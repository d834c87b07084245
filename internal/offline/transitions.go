package offline

import (
	"errors"
	"math"
)

// transitions are the logarithms of the probabilities to go from a state of a sound to another one, or (column 3) out of it.
type transitions [statesPerPhone][statesPerPhone + 1]float32

// impossible is the logarithm of what is not to happen. It is finite, so that sums of it stay comparable.
const impossible = float32(-1e30)

// readTransitions reads so many matrices of counts.
func readTransitions(content []byte, phones int) ([]transitions, error) {
	f, err := s3Fields(content)
	if err != nil {
		return nil, err
	}
	f.expect("sounds", phones)
	f.expect("states a sound", statesPerPhone)
	f.expect("states to go to", statesPerPhone+1)
	n := phones * statesPerPhone * (statesPerPhone + 1)
	f.expect("numbers", n)
	counts := f.floats(n)
	if err := f.end(); err != nil {
		return nil, err
	}
	out := make([]transitions, phones)
	for i := range out {
		for from := range statesPerPhone {
			row := counts[(i*statesPerPhone+from)*(statesPerPhone+1):][:statesPerPhone+1]
			if err := logarithms(row, &out[i][from]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func logarithms(counts []float32, out *[statesPerPhone + 1]float32) error {
	var sum float32
	for _, c := range counts {
		if c < 0 {
			return errors.New("it has a negative probability")
		}
		sum += c
	}
	if sum <= 0 {
		return errors.New("a state of a sound leads nowhere")
	}
	for i, c := range counts {
		out[i] = impossible
		if c > 0 {
			out[i] = float32(math.Log(float64(c / sum)))
		}
	}
	return nil
}
