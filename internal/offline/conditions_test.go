package offline

import (
	"errors"
	"math"
	"testing"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/offline/degrade"
	"github.com/englishapp/englishctl/internal/pronunciation"
	"github.com/englishapp/englishctl/internal/testenv"
)

// codeOf is the code of the refusal of an utterance, and its overall mark where there is none.
func codeOf(t *testing.T, samples []int16, text string) (code string, marks Marks) {
	t.Helper()
	marks, err := testModel(t).assess(t.Context(), pronunciation.Utterance{Samples: samples, Text: text})
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Code, marks
	}
	if err != nil {
		t.Fatal(err)
	}
	return "", marks
}

// TestBadConditions: people who are heard badly are told apart from those who read something else as others are, and lose few marks.
func TestBadConditions(t *testing.T) {
	others := [][]int16{
		testenv.Recording(t, "something.raw"), testenv.Recording(t, "librivox/sense_and_sensibility_01_austen_64kb-0930.wav"),
		testenv.Recording(t, "librivox/sense_and_sensibility_01_austen_64kb-0890.wav"),
	}
	spoken := []string{recordings[0].text, recordings[2].text}
	for i, file := range []string{recordings[0].file, recordings[2].file} {
		clean := testenv.Recording(t, file)
		_, best := codeOf(t, clean, spoken[i])
		for name, c := range map[string]struct {
			worse func() []int16
			lost  float64 // marks, at most
		}{
			"8 kHz":              {func() []int16 { return degrade.Narrow(clean) }, 5},
			"telephone":          {func() []int16 { return degrade.Telephone(clean) }, 5},
			"a room":             {func() []int16 { return degrade.Room(clean, 0.3, 3, 1) }, 8},
			"white noise, 15 dB": {func() []int16 { return degrade.Noise(clean, 15, 1) }, 8},
			"babble, 15 dB":      {func() []int16 { return degrade.Babble(clean, others, 15, 1) }, 10},
			"far too loud":       {func() []int16 { return degrade.Gain(clean, 12) }, 10},
		} {
			if testenv.RaceDetector && (i > 0 || name != "telephone") {
				continue // nothing is shared; see there
			}
			samples := c.worse()
			code, got := codeOf(t, samples, spoken[i])
			if d := math.Abs(got.Overall - best.Overall); code != "" || d > c.lost || got.Completeness != 100 {
				t.Errorf("%s, %s: %q, %f marks lost, %f said", file, name, code, d, got.Completeness)
			}
			if code, _ := codeOf(t, samples, spoken[1-i]); code == "" {
				t.Errorf("%s, %s: another text has marks", file, name)
			}
		}
		if code, _ := codeOf(t, degrade.Noise(clean, 3, 1), spoken[i]); code != "audio_noisy" {
			t.Errorf("%s as loud as noise: %q", file, code)
		}
	}
}

// TestNoiseIsTheReason: who may not be understood for the noise is not told to have read something else.
func TestNoiseIsTheReason(t *testing.T) {
	samples := degrade.Noise(testenv.Recording(t, "goforward.raw"), 10, 1)
	if code, _ := codeOf(t, samples, "my brother plays tennis on saturday"); code != "audio_noisy" {
		t.Errorf("%q", code)
	}
}

// TestClearness: it is about the ratio of speech to noise, whatever the level, and what programs have made silent is not a quiet room.
func TestClearness(t *testing.T) {
	b := newFilterBank()
	clean := testenv.Recording(t, "librivox/sense_and_sensibility_01_austen_64kb-0880.wav")
	measured := func(samples []int16) float64 { return clearness(b.spectra(samples), &b.audible) }
	for _, c := range []struct {
		samples   []int16
		low, high float64
	}{
		{clean, 20, 80}, {degrade.Gain(clean, -20), 20, 80}, {degrade.Noise(clean, 10, 1), 9.5, 13}, {degrade.Noise(clean, 5, 1), 5.5, 9},
		{append(make([]int16, sampleRate), degrade.Noise(clean, 5, 1)...), 5.5, 10}, {make([]int16, sampleRate), -0.1, 0.1}, {noise(sampleRate, 1000), 0, 5},
	} {
		if got := measured(c.samples); got < c.low || got > c.high {
			t.Errorf("%f, want %f to %f", got, c.low, c.high)
		}
	}
}

// TestQuieten: in a quiet room nothing changes; steady noise becomes softer, and speech stays.
func TestQuieten(t *testing.T) {
	b := newFilterBank()
	clean := testenv.Recording(t, "librivox/sense_and_sensibility_01_austen_64kb-0880.wav")
	quiet, same := b.spectra(clean), b.spectra(clean)
	if quieten(same, filters); same[40] != quiet[40] || same[0] != quiet[0] {
		t.Error("a clean recording has changed")
	}
	noisy, better := b.spectra(degrade.Noise(clean, 10, 1)), b.spectra(degrade.Noise(clean, 10, 1))
	quieten(better, filters)
	before, after := 0.0, 0.0 // distance to the clean one, where that has speech
	for at := range quiet {
		for k, l := range quiet[at] {
			if better[at][k] > noisy[at][k] || better[at][k] < noisy[at][k]+math.Log(residue)-1e-9 {
				t.Fatalf("frame %d, band %d: %f of %f", at, k, better[at][k], noisy[at][k])
			}
			if l > 12 {
				before += math.Abs(noisy[at][k] - l)
				after += math.Abs(better[at][k] - l)
			}
		}
	}
	if before == 0 || after > 0.9*before {
		t.Errorf("the distance to the clean recording was %f, and is %f", before, after)
	}
}

// TestNarrow: what has no upper half is noticed, and what has one is not.
func TestNarrow(t *testing.T) {
	b := newFilterBank()
	for _, rec := range recordings[:2] {
		full := testenv.Recording(t, rec.file)[:sampleRate]
		if narrow(b.spectra(full)) || narrow(b.spectra(degrade.Room(full, 0.5, 3, 1))) {
			t.Errorf("%s is narrow", rec.file)
		}
		if !narrow(b.spectra(degrade.Narrow(full))) || !narrow(b.spectra(degrade.Telephone(full))) || !narrow(b.spectra(degrade.Gain(degrade.Narrow(full), -20))) {
			t.Errorf("%s through a telephone is not narrow", rec.file)
		}
	}
	if narrow(b.spectra(make([]int16, sampleRate))) {
		t.Error("silence is narrow")
	}
}

// TestKept: the higher somebody's resonances are, the fewer of the bands a telephone carries.
func TestKept(t *testing.T) {
	before := filters
	for factor := leastFactor; factor <= mostFactor; factor += factorStep / 2 {
		tract := newTract(factor)
		if n := tract.used(true); n > before || n < leastKept || tract.used(false) != filters {
			t.Errorf("%g: %d bands, %d before", factor, n, before)
		}
		last := &tract.bands[tract.kept-1]
		if top := float64(last.start+len(last.weights)-1) * sampleRate / fftSize; top > carried+sampleRate/fftSize {
			t.Errorf("%g: the last band ends at %g Hz", factor, top)
		}
		before = tract.kept
	}
}

// TestUpperBandsAreGuessed: the guess is nearer to what recordings had there than nothing is, and what is there stays as it is.
func TestUpperBandsAreGuessed(t *testing.T) {
	b := newFilterBank()
	for used := leastKept; used < filters; used++ {
		whole, guess := b.cosines, guessing(&b.cosines, used)
		for i := range guess {
			if guess[i][filters-1] != 0 || guess[i] == whole[i] {
				t.Fatalf("%d bands, coefficient %d: %v", used, i, guess[i])
			}
		}
	}
	cepstra := func(bands []spectrum, transform *[dimensions]spectrum) []cepstrum {
		out := make([]cepstrum, len(bands))
		for t := range bands {
			out[t] = bands[t].cepstrum(transform)
		}
		centre(out)
		return out
	}
	plain, guessed := 0.0, 0.0
	for _, rec := range recordings {
		full := testenv.Recording(t, rec.file)
		half := b.spectra(degrade.Narrow(full))
		want, without, with := cepstra(b.spectra(full), &b.cosines), cepstra(half, &b.cosines), cepstra(half, b.transform(unwarped))
		for t := range want {
			for k := 1; k < dimensions; k++ {
				plain += (without[t][k] - want[t][k]) * (without[t][k] - want[t][k])
				guessed += (with[t][k] - want[t][k]) * (with[t][k] - want[t][k])
			}
		}
	}
	if guessed > 0.9*plain {
		t.Errorf("the squared distance is %f with the guess, %f without", guessed, plain)
	}
}
