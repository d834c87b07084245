package offline

import (
	"errors"
	"math"
)

// Shape of the model: each sound has, for each of three streams of features, 128 Gaussians of its own (a "phonetically tied"
// semi-continuous model). The streams are the cepstrum, its change, and the change of that.
const (
	streams    = 3
	dimensions = 13 // of a stream
	densities  = 128
)

// lanes is how many Gaussians are worked on at a time.
const lanes = 4

// quad are four normal distributions with diagonal covariances, side by side and ready for use: the logarithm of one at x is
// constant - sum of (x-mean)²·scale.
type quad struct {
	constant [lanes]float32
	shape    [dimensions]struct {
		mean  [lanes]float32
		scale [lanes]float32 // 1/(2·variance)
	}
}

// codebook is what one sound has in one stream: the Gaussian i is number i%4 of quad i/4.
type codebook [densities / lanes]quad

// plainDensities computes what densities does, where the processor has nothing better. The conversions keep a compiler from rounding less
// often than the other way does: marks are the same on all machines.
func (b *codebook) plainDensities(x *[dimensions]float32, out *[densities]float32) {
	for i := range b {
		q := &b[i]
		for l := range lanes {
			v := q.constant[l]
			for k := range x {
				d := q.shape[k].mean[l] - x[k]
				v -= float32(float32(d*d) * q.shape[k].scale[l])
			}
			out[lanes*i+l] = v
		}
	}
}

// leastVariance keeps a density from growing without bound, as in Sphinx ("varfloor").
const leastVariance = 1e-4

var errVariance = errors.New("it has a negative variance")

// readGaussians reads the contents of "means" and "variances" of so many sounds. which is the number of the content that is wrong.
func readGaussians(means, variances []byte, phones int) (books [][streams]codebook, which int, err error) {
	mean, err := readParameters(means, phones)
	if err != nil {
		return nil, 0, err
	}
	variance, err := readParameters(variances, phones)
	if err != nil {
		return nil, 1, err
	}
	books = make([][streams]codebook, phones)
	for i := range phones * streams * densities {
		q, l := &books[i/(streams*densities)][i/densities%streams][i%densities/lanes], i%lanes
		logs := 0.0
		for k := range dimensions {
			v := float64(variance[i*dimensions+k])
			if v < 0 {
				return nil, 1, errVariance
			}
			v = max(v, leastVariance)
			logs += math.Log(2 * math.Pi * v)
			q.shape[k].mean[l], q.shape[k].scale[l] = mean[i*dimensions+k], float32(1/(2*v))
		}
		q.constant[l] = float32(-logs / 2)
	}
	return books, 0, nil
}

// readParameters reads one number for each dimension of each density of each stream of each sound.
func readParameters(content []byte, phones int) ([]float32, error) {
	f, err := s3Fields(content)
	if err != nil {
		return nil, err
	}
	f.expect("sounds", phones)
	f.expect("streams", streams)
	f.expect("densities a stream", densities)
	for range streams {
		f.expect("dimensions a stream", dimensions)
	}
	n := phones * streams * densities * dimensions
	f.expect("numbers", n)
	numbers := f.floats(n)
	return numbers, f.end()
}
