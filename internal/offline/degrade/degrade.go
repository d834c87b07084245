// Package degrade makes recordings of 16 kHz worse, as rooms, telephones and other people do, for tests and measurements of the offline
// marks. Everything is computed in memory, and twice the same is the same.
package degrade

import (
	"math"
	"math/rand/v2"
)

// Rate is that of all samples, in Hz.
const Rate = 16_000

// Noise adds white noise, so much softer than the speech: snr is in dB of the mean powers, speech being what Level says.
func Noise(samples []int16, snr float64, seed uint64) []int16 {
	random := source(seed)
	noise := make([]float64, len(samples))
	for i := range noise {
		noise[i] = random.NormFloat64()
	}
	return add(samples, noise, snr)
}

// Babble adds the voices of others, all at once and equally loud, each from a random moment on and repeated as often as it takes. snr is
// in dB, as for Noise.
func Babble(samples []int16, voices [][]int16, snr float64, seed uint64) []int16 {
	random := source(seed)
	sum := make([]float64, len(samples))
	for _, voice := range voices {
		if len(voice) == 0 {
			continue
		}
		gain, at := 1/max(Level(voice), 1), random.IntN(len(voice))
		for i := range sum {
			sum[i] += gain * float64(voice[(at+i)%len(voice)])
		}
	}
	return add(samples, sum, snr)
}

// Room lets the samples sound in a room: behind the direct sound comes a tail of echoes that loses 60 dB in rt60 seconds and has, in all,
// direct dB less power than the direct sound. The echoes are velvet noise, single pulses at random moments, which sounds as smooth
// as a diffuse room (Välimäki and others, "Late reverberation synthesis using filtered velvet noise", 2013).
func Room(samples []int16, rt60, direct float64, seed uint64) []int16 {
	const (
		density = 2000 // pulses a second
		first   = Rate / 200
	)
	type echo struct {
		at   int
		gain float64
	}
	random, step := source(seed), Rate/density
	var tail []echo
	power := 0.0
	for at := first; at < int(rt60*Rate); at += step {
		gain := math.Exp(-3 * math.Ln10 * float64(at) / (rt60 * Rate))
		if random.IntN(2) == 0 {
			gain = -gain
		}
		tail = append(tail, echo{at + random.IntN(step), gain})
		power += gain * gain
	}
	scale := math.Pow(10, -direct/20) / math.Sqrt(max(power, 1e-9))
	out := make([]float64, len(samples))
	for i, s := range samples {
		out[i] += float64(s)
		for _, e := range tail {
			if i+e.at < len(out) {
				out[i+e.at] += scale * e.gain * float64(s)
			}
		}
	}
	return rounded(out, 1)
}

// Narrow leaves what a recording of 8 kHz has: nothing above 4 kHz, and little above 3.6.
func Narrow(samples []int16) []int16 { return rounded(filtered(samples, lowPass(3600)), 1) }

// Telephone leaves what a telephone line does: 300 to 3,400 Hz, in the 256 steps of µ-law.
func Telephone(samples []int16) []int16 {
	low, high := lowPass(3400), lowPass(300)
	band := make([]float64, len(low))
	for i := range band {
		band[i] = low[i] - high[i]
	}
	out := rounded(filtered(samples, band), 1)
	for i, s := range out {
		out[i] = muLaw(s)
	}
	return Narrow(out) // as at the other end of the line
}

// Gain makes the samples louder by so many dB, and cuts off what is then too loud.
func Gain(samples []int16, dB float64) []int16 {
	out := make([]float64, len(samples))
	for i, s := range samples {
		out[i] = float64(s)
	}
	return rounded(out, math.Pow(10, dB/20))
}

// Level is the root of the mean square of the louder half of the samples' frames: of the speech, not of the silence around it.
func Level(samples []int16) float64 {
	const frame = Rate / 100
	var powers []float64
	for from := 0; from+frame <= len(samples); from += frame {
		sum := 0.0
		for _, s := range samples[from : from+frame] {
			sum += float64(s) * float64(s)
		}
		powers = append(powers, sum/frame)
	}
	return math.Sqrt(upperMean(powers))
}

// add adds noise that is scaled to be snr dB below the speech.
func add(samples []int16, noise []float64, snr float64) []int16 {
	power := 0.0
	for _, v := range noise {
		power += v * v / float64(len(noise))
	}
	scale := Level(samples) * math.Pow(10, -snr/20) / math.Sqrt(max(power, 1e-9))
	out := make([]float64, len(samples))
	for i, s := range samples {
		out[i] = float64(s) + scale*noise[i]
	}
	return rounded(out, 1)
}

func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 762)) } //nolint:gosec // no secret

// rounded brings numbers back to 16 bits.
func rounded(v []float64, gain float64) []int16 {
	out := make([]int16, len(v))
	for i, x := range v {
		out[i] = int16(math.Round(min(max(gain*x, math.MinInt16), math.MaxInt16)))
	}
	return out
}
