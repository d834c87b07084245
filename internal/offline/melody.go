package offline

import (
	"math"
	"slices"
)

// How high a voice is, is found by comparing 40 ms of it with what comes a period later (normalised cross-correlation), at a quarter of the rate.
const (
	slower       = 4 // samples that become one
	toneWindow   = 40 * sampleRate / 1000 / slower
	toneShift    = frameShift / slower
	highestTone  = 500 // Hz
	lowestTone   = 70
	leastPeriod  = sampleRate / slower / highestTone
	mostPeriod   = sampleRate / slower / lowestTone
	periods      = mostPeriod - leastPeriod + 1
	voicedFrom   = 0.5  // of the correlation: what sounds of a throat reach, and others do not
	nearlyBest   = 0.88 // a shorter period that fits so well is the right one: two of them fit as well
	toneDistance = 0.6  // octaves from a speaker's middle, beyond which it is another multiple of the period
	voicedWithin = 25   // dB below the loud moments
	// leastTonePower keeps silence from being alike: of a sample.
	leastTonePower = 1000
	semitones      = 12 // in an octave
)

// tones returns how high the voice is in each frame, in octaves above 1 Hz, and 0 where there is none.
func tones(samples []int16, frames int) []float32 {
	slow := slowed(samples, (frames-1)*toneShift+toneWindow+mostPeriod)
	fits, power := make([][periods]float32, frames), make([]float64, frames)
	var voiced []float64
	for t := range fits {
		power[t] = correlate(slow[t*toneShift:], &fits[t])
		if at, best := firstPeak(&fits[t]); best > voicedFrom {
			voiced = append(voiced, pitch(&fits[t], at))
		}
	}
	out := make([]float32, frames)
	if len(voiced) == 0 {
		return out
	}
	middle, bar := quantile(voiced, 0.5), quantile(power, 0.95)*math.Pow(10, -voicedWithin/10.0)
	for t := range out {
		if at, best := nearest(&fits[t], middle); best > voicedFrom && power[t] > bar {
			out[t] = float32(pitch(&fits[t], at))
		}
	}
	return out
}

// slowed are means of samples at a quarter of the rate, with silence up to so many.
func slowed(samples []int16, length int) []float64 {
	out := make([]float64, length)
	for i := range out {
		for _, s := range samples[min(i*slower, len(samples)):min((i+2)*slower, len(samples))] {
			out[i] += float64(s) / (2 * slower)
		}
	}
	return out
}

// correlate says how well a window fits what comes each period later, and returns its mean power.
func correlate(from []float64, fits *[periods]float32) float64 {
	var signal [toneWindow + mostPeriod]float64
	mean := 0.0
	for _, v := range from[:len(signal)] {
		mean += v / float64(len(signal))
	}
	for i := range signal {
		signal[i] = from[i] - mean
	}
	window := signal[:toneWindow]
	own := product(window, window)
	for k := range fits {
		later := signal[leastPeriod+k:][:toneWindow]
		fits[k] = float32(product(window, later) / math.Sqrt(own*product(later, later)+leastTonePower*toneWindow))
	}
	return own / toneWindow
}

func product(a, b []float64) (sum float64) {
	b = b[:len(a)]
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// firstPeak is the shortest period that fits nearly as well as the best one.
func firstPeak(fits *[periods]float32) (at int, best float32) {
	best = slices.Max(fits[1 : periods-1])
	for k := 1; k < periods-1; k++ {
		if fits[k] >= nearlyBest*best && fits[k] >= fits[k-1] && fits[k] > fits[k+1] {
			return k, best
		}
	}
	return 1, 0
}

// nearest is the best period around a pitch.
func nearest(fits *[periods]float32, middle float64) (at int, best float32) {
	for k := 1; k < periods-1; k++ {
		if fits[k] > best && math.Abs(octaves(float64(k))-middle) < toneDistance {
			at, best = k, fits[k]
		}
	}
	return at, best
}

// pitch is that of a period between its neighbours: the top of the parabola through all three.
func pitch(fits *[periods]float32, at int) float64 {
	before, here, after := float64(fits[at-1]), float64(fits[at]), float64(fits[at+1])
	offset := 0.0
	if bend := before - 2*here + after; bend < 0 {
		offset = clip((before-after)/bend/2, -0.5, 0.5)
	}
	return octaves(float64(at) + offset)
}

// octaves above 1 Hz of the k-th period.
func octaves(k float64) float64 { return math.Log2(sampleRate / slower / (leastPeriod + k)) }

// quantile is the value that such a share of all is below; there is one at least.
func quantile(of []float64, share float64) float64 {
	return slices.Sorted(slices.Values(of))[int(share*float64(len(of)-1))]
}

// Melody is about how high a voice is while a text is read.
type Melody struct {
	Range  float64 // from the lowest tenth to the highest one, in semitones
	Voiced float64 // share of the time with a voice
	Runs   float64 // of frames with a voice, by sound
}

// melody is about the frames of a reading of so many sounds.
func melody(tones []float32, sounds int) (m Melody) {
	var heights []float64
	for t, v := range tones {
		if v == 0 {
			continue
		}
		heights = append(heights, semitones*float64(v))
		if t == 0 || tones[t-1] == 0 {
			m.Runs += 1 / float64(max(sounds, 1))
		}
	}
	if len(heights) == 0 {
		return m
	}
	m.Range = quantile(heights, 0.9) - quantile(heights, 0.1)
	m.Voiced = float64(len(heights)) / float64(len(tones))
	return m
}
