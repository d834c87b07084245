package offline

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

// noise is a signal that is the same every time.
func noise(n int, amplitude float64) []int16 {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret
	out := make([]int16, n)
	for i := range out {
		out[i] = int16(amplitude * random.NormFloat64())
	}
	return out
}

// TestFourier compares the power spectra of two signals with the definition of the discrete Fourier transform.
func TestFourier(t *testing.T) {
	var a, b, re, im [fftSize]float64
	for i, s := range noise(2*fftSize, 1000) {
		if i < fftSize {
			a[i] = float64(s)
		} else {
			b[i-fftSize] = float64(s)
		}
	}
	re, im = a, b
	first, second := newFourier().powers(&re, &im)
	for _, k := range []int{0, 1, 7, 100, 255, 256} {
		for name, c := range map[string]struct {
			signal *[fftSize]float64
			got    float64
		}{"first": {&a, first[k]}, "second": {&b, second[k]}} {
			var sum complex128
			for i, v := range c.signal {
				sum += complex(v, 0) * cmplx.Exp(complex(0, -2*math.Pi*float64(i*k)/fftSize))
			}
			if want := real(sum)*real(sum) + imag(sum)*imag(sum); math.Abs(c.got-want) > 1e-6*want+1e-3 {
				t.Errorf("%s, %d: %g, want %g", name, k, c.got, want)
			}
		}
	}
}

// TestTriangles: the bands have unit area, in Hz, and follow one another from 130 to 6,800 Hz.
func TestTriangles(t *testing.T) {
	const bin = float64(sampleRate) / fftSize
	b := newFilterBank()
	for i, band := range b.bands {
		area := 0.0
		for _, w := range band.weights {
			area += w * bin
		}
		if area < 0.8 || area > 1.2 {
			t.Errorf("band %d has the area %f", i, area)
		}
		if i > 0 && band.start <= b.bands[i-1].start-1 {
			t.Errorf("band %d begins before the one before it", i)
		}
	}
	end := b.bands[filters-1]
	if low, high := float64(b.bands[0].start)*bin, float64(end.start+len(end.weights)-1)*bin; math.Abs(low-lowest) > bin || math.Abs(high-highest) > bin {
		t.Errorf("the bands are from %f to %f Hz", low, high)
	}
}

// TestCepstrumOfTone: a tone is loudest in the band that it lies in, and silence has the least power.
func TestCepstrumOfTone(t *testing.T) {
	b := newFilterBank()
	tone := make([]int16, 4000)
	for i := range tone {
		tone[i] = int16(8000 * math.Sin(2*math.Pi*1000*float64(i)/sampleRate))
	}
	frames, loudness := b.features(tone)
	if len(frames) != (4000-windowLength)/frameShift+1 || len(loudness) != len(frames) {
		t.Fatalf("%d frames", len(frames))
	}
	middle := frames[len(frames)/2]
	for k := range dimensions {
		if math.Abs(float64(middle[1][k])) > 0.5 {
			t.Errorf("a steady tone changes: %f in dimension %d", middle[1][k], k)
		}
	}
	_, quiet := b.features(make([]int16, 4000))
	if want := math.Sqrt(filters) * math.Log(leastPower); math.Abs(quiet[3]-want) > 1e-9 {
		t.Errorf("silence is %f, want %f", quiet[3], want)
	}
}

// TestGainIsTakenOff: what is ten times as loud has the same features.
func TestGainIsTakenOff(t *testing.T) {
	b := newFilterBank()
	quiet := noise(8000, 300)
	loud := make([]int16, len(quiet))
	for i, s := range quiet {
		loud[i] = 10 * s
	}
	a, _ := b.features(quiet)
	c, _ := b.features(loud)
	for i := range a {
		for s := range streams {
			for k := range dimensions {
				if math.Abs(float64(a[i][s][k]-c[i][s][k])) > 1e-3 {
					t.Fatalf("frame %d, stream %d, dimension %d: %f and %f", i, s, k, a[i][s][k], c[i][s][k])
				}
			}
		}
	}
}

// TestChanges compares the streams of change with their definition, also at the ends.
func TestChanges(t *testing.T) {
	cepstra := make([]cepstrum, 12)
	for i := range cepstra {
		cepstra[i][4] = float64(i * i)
	}
	out := withChanges(cepstra)
	for _, c := range []struct {
		t            int
		first, again float32
	}{
		{5, 49 - 9, (64 - 16) - (36 - 4)}, {0, 4 - 0, (9 - 0) - (1 - 0)}, {11, 121 - 81, (121 - 100) - (121 - 64)},
	} {
		if out[c.t][1][4] != c.first || out[c.t][2][4] != c.again {
			t.Errorf("frame %d: %f, %f", c.t, out[c.t][1][4], out[c.t][2][4])
		}
	}
}

func TestTooFewSamples(t *testing.T) {
	for _, n := range []int{0, 1, windowLength - 1, windowLength + (minFrames-2)*frameShift} {
		if frames, _ := newFilterBank().features(make([]int16, n)); frames != nil {
			t.Errorf("%d samples have %d frames", n, len(frames))
		}
	}
}
