package offline

import (
	"math"
	"slices"
)

// Steady noise (a fan, a road, a cheap microphone) is taken off the spectrum before anything is compared with it: "spectral subtraction"
// (Boll, 1979). Recordings from quiet rooms are left as they are.

const (
	// quietest is the share of a recording's moments that are taken for noise alone, in each band.
	quietest = 0.15
	// subtracted is how much of their mean power is taken off: the quietest moments are quieter than the noise is in the mean.
	subtracted = 1.5
	// residue is the least share of the power that stays: what sinks to nothing is as unlike speech as noise is.
	residue = 0.25
	// Where the bands rise so many dB above their quietest moments, in the mean, nothing is taken off, and all of it where they rise as little as
	// at noisy. White noise 20 dB below the speech leaves 19 dB; speech in a quiet room, 38.
	quiet = 26
	noisy = 20
	// leastRoom is how many moments a recording has in which there are quiet ones: a single word that is cut out may have none.
	leastRoom = 100
	// digital is more than the power in a band of samples that are all the same: silence that a program has made, and no room.
	digital = 10 * leastPower
)

// quieten takes steady noise off the bands. used is how many of them there are in the recording.
func quieten(bands []spectrum, used int) {
	if len(bands) < leastRoom {
		return
	}
	noise, rise := floors(bands, used)
	strength := subtracted * clip((quiet-rise)/(quiet-noisy), 0, 1)
	if strength == 0 {
		return
	}
	for t := range bands {
		for k, l := range bands[t][:used] {
			bands[t][k] += math.Log(max(1-strength*noise[k]/math.Exp(l), residue))
		}
	}
}

// floors returns the power of the quietest moments by band, and how far, in dB, the louder half of the moments is above it in the mean.
func floors(bands []spectrum, used int) (noise [filters]float64, rise float64) {
	powers := make([]float64, 0, len(bands))
	for k := range used {
		powers = powers[:0]
		for t := range bands {
			powers = append(powers, math.Exp(bands[t][k]))
		}
		low, high := ends(powers, digital)
		noise[k] = low
		rise += decibels(high/low) / float64(used)
	}
	return noise, rise
}

// ends are the mean powers of the quietest moments and of the louder half. What programs have made silent counts for neither.
func ends(powers []float64, silent float64) (low, high float64) {
	slices.Sort(powers)
	at, _ := slices.BinarySearch(powers, silent)
	if powers = powers[at:]; len(powers) == 0 {
		return silent, silent
	}
	return mean(powers[:max(int(quietest*float64(len(powers))), 1)]), mean(powers[len(powers)/2:])
}

func mean(v []float64) (m float64) {
	for _, x := range v {
		m += x / float64(len(v))
	}
	return m
}

// clearness is how much louder, in dB, the louder half of the moments is than the quietest ones, in all bands together: about the ratio of
// speech to steady noise, a little more than that to voices. audible weighs the bands' powers.
func clearness(bands []spectrum, audible *[filters]float64) float64 {
	powers, silent := make([]float64, len(bands)), 0.0
	for k, weight := range audible {
		silent += weight * digital
		for t := range bands {
			powers[t] += weight * math.Exp(bands[t][k])
		}
	}
	low, high := ends(powers, silent)
	return decibels(high / low)
}
