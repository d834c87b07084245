package offline

import (
	"math"
	"slices"
)

// The shorter somebody's vocal tract is, the higher are all resonances of the voice: a child's by a fifth to a third above a man's. The model's
// speakers were adults. So the bands are moved to where the resonances are ("vocal tract length normalisation"; Lee and Rose, "A frequency warping
// approach to speaker normalization", IEEE Transactions on Speech and Audio Processing 6, 1998): what a man has at f, somebody else has at the
// factor times f. The factor is the one with which the loud moments sound most like any sounds of the model. The text has no part in it.

const (
	// Factors are tried from that of a tall man to that of a child.
	leastFactor, mostFactor, factorStep = 0.85, 1.25, 0.1
	// bend is the share of the bands' range in which frequencies are multiplied. The rest is stretched or pressed together, so that the end stays
	// where it is: recordings may have nothing above it.
	bend = 0.85
	// heeded is how many moments are compared at most: more of them change little, but take longer.
	heeded = 60
	// loudRange is how far below the loudest of them, in units of the zeroth coefficient, they are at most: 13 dB.
	loudRange = 15
	// trust is what the mean logarithm of the likelihood of a moment is multiplied with. With more, the best factor alone would count: it differs
	// twice as much among the recordings of one speaker.
	trust = 2
	// smooth is how much more like sounds of the model a moment is in the mean for each band that is guessed: guesses have less chance in them.
	smooth = 1.0
)

// tract are the bands for those whose resonances are higher by a factor.
type tract struct {
	factor float64
	bands  bands
	kept   int // how many of them a narrow recording has
}

// newTracts makes the bands for the factors that are tried.
func newTracts() (out []tract) {
	for factor := leastFactor; factor < mostFactor+factorStep/2; factor += factorStep {
		out = append(out, newTract(factor))
	}
	return out
}

func newTract(factor float64) tract { return tract{factor, newBands(factor), kept(factor)} }

// used is how many bands a recording has.
func (t *tract) used(narrow bool) int {
	if narrow {
		return t.kept
	}
	return filters
}

// warp is where somebody else has what the model's speakers have at a frequency.
func warp(frequency, factor float64) float64 {
	corner := bend * highest / max(factor, 1)
	if frequency <= corner {
		return factor * frequency
	}
	return highest - (highest-frequency)*(highest-factor*corner)/(highest-corner)
}

// factor is the speaker's: the mean of those that are tried, by how likely each of them is. powers are those of a recording, plain its spectra.
func (m *Model) factor(powers []power, plain []spectrum, narrow bool) float64 {
	at := m.filters.loudest(plain)
	fits := make([]float64, len(m.filters.tracts))
	for i := range fits {
		tract := &m.filters.tracts[i]
		used, bands := tract.used(narrow), tract.bands.spectra(powers)
		quieten(bands, used)
		fits[i] = trust * (m.likeness(m.filters.moments(bands, at, used)) - smooth*float64(filters-used))
	}
	best := slices.Max(fits)
	sum, total := 0.0, 0.0
	for i, fit := range fits {
		weight := math.Exp(fit - best)
		sum += weight * m.filters.tracts[i].factor
		total += weight
	}
	return sum / total
}

// loudest are some of the loud frames, evenly spread over them.
func (b *filterBank) loudest(bands []spectrum) (at []int) {
	loudness := make([]float64, len(bands))
	for t := range bands {
		loudness[t] = bands[t].cepstrum(&b.cosines)[0]
	}
	bar := slices.Max(loudness) - loudRange
	for t, l := range loudness {
		if l >= bar {
			at = append(at, t)
		}
	}
	every := (len(at) + heeded - 1) / heeded
	for i := range (len(at) + every - 1) / every {
		at[i] = at[i*every]
	}
	return at[:(len(at)+every-1)/every]
}

// moments are the features of some frames of spectra of which so many bands are there.
func (b *filterBank) moments(bands []spectrum, at []int, used int) []features {
	out, transform := make([]features, len(at)), b.transform(used)
	var mean cepstrum
	for i, t := range at {
		var near [2*contextFrames + 1]cepstrum
		for k := range near {
			near[k] = bands[min(max(t+k-contextFrames, 0), len(bands)-1)].cepstrum(transform)
		}
		out[i] = changes(near[:], contextFrames)
		for d, v := range near[contextFrames] {
			mean[d] += v / float64(len(at))
		}
	}
	for i := range out {
		for d, v := range mean {
			out[i][0][d] -= float32(v)
		}
	}
	return out
}

// likeness is how much some frames are like the sounds of the model that are most like each of them: the mean of the logarithms of their likelihoods.
func (m *Model) likeness(frames []features) (mean float64) {
	best := slices.Repeat([]float32{impossible}, len(frames))
	var values [densities]float32
	for p := range m.books {
		if m.fillers[p] {
			continue
		}
		for t := range frames {
			sum := float32(0)
			for s := range streams {
				m.books[p][s].densities(&frames[t][s], &values)
				sum += highestOf(&values)
			}
			best[t] = max(best[t], sum)
		}
	}
	for _, v := range best {
		mean += float64(v) / float64(len(best))
	}
	return mean
}

// highestOf is what slices.Max is, in a quarter of the time: that looks for what is no number.
func highestOf(values *[densities]float32) float32 {
	top := impossible
	for _, v := range values {
		if v > top {
			top = v
		}
	}
	return top
}
