package main

import (
	"math"
	"math/rand/v2"

	"github.com/englishapp/englishctl/internal/offline"
)

// worsen makes of a spectrum what it would about be with noise, in a room, or through a telephone, so that ears do not learn clean recordings
// by heart. It works on the power in the bands: what waves would do to one another there is left out.
func worsen(s offline.Spectrum, random *rand.Rand) offline.Spectrum {
	out := make(offline.Spectrum, len(s))
	copy(out, s)
	switch random.IntN(4) {
	case 0, 1:
		noisy(out, 5+20*random.Float64(), random)
	case 2:
		echo(out, 0.2+0.5*random.Float64(), 8*random.Float64())
	case 3:
		narrow(out)
		noisy(out, 15+15*random.Float64(), random)
	}
	return out
}

// noisy adds steady noise, so many dB below the mean power; its own spectrum is a slope and a bit of chance.
func noisy(s offline.Spectrum, snr float64, random *rand.Rand) {
	power, n := 0.0, 0.0
	for t := range s {
		for _, v := range s[t] {
			power += math.Exp(float64(v))
			n++
		}
	}
	level := math.Log(power/max(n, 1)) - snr*math.Ln10/10
	slope := random.NormFloat64() * 0.05
	for t := range s {
		for b, v := range s[t] {
			middle := float64(b) - float64(len(s[t])-1)/2
			noise := level + slope*middle + 0.4*random.NormFloat64() // a band's power fluctuates
			s[t][b] = float32(math.Log(math.Exp(float64(v)) + math.Exp(noise)))
		}
	}
}

// echo adds a decay of 60 dB in so many seconds, whose power is so many dB below the direct sound.
func echo(s offline.Spectrum, rt60, below float64) {
	decay := math.Pow(10, -6*0.01/rt60)
	share := (1 - decay) * math.Pow(10, -below/10)
	var tail [len(s[0])]float64
	for t := range s {
		for b, v := range s[t] {
			direct := math.Exp(float64(v))
			s[t][b] = float32(math.Log(direct + tail[b]))
			tail[b] = decay * (tail[b] + share*direct)
		}
	}
}

// narrow takes away what a telephone does not carry: what is above 3,400 Hz.
func narrow(s offline.Spectrum) {
	const carried, loss = 18, 12 // bands; in units of the logarithm, 52 dB
	for t := range s {
		for b := carried; b < len(s[t]); b++ {
			s[t][b] = max(s[t][b]-loss, 0)
		}
	}
}
