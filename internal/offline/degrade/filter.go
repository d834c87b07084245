package degrade

import (
	"math"
	"slices"
)

// taps of the filters on each side: their slopes are about 300 Hz wide.
const taps = 128

// lowPass is a windowed sinc with half the amplitude at cut, in Hz.
func lowPass(cut float64) []float64 {
	out := make([]float64, 2*taps+1)
	for i := range out {
		x := float64(i - taps)
		window := 0.42 + 0.5*math.Cos(math.Pi*x/taps) + 0.08*math.Cos(2*math.Pi*x/taps) // Blackman's
		out[i] = 2 * cut / Rate * window
		if x != 0 {
			out[i] = math.Sin(2*math.Pi*cut/Rate*x) / (math.Pi * x) * window
		}
	}
	return out
}

// filtered convolves without delay.
func filtered(samples []int16, with []float64) []float64 {
	out := make([]float64, len(samples))
	for i := range out {
		for k, w := range with {
			if j := i + k - taps; j >= 0 && j < len(samples) {
				out[i] += w * float64(samples[j])
			}
		}
	}
	return out
}

// muLaw is what is left of a sample after ITU-T G.711: five bits of it.
func muLaw(s int16) int16 {
	const bias, most = 132, 32635
	sign, v := 1, int(s)
	if v < 0 {
		sign, v = -1, -v
	}
	v = min(v, most) + bias
	shift := 0
	for v>>shift >= 32 {
		shift++
	}
	v = v>>shift<<shift + 1<<shift/2 - bias // the middle of its step
	return int16(sign * v)
}

// upperMean is the mean of the upper half of some numbers.
func upperMean(v []float64) float64 {
	sorted := slices.Sorted(slices.Values(v))
	upper := sorted[len(sorted)/2:]
	sum := 0.0
	for _, x := range upper {
		sum += x / float64(len(upper))
	}
	return sum
}
