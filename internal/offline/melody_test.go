package offline

import (
	"math"
	"math/rand/v2"
	"testing"
)

// hum is a voice: ten overtones of a pitch that may change, in Hz, for so many seconds.
func hum(seconds float64, pitch func(at float64) float64) []int16 {
	out := make([]int16, int(seconds*sampleRate))
	phase := 0.0
	for i := range out {
		phase += 2 * math.Pi * pitch(float64(i)/sampleRate) / sampleRate
		for k := 1.0; k <= 10; k++ {
			out[i] += int16(2000 / k * math.Sin(k*phase))
		}
	}
	return out
}

func framesOf(samples []int16) int { return (len(samples)-windowLength)/frameShift + 1 }

// TestTones: the pitch of voices, high and low, loud and soft, is found, also where it glides; noise and silence have none.
func TestTones(t *testing.T) {
	for _, hertz := range []float64{80, 120, 220, 350, 450} {
		samples := hum(0.5, func(float64) float64 { return hertz })
		for name, s := range map[string][]int16{"loud": samples, "soft": scaled(samples, 0.02)} {
			found := tones(s, framesOf(s))
			for i, got := range found[2 : len(found)-6] {
				if math.Abs(semitones*(float64(got)-math.Log2(hertz))) > 0.35 {
					t.Errorf("%.0f Hz, %s, frame %d: %.1f Hz", hertz, name, i, math.Exp2(float64(got)))
					break
				}
			}
		}
	}
	glide := hum(1, func(at float64) float64 { return 180 + 60*at })
	found := tones(glide, framesOf(glide))
	for i := 10; i < 85; i += 15 {
		if want := 180 + 60*(float64(i)*frameShift/sampleRate+0.025); math.Abs(math.Exp2(float64(found[i]))-want) > 6 {
			t.Errorf("frame %d of a glide: %.0f Hz, want %.0f", i, math.Exp2(float64(found[i])), want)
		}
	}
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret
	noise := make([]int16, sampleRate)
	for i := range noise {
		noise[i] = int16(3000 * random.NormFloat64())
	}
	voiced := 0
	for _, v := range tones(noise, framesOf(noise)) {
		if v != 0 {
			voiced++
		}
	}
	if voiced > 10 {
		t.Errorf("%d of 98 frames of noise have a voice", voiced)
	}
	for i, v := range tones(make([]int16, sampleRate), 98) {
		if v != 0 {
			t.Fatalf("frame %d of silence has a voice of %f", i, v)
		}
	}
}

func scaled(samples []int16, by float64) []int16 {
	out := make([]int16, len(samples))
	for i, s := range samples {
		out[i] = int16(by * float64(s))
	}
	return out
}

// TestMelody is about a voice that rises by an octave in the middle, in two runs.
func TestMelody(t *testing.T) {
	m := melody([]float32{7, 7, 7, 0, 0, 0, 0, 8, 8, 8}, 4)
	if want := (Melody{Range: 12, Voiced: 0.6, Runs: 0.5}); m != want {
		t.Errorf("%+v, want %+v", m, want)
	}
	if m := melody(make([]float32, 5), 0); m != (Melody{}) {
		t.Errorf("silence has a melody: %+v", m)
	}
}
