package offline

import (
	"math"
	"testing"

	"github.com/englishapp/englishctl/internal/offline/degrade"
	"github.com/englishapp/englishctl/internal/testenv"
)

// TestWarp: frequencies are multiplied as far as the bend, and their order and the end of the bands stay.
func TestWarp(t *testing.T) {
	for _, factor := range []float64{leastFactor, 1, mostFactor} {
		if got := warp(1000, factor); got != 1000*factor {
			t.Errorf("%g: 1,000 Hz are %g Hz", factor, got)
		}
		if got := warp(highest, factor); got != highest {
			t.Errorf("%g: the end is at %g Hz", factor, got)
		}
		before := 0.0
		for f := 10.0; f <= highest; f += 10 {
			now := warp(f, factor)
			if step := now - before; step <= 0 || step > 25 {
				t.Errorf("%g: from %g Hz on it is %g Hz further", factor, f-10, step)
			}
			before = now
		}
	}
}

// TestBandsMove: with a factor, a tone is loudest in the band in which one that is lower by the factor is otherwise.
func TestBandsMove(t *testing.T) {
	b := newFilterBank()
	loudest := func(hertz float64, with *bands) (band int) {
		tone := make([]int16, windowLength)
		for i := range tone {
			tone[i] = int16(8000 * math.Sin(2*math.Pi*hertz*float64(i)/sampleRate))
		}
		logs := with.spectra(b.powers(tone))[0]
		for i, l := range logs {
			if l > logs[band] {
				band = i
			}
		}
		return band
	}
	if len(b.tracts) != 5 {
		t.Errorf("%d factors are tried", len(b.tracts))
	}
	for i := range b.tracts {
		tract := &b.tracts[i]
		for _, band := range []int{5, 10, 15} {
			f := float64(b.bands[band].start+len(b.bands[band].weights)/2) * sampleRate / fftSize // about its middle
			if got := loudest(f*tract.factor, &tract.bands); got != band {
				t.Errorf("%g: %g Hz are in band %d, want %d", tract.factor, f*tract.factor, got, band)
			}
		}
	}
}

// raised is a recording that is played faster: all resonances are higher by the factor.
func raised(samples []int16, factor float64) []int16 {
	out := make([]int16, int(float64(len(samples)-1)/factor))
	for i := range out {
		at := float64(i) * factor
		k := int(at)
		share := at - float64(k)
		out[i] = int16(math.Round((1-share)*float64(samples[k]) + share*float64(samples[k+1])))
	}
	return out
}

// factorOf is the factor of a recording.
func factorOf(t *testing.T, samples []int16) float64 {
	t.Helper()
	h, err := testModel(t).Listen(t.Context(), samples)
	if err != nil {
		t.Fatal(err)
	}
	return h.factor
}

// TestFactorIsFound: whose resonances are raised or lowered has another factor by as much. Gain hardly changes it, silence before the speech does not, and it is the same each time.
func TestFactorIsFound(t *testing.T) {
	for _, r := range recordings {
		samples := testenv.Recording(t, r.file)
		own := factorOf(t, samples)
		for name, c := range map[string]struct {
			samples     []int16
			want, apart float64
		}{
			"again":         {samples, own, 0},
			"after silence": {append(make([]int16, 50*frameShift), samples...), own, 1e-9},
			"quieter":       {degrade.Gain(samples, -20), own, factorStep},
			"raised by 1.1": {raised(samples, 1.1), own * 1.1, factorStep},
			"raised by 1.2": {raised(samples, 1.2), own * 1.2, factorStep},
		} {
			want := min(max(c.want, leastFactor), mostFactor)
			if got := factorOf(t, c.samples); math.Abs(got-want) > c.apart {
				t.Errorf("%s, %s: the factor is %.3f, want %.3f ± %.3f", r.file, name, got, want, c.apart)
			}
		}
		if testenv.RaceDetector {
			break // nothing is shared
		}
	}
}

// TestFactorOfTelephones: what a telephone carries is enough to find about the same factor.
func TestFactorOfTelephones(t *testing.T) {
	for _, r := range recordings[:3] {
		for _, by := range []float64{1, 1.15} {
			samples := raised(testenv.Recording(t, r.file), by)
			whole := factorOf(t, samples)
			for name, narrow := range map[string][]int16{"8 kHz": degrade.Narrow(samples), "telephone": degrade.Telephone(samples)} {
				if got := factorOf(t, narrow); math.Abs(got-whole) > factorStep {
					t.Errorf("%s, raised by %g, %s: the factor is %.3f, of the whole band %.3f", r.file, by, name, got, whole)
				}
			}
		}
		if testenv.RaceDetector {
			break // nothing is shared
		}
	}
}

// TestNoiseHasNoFactor: steady noise, most of which is taken off, moves the factor little.
func TestNoiseHasNoFactor(t *testing.T) {
	for _, r := range recordings[:3] {
		samples := testenv.Recording(t, r.file)
		if own, noisy := factorOf(t, samples), factorOf(t, degrade.Noise(samples, 25, 1)); math.Abs(own-noisy) > factorStep/2 {
			t.Errorf("%s: the factor is %.3f, with noise %.3f", r.file, own, noisy)
		}
	}
}

// BenchmarkFactor is what finding the factor takes of BenchmarkFiveSeconds.
func BenchmarkFactor(b *testing.B) {
	m := testModel(b)
	powers := m.filters.powers(testenv.Recording(b, "librivox/sense_and_sensibility_01_austen_64kb-0890.wav")[:5*sampleRate])
	plain := m.filters.bands.spectra(powers)
	for b.Loop() {
		m.factor(powers, plain, false)
	}
}
