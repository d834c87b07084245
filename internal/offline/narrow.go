package offline

import "math"

// A telephone, or a file of 8 kHz, carries nothing above 4 kHz. The upper bands of such a recording are guessed from the lower ones: it
// is still harder to tell S from F, but the sounds are no longer compared with an upper half of the spectrum that is not there.

const (
	// carried is the frequency that a telephone carries at most.
	carried = 3450.0
	// leastKept is how many bands a narrow recording has at least: those of somebody with the greatest factor (see tract.go).
	leastKept = 15
	// unwarped is how many bands it has by the model's own bands.
	unwarped = 18
	// edge are the bands above them in which there may be a rest.
	edge = 3
	// narrowBelow is how much less power, in dB, the bands above the edge have in a narrow recording. Speech has -25 at least, files of 8 kHz
	// have -44 at most: what rounding to 16 bits leaves.
	narrowBelow = -38
)

// upper guesses the centred logarithm of each of the upper bands from those of all bands below it: linear regressions over 500 recordings of the
// train split of speechocean762, their bands moved to their speakers'. Of normal distributions, what is guessed from guesses is the best guess.
var upper = [filters - leastKept][]float64{
	{-0.014, 0.012, 0.022, 0.029, 0.016, -0.009, 0.024, -0.011, 0.011, -0.012, 0.006, -0.025, 0.194, -0.299, 1.015},
	{-0.006, -0.001, -0.013, 0.015, 0.006, 0.018, -0.016, 0.022, 0.019, -0.022, -0.012, 0.015, -0.038, 0.275, -0.331, 0.990},
	{-0.025, -0.008, -0.020, -0.001, 0.009, 0.007, -0.004, 0.006, 0.046, 0.019, -0.016, -0.024, 0.027, -0.075, 0.324, -0.305, 0.926},
	{-0.038, -0.012, 0.006, 0.017, -0.004, -0.000, 0.010, -0.001, 0.017, 0.029, -0.019, -0.006, -0.007, 0.053, -0.131, 0.320, -0.249, 0.948},
	{-0.028, -0.007, 0.001, 0.026, -0.002, -0.010, -0.014, -0.023, -0.016, -0.008, 0.004, 0.031, 0.030, -0.027, 0.038, -0.132, 0.335, -0.271, 0.974},
	{-0.016, -0.018, 0.003, 0.011, 0.002, -0.030, -0.021, -0.006, -0.000, -0.005, 0.009, 0.018, 0.038, 0.010, -0.047, 0.050, -0.083, 0.266, -0.299, 1.007},
	{0.001, -0.036, -0.031, -0.033, -0.002, -0.003, -0.008, 0.011, 0.000, 0.016, -0.007, 0.004, 0.029, 0.002, -0.008, -0.024, 0.082, -0.079, 0.192, -0.263, 1.023},
	{0.011, -0.016, -0.024, -0.044, -0.035, -0.004, 0.011, 0.007, 0.002, 0.022, -0.007, 0.008, 0.038, 0.007, -0.039, 0.010, -0.043, 0.080, -0.116, 0.278, -0.324, 1.060},
	{-0.008, -0.001, 0.019, -0.013, -0.032, -0.042, 0.016, -0.005, 0.011, 0.010, 0.002, -0.006, 0.023, 0.026, -0.026, -0.011, -0.018, -0.018, 0.051, -0.039, 0.201, -0.256, 1.023},
	{-0.013, -0.004, 0.012, 0.003, -0.014, -0.016, -0.008, 0.003, -0.008, 0.014, -0.008, -0.000, 0.003, 0.002, -0.000, -0.011, -0.017, 0.038, -0.006, 0.052, 0.017, 0.126, -0.199, 0.957},
}

// kept is how many bands a narrow recording has of a speaker with a factor.
func kept(factor float64) (n int) {
	for n < filters && warp(corner(n+2), factor) <= carried {
		n++
	}
	return max(n, leastKept)
}

// guessing is a transform for recordings that have so many bands, and guesses the others. Means need no care: they are taken off all cepstra later.
func guessing(transform *[dimensions]spectrum, used int) (out [dimensions]spectrum) {
	var guess [filters]spectrum // of each band, by those that are there
	for k := range filters {
		if k < used {
			guess[k][k] = 1
			continue
		}
		for below, weight := range upper[k-leastKept] {
			for j := range used {
				guess[k][j] += weight * guess[below][j]
			}
		}
	}
	for i := range out {
		for k, weight := range transform[i] {
			for j := range used {
				out[i][j] += weight * guess[k][j]
			}
		}
	}
	return out
}

// transform is the one for recordings that have so many bands.
func (b *filterBank) transform(used int) *[dimensions]spectrum {
	if used == filters {
		return &b.cosines
	}
	return &b.guessing[used-leastKept]
}

// narrow reports whether a recording has nothing above 4 kHz.
func narrow(bands []spectrum) bool {
	var low, high float64
	for t := range bands {
		low += powerOf(bands[t][:unwarped])
		high += powerOf(bands[t][unwarped+edge:])
	}
	return decibels(high/low) < narrowBelow
}

// powerOf adds the powers of bands.
func powerOf(logs []float64) (sum float64) {
	for _, l := range logs {
		sum += math.Exp(l)
	}
	return sum
}

func decibels(ratio float64) float64 { return 10 * math.Log10(ratio) }
