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

// gaussian is a normal distribution with a diagonal covariance, ready for use: its logarithm at x is
// constant - sum of (x-mean)²·scale.
type gaussian struct {
	constant float32
	mean     [dimensions]float32
	scale    [dimensions]float32 // 1/(2·variance)
}

// at returns the density's logarithm.
func (g *gaussian) at(x *[dimensions]float32) float32 { return g.constant - g.near(x) - g.far(x) }

// near and far are the weighted squared distances to the mean in the first dimensions, which tell most Gaussians apart, and in the
// others. They are the innermost loop of all, and written out since the compiler does not do it.
func (g *gaussian) near(x *[dimensions]float32) float32 {
	d0, d1, d2, d3 := x[0]-g.mean[0], x[1]-g.mean[1], x[2]-g.mean[2], x[3]-g.mean[3]
	return (d0*d0*g.scale[0] + d1*d1*g.scale[1]) + (d2*d2*g.scale[2] + d3*d3*g.scale[3])
}

func (g *gaussian) far(x *[dimensions]float32) float32 {
	d4, d5, d6, d7, d8 := x[4]-g.mean[4], x[5]-g.mean[5], x[6]-g.mean[6], x[7]-g.mean[7], x[8]-g.mean[8]
	d9, d10, d11, d12 := x[9]-g.mean[9], x[10]-g.mean[10], x[11]-g.mean[11], x[12]-g.mean[12]
	return (d4*d4*g.scale[4] + d5*d5*g.scale[5] + d6*d6*g.scale[6]) + (d7*d7*g.scale[7] + d8*d8*g.scale[8] + d9*d9*g.scale[9]) +
		(d10*d10*g.scale[10] + d11*d11*g.scale[11] + d12*d12*g.scale[12])
}

// codebook is what one sound has in one stream.
type codebook [densities]gaussian

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
		g := &books[i/(streams*densities)][i/densities%streams][i%densities]
		logs := 0.0
		for k := range dimensions {
			v := float64(variance[i*dimensions+k])
			if v < 0 {
				return nil, 1, errVariance
			}
			v = max(v, leastVariance)
			logs += math.Log(2 * math.Pi * v)
			g.mean[k], g.scale[k] = mean[i*dimensions+k], float32(1/(2*v))
		}
		g.constant = float32(-logs / 2)
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
