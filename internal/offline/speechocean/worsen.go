package main

import (
	"math/rand/v2"

	"github.com/englishapp/englishctl/internal/offline/degrade"
)

// babblers are how many speak in the babble.
const babblers = 6

// worsen makes of a recording of the split what it would be with noise, in a room, or through a telephone, so that ears and judges do not learn
// clean recordings by heart. What becomes of each is drawn by its number.
func worsen(samples []int16, split []utterance, at int) ([]int16, error) {
	random := rand.New(rand.NewPCG(uint64(at), 4)) //nolint:gosec // no secret
	seed := random.Uint64()
	switch random.IntN(5) {
	case 0:
		return degrade.Narrow(degrade.Noise(samples, 15+25*random.Float64(), seed)), nil
	case 1:
		return degrade.Telephone(degrade.Noise(samples, 15+25*random.Float64(), seed)), nil
	case 2:
		return degrade.Noise(samples, 8+17*random.Float64(), seed), nil
	case 3:
		return degrade.Room(samples, 0.2+0.5*random.Float64(), 8*random.Float64(), seed), nil
	}
	others, err := voices(split, at)
	return degrade.Babble(samples, others, 10+15*random.Float64(), seed), err
}

// voices are recordings of other speakers of the split.
func voices(split []utterance, at int) (out [][]int16, err error) {
	for k := 1; len(out) < babblers && k < len(split); k++ {
		u := split[(at+k*len(split)/(babblers+1)+k)%len(split)]
		if u.Speaker == split[at].Speaker {
			continue
		}
		voice, err := readWave(u.Path)
		if err != nil {
			return nil, err
		}
		out = append(out, voice)
	}
	return out, nil
}
