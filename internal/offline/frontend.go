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

// cepstrum describes the shape of a short spectrum.
type cepstrum [dimensions]float64

// filterBank turns samples into features.
type filterBank struct {
	fourier *fourier
	window  [windowLength]float64
	bands   [filters]triangle
	cosines [dimensions][filters]float64 // of the orthonormal cosine transform, liftered
}

// triangle is one band over the bins of the spectrum.
type triangle struct {
	start   int
	weights []float64
}

func newFilterBank() *filterBank {
	b := &filterBank{fourier: newFourier()}
	for i := range b.window { // Hamming's
		b.window[i] = 0.54 - 0.46*math.Cos(2*math.Pi*float64(i)/(windowLength-1))
	}
	for i := range b.bands {
		b.bands[i] = newBand(i)
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
	return b
}

// newBand makes the i-th triangle, of unit area; its corners are rounded to bins, as Sphinx does.
func newBand(i int) triangle {
	const bin = float64(sampleRate) / fftSize
	low, step := mel(lowest), (mel(highest)-mel(lowest))/(filters+1)
	var corner [3]float64
	for j := range corner {
		corner[j] = math.Floor(hertz(low+float64(i+j)*step)/bin+0.5) * bin
	}
	out := triangle{start: int(corner[0] / bin)}
	for k := out.start; float64(k)*bin <= corner[2]; k++ {
		f := float64(k) * bin
		rising, falling := (f-corner[0])/(corner[1]-corner[0]), (corner[2]-f)/(corner[2]-corner[1])
		out.weights = append(out.weights, max(0, min(rising, falling))*2/(corner[2]-corner[0]))
	}
	return out
}

func mel(hertz float64) float64 { return 2595 * math.Log10(1+hertz/700) }
func hertz(mel float64) float64 { return 700 * (math.Pow(10, mel/2595) - 1) }

// features returns the features of every 10 ms of the samples, and how loud each of them is (the zeroth coefficient before its mean is
// taken off); none where there are too few.
func (b *filterBank) features(samples []int16) ([]features, []float64) {
	frames := (len(samples)-windowLength)/frameShift + 1
	if len(samples) < windowLength || frames < minFrames {
		return nil, nil
	}
	cepstra := make([]cepstrum, frames)
	for t := 0; t < frames; t += 2 {
		pair := [2]int{t, min(t+1, frames-1)}
		var signal [2][fftSize]float64
		for i, frame := range pair {
			b.cut(samples, frame, &signal[i])
		}
		first, second := b.fourier.powers(&signal[0], &signal[1])
		cepstra[pair[0]] = b.cepstrum(&first)
		cepstra[pair[1]] = b.cepstrum(&second)
	}
	loudness := make([]float64, frames)
	for t := range cepstra {
		loudness[t] = cepstra[t][0]
	}
	centre(cepstra)
	return withChanges(cepstra), loudness
}

// Bands returns the logarithm of the power in each of the 25 bands between 130 and 6,800 Hz for every 10 ms of samples of 16 kHz, for pictures.
func (m *Model) Bands(samples []int16) (out [][]float64) {
	for t := range max((len(samples)-windowLength)/frameShift+1, 0) {
		var signal, nothing [fftSize]float64
		m.filters.cut(samples, t, &signal)
		power, _ := m.filters.fourier.powers(&signal, &nothing)
		logs := m.filters.logarithms(&power)
		out = append(out, logs[:])
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

// logarithms are those of the power in each band.
func (b *filterBank) logarithms(power *[fftSize/2 + 1]float64) (logs [filters]float64) {
	for i := range b.bands {
		sum := leastPower
		for k, w := range b.bands[i].weights {
			sum += w * power[b.bands[i].start+k]
		}
		logs[i] = math.Log(sum)
	}
	return logs
}

func (b *filterBank) cepstrum(power *[fftSize/2 + 1]float64) (c cepstrum) {
	logs := b.logarithms(power)
	for i := range c {
		for j, l := range logs {
			c[i] += b.cosines[i][j] * l
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

// withChanges adds the streams of change. At the ends the first and last frames stand for those that are not there.
func withChanges(cepstra []cepstrum) []features {
	at := func(t int) *cepstrum { return &cepstra[min(max(t, 0), len(cepstra)-1)] }
	out := make([]features, len(cepstra))
	for t := range out {
		for k := range dimensions {
			out[t][0][k] = float32(cepstra[t][k])
			out[t][1][k] = float32(at(t + 2)[k] - at(t - 2)[k])
			out[t][2][k] = float32((at(t + 3)[k] - at(t - 1)[k]) - (at(t + 1)[k] - at(t - 3)[k]))
		}
	}
	return out
}
