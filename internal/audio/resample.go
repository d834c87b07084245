package audio

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/tphakala/simd/f32"
)

// How the low-pass filter of Resample is made. It is no finer than speech needs, since it is most of the work for a recording: the more
// crossings, the more multiplications for each sample.
const (
	// zeroCrossings of the sinc on each side, at the lower of the two rates.
	zeroCrossings = 16
	// kaiserBeta gives the window 63 dB of attenuation, below the noise of any recording of speech.
	kaiserBeta = 6
	// passband is the middle of the filter's slope as a share of the lower rate's half. With this window and length the slope
	// is 0.24 wide (Kaiser's formula): for 16 kHz from 6.2 to 8.2 kHz, so that of what lies above 8 kHz only the first 200 Hz leave a
	// trace, at the very top.
	passband = 0.9
	// maxPhases bounds the table whatever the ratio of the rates. Between phases it is interpolated; with 44.1 to 16 kHz
	// (160 phases) and all other usual pairs that is never needed.
	maxPhases = 512
)

// Resample converts mono samples between rates in Hz, both from MinSampleRate to MaxSampleRate, by a windowed sinc. The result
// begins at the same moment, without delay, and lasts as long, rounded to a sample.
//
// Rates out of range are an error, whoever calls: a filter for 4 GHz would take all memory.
func Resample(samples []int16, from, to int) ([]int16, error) {
	for _, rate := range []int{from, to} {
		if rate < MinSampleRate || rate > MaxSampleRate {
			return nil, fmt.Errorf("resample %d Hz to %d Hz: only %d to %d Hz are possible", from, to, MinSampleRate, MaxSampleRate)
		}
	}
	if from == to || len(samples) == 0 {
		return samples, nil
	}
	return filters.between(from, to).run(samples), nil
}

// filterShelf keeps filters that were made: phones record at a few rates, and making the table takes as long as using it once. It is
// safe for concurrent use.
type filterShelf struct {
	mu   sync.Mutex
	made map[[2]int]polyphase
}

// maxFilters bounds the shelf, since rates are what strangers write into files; a filter has 250 KB at most. What came first stays.
const maxFilters = 32

var filters = filterShelf{made: map[[2]int]polyphase{}}

// between returns the filter for two rates. Nobody writes into its table.
func (s *filterShelf) between(from, to int) polyphase {
	rates := [2]int{from, to}
	s.mu.Lock()
	f, known := s.made[rates]
	s.mu.Unlock()
	if known {
		return f
	}
	f = newPolyphase(from, to)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.made) < maxFilters {
		s.made[rates] = f
	}
	return f
}

// polyphase is a low-pass filter for rates in the ratio up/down, in lowest terms. Each phase is the filter shifted by a
// fraction of an input sample.
type polyphase struct {
	up, down int
	half     int // taps on each side
	phases   int
	taps     [][]float32 // phases+1 times 2*half; the last is the first, one sample later
}

func newPolyphase(from, to int) polyphase {
	g := gcd(from, to)
	f := polyphase{up: to / g, down: from / g}
	f.phases = min(f.up, maxPhases)
	cutoff := min(1, float64(to)/float64(from)) // of the input's half rate
	f.half = wholeVectors(int(math.Ceil(zeroCrossings / cutoff)))
	table := make([]float32, (f.phases+1)*2*f.half)
	f.taps = make([][]float32, f.phases+1)
	for p := range f.taps {
		f.taps[p], table = table[:2*f.half], table[2*f.half:]
		fillPhase(f.taps[p], float64(p)/float64(f.phases), cutoff*passband)
	}
	return f
}

// wholeVectors rounds up to what processors multiply at once: with both sides, 16 numbers. A few taps more cost less than a rest that
// does not fill a vector.
func wholeVectors(half int) int { return (half + 7) / 8 * 8 }

// fillPhase computes the taps for a moment that lies the fraction shift after the input sample in the middle. They sum
// to 1, so that silence with an offset stays exactly that.
func fillPhase(taps []float32, shift, cutoff float64) {
	half := len(taps) / 2
	values, sum := make([]float64, len(taps)), 0.0
	for i := range values {
		x := float64(i-half+1) - shift
		values[i] = sinc(x*cutoff) * kaiser(x/float64(half))
		sum += values[i]
	}
	for i, v := range values {
		taps[i] = float32(v / sum)
	}
}

// blockSamples is how many samples are converted to what is multiplied at a time: they stay in the processor's cache.
const blockSamples = 2048

// run filters samples, with silence before and after them.
func (f polyphase) run(samples []int16) []int16 {
	out := make([]int16, (len(samples)*f.up+f.down-1)/f.down)
	block, made := make([]float32, blockSamples+2*f.half), make([]float32, blockSamples)
	begin := math.MinInt // of the block, among the samples
	at, phase := 0, 0    // the moment of the output: a sample, and a fraction of up after it
	for piece := range slices.Chunk(out, blockSamples) {
		for i := range piece {
			from := at - f.half + 1 // the first tap belongs half-1 samples before the moment
			if begin == math.MinInt || from+2*f.half > begin+len(block) {
				begin = from
				fill(block, samples, begin)
			}
			made[i] = f.apply(block[from-begin:][:2*f.half], phase)
			for phase += f.down; phase >= f.up; phase -= f.up {
				at++
			}
		}
		f32.Float32ToInt16Scale(piece, made, 1) // what is beyond 16 bits is clipped
	}
	return out
}

// fill writes the samples from the one with the number begin on, and silence where there are none.
func fill(block []float32, samples []int16, begin int) {
	before := min(max(0, -begin), len(block))
	clear(block[:before])
	n := 0
	if from := begin + before; from < len(samples) {
		n = min(len(block)-before, len(samples)-from)
		f32.Int16ToFloat32Scale(block[before:], samples[from:from+n], 1)
	}
	clear(block[before+n:])
}

// apply computes the sample at the phase of up, between the two of the table that are next to it.
func (f polyphase) apply(window []float32, phase int) float32 {
	if f.phases == f.up {
		return f32.DotProduct(window, f.taps[phase])
	}
	exact := float64(phase) * float64(f.phases) / float64(f.up)
	p := int(exact)
	rest := float32(exact - float64(p))
	return f32.DotProduct(window, f.taps[p])*(1-rest) + f32.DotProduct(window, f.taps[p+1])*rest
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is the Kaiser window for x from -1 to 1.
func kaiser(x float64) float64 {
	if math.Abs(x) >= 1 {
		return 0
	}
	return bessel0(kaiserBeta*math.Sqrt(1-x*x)) / bessel0(kaiserBeta)
}

// bessel0 is the modified Bessel function of order 0, by its power series.
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-12; k++ {
		term *= (x / 2 / k) * (x / 2 / k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
