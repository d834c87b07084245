package offline

import "math"

// The features that the model was trained with ("feat.params"): cepstra of 25 mel-spaced bands between 130 and 6,800 Hz.
const (
	sampleRate   = 16_000 // Hz
	windowLength = 410    // samples, 25.6 ms
	frameShift   = 160    // samples, 10 ms
	filters      = 25
	lowest       = 130.0  // Hz
	highest      = 6800.0 // Hz
	preEmphasis  = 0.97
	lifter       = 22
	// leastPower keeps the logarithm of digital silence finite. It is far below the noise of 16-bit samples.
	leastPower = 1e-4
	// speechRange is how far below the loudest frame, in units of the zeroth coefficient, a frame still counts for the mean: leading
	// silence does not shift it.
	speechRange = 35
	// contextFrames are the neighbours on one side that the features of a frame are made of.
	contextFrames   = 3
	minFrames       = 2*contextFrames + 2
	framesPerSecond = sampleRate / frameShift
)

// features are what is computed of 10 ms of speech: a stream of cepstra, one of their change, and one of the change of that.
type features [streams][dimensions]float32

// spectrum is the logarithm of the power in each band.
type spectrum [filters]float64

// cepstrum describes the shape of a short spectrum.
type cepstrum [dimensions]float64

// filterBank turns samples into features.
type filterBank struct {
	fourier  *fourier
	window   [windowLength]float64
	bands    bands
	tracts   []tract                                   // see tract.go
	cosines  [dimensions]spectrum                      // the orthonormal cosine transform, liftered
	guessing [filters - leastKept][dimensions]spectrum // the same for narrow recordings, by how many bands they have; see narrow.go
	audible  [filters]float64                          // what makes the power in a band that of the sound: its width, and the high frequencies as they were
}

// triangle is one band over the bins of the spectrum.
type triangle struct {
	start   int
	weights []float64
}

// bands are all of them, from the lowest on.
type bands [filters]triangle

// power is that of a window of sound, by bin.
type power [fftSize/2 + 1]float64

func newFilterBank() *filterBank {
	b := &filterBank{fourier: newFourier()}
	for i := range b.window { // Hamming's
		b.window[i] = 0.54 - 0.46*math.Cos(2*math.Pi*float64(i)/(windowLength-1))
	}
	b.bands, b.tracts = newBands(1), newTracts()
	for i := range b.bands {
		b.audible[i] = b.bands[i].audible()
	}
	for i := range b.cosines {
		scale := math.Sqrt(2.0 / filters)
		if i == 0 {
			scale = math.Sqrt(1.0 / filters)
		}
		lift := 1 + lifter/2*math.Sin(math.Pi*float64(i)/lifter)
		for j := range b.cosines[i] {
			b.cosines[i][j] = scale * lift * math.Cos(math.Pi*float64(i)*(float64(j)+0.5)/filters)
		}
	}
	for i := range b.guessing {
		b.guessing[i] = guessing(&b.cosines, leastKept+i)
	}
	return b
}

// newBands makes the bands for a factor (see tract.go).
func newBands(factor float64) (b bands) {
	for i := range b {
		b[i] = newBand(i, factor)
	}
	return b
}

// newBand makes the i-th triangle, of unit area; its corners are rounded to bins, as Sphinx does.
func newBand(i int, factor float64) triangle {
	const bin = float64(sampleRate) / fftSize
	var at [3]float64
	for j := range at {
		at[j] = math.Floor(warp(corner(i+j), factor)/bin+0.5) * bin
	}
	out := triangle{start: int(at[0] / bin)}
	for k := out.start; float64(k)*bin <= at[2]; k++ {
		f := float64(k) * bin
		rising, falling := (f-at[0])/(at[1]-at[0]), (at[2]-f)/(at[2]-at[1])
		out.weights = append(out.weights, max(0, min(rising, falling))*2/(at[2]-at[0]))
	}
	return out
}

// corner is the frequency at which the i-th band begins, and the one two before it ends.
func corner(i int) float64 {
	low, step := mel(lowest), (mel(highest)-mel(lowest))/(filters+1)
	return hertz(low + float64(i)*step)
}

// audible is the width of the band by the power that the pre-emphasis gives to its middle.
func (b *triangle) audible() float64 {
	middle := 2 * math.Pi * (float64(b.start) + float64(len(b.weights)-1)/2) / fftSize
	return float64(len(b.weights)) / (1 + preEmphasis*preEmphasis - 2*preEmphasis*math.Cos(middle))
}

func mel(hertz float64) float64 { return 2595 * math.Log10(1+hertz/700) }
func hertz(mel float64) float64 { return 700 * (math.Pow(10, mel/2595) - 1) }

// features returns the features of every 10 ms of the samples, and how loud each of them is (the zeroth coefficient before its mean is
// taken off); none where there are too few.
func (b *filterBank) features(samples []int16) ([]features, []float64) {
	bands := b.spectra(samples)
	if len(bands) < minFrames {
		return nil, nil
	}
	return b.describe(bands, filters)
}

// spectra returns the spectrum of every 10 ms of the samples.
func (b *filterBank) spectra(samples []int16) []spectrum { return b.bands.spectra(b.powers(samples)) }

// powers returns the power of every 10 ms of the samples.
func (b *filterBank) powers(samples []int16) []power {
	if len(samples) < windowLength {
		return nil
	}
	out := make([]power, (len(samples)-windowLength)/frameShift+1)
	for t := 0; t < len(out); t += 2 {
		next := min(t+1, len(out)-1)
		var first, second [fftSize]float64
		b.cut(samples, t, &first)
		b.cut(samples, next, &second)
		out[t], out[next] = b.fourier.powers(&first, &second)
	}
	return out
}

// spectra are the logarithms of the power in each band.
func (b *bands) spectra(powers []power) []spectrum {
	out := make([]spectrum, len(powers))
	for t := range powers {
		out[t] = b.spectrum(&powers[t])
	}
	return out
}

// spectrum is the logarithm of the power in each band.
func (b *bands) spectrum(p *power) (logs spectrum) {
	for i := range b {
		sum := leastPower
		for k, w := range b[i].weights {
			sum += w * p[b[i].start+k]
		}
		logs[i] = math.Log(sum)
	}
	return logs
}

// describe turns spectra that have so many bands, from which it takes steady noise off, into features.
func (b *filterBank) describe(bands []spectrum, used int) ([]features, []float64) {
	quieten(bands, used)
	transform := b.transform(used)
	cepstra, loudness := make([]cepstrum, len(bands)), make([]float64, len(bands))
	for t := range cepstra {
		cepstra[t] = bands[t].cepstrum(transform)
		loudness[t] = cepstra[t][0]
	}
	centre(cepstra)
	return withChanges(cepstra), loudness
}

// Bands returns the logarithm of the power in each of the 25 bands between 130 and 6,800 Hz for every 10 ms of samples of 16 kHz, for pictures.
func (m *Model) Bands(samples []int16) (out [][]float64) {
	for _, s := range m.filters.spectra(samples) {
		out = append(out, s[:])
	}
	return out
}

// cut takes the window of a frame out of the samples, with the high frequencies lifted.
func (b *filterBank) cut(samples []int16, frame int, out *[fftSize]float64) {
	start, before := frame*frameShift, 0.0
	if start > 0 {
		before = float64(samples[start-1])
	}
	for i, s := range samples[start : start+windowLength] {
		v := float64(s)
		out[i] = (v - preEmphasis*before) * b.window[i]
		before = v
	}
}

// cepstrum is the transform of a spectrum.
func (s *spectrum) cepstrum(transform *[dimensions]spectrum) (c cepstrum) {
	for i := range c {
		for j, l := range s {
			c[i] += transform[i][j] * l
		}
	}
	return c
}

// centre takes the mean over the louder frames off: with it goes what microphone, room and gain add.
func centre(cepstra []cepstrum) {
	loudest := math.Inf(-1)
	for i := range cepstra {
		loudest = max(loudest, cepstra[i][0])
	}
	var mean cepstrum
	n := 0.0
	for i := range cepstra {
		if cepstra[i][0] < loudest-speechRange {
			continue
		}
		n++
		for k, v := range cepstra[i] {
			mean[k] += v
		}
	}
	for i := range cepstra {
		for k := range mean {
			cepstra[i][k] -= mean[k] / n
		}
	}
}

// withChanges adds the streams of change.
func withChanges(cepstra []cepstrum) []features {
	out := make([]features, len(cepstra))
	for t := range out {
		out[t] = changes(cepstra, t)
	}
	return out
}

// changes are the features of a frame. At the ends the first and last frames stand for those that are not there.
func changes(cepstra []cepstrum, t int) (f features) {
	at := func(t int) *cepstrum { return &cepstra[min(max(t, 0), len(cepstra)-1)] }
	for k := range dimensions {
		f[0][k] = float32(cepstra[t][k])
		f[1][k] = float32(at(t + 2)[k] - at(t - 2)[k])
		f[2][k] = float32((at(t + 3)[k] - at(t - 1)[k]) - (at(t + 1)[k] - at(t - 3)[k]))
	}
	return f
}
