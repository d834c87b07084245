package audio_test

import (
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/englishapp/englishctl/internal/audio"
)

// tone is a sine of the frequency in Hz, n samples at the rate, half of full scale.
func tone(frequency float64, rate, n int) []int16 {
	samples := make([]int16, n)
	for i := range samples {
		samples[i] = int16(math.Round(16000 * math.Sin(2*math.Pi*frequency*float64(i)/float64(rate))))
	}
	return samples
}

func resample(t testing.TB, samples []int16, from, to int) []int16 {
	t.Helper()
	out, err := audio.Resample(samples, from, to)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// furthestApart is the largest difference in the middle of two sounds, where no end is near.
func furthestApart(a, b []int16) int {
	worst := 0
	for i := len(a) / 4; i < len(a)*3/4; i++ {
		worst = max(worst, int(math.Abs(float64(a[i])-float64(b[i]))))
	}
	return worst
}

func TestResampleKeepsATone(t *testing.T) {
	for _, rates := range [][2]int{
		{8000, 16000}, {11025, 16000}, {22050, 16000}, {24000, 16000}, {44100, 16000}, {48000, 16000}, {96000, 16000}, {192000, 16000},
		{16000, 44100}, {16000, 8000},
		{44101, 16000}, {191999, 16000}, {8009, 16000}, // prime: between the phases of the table
	} {
		from, to := rates[0], rates[1]
		const frequency = 1000
		got := resample(t, tone(frequency, from, from/2), from, to)
		want := tone(frequency, to, (from/2*to+from-1)/from)
		if len(got) != len(want) {
			t.Errorf("%d to %d Hz: %d samples, want %d", from, to, len(got), len(want))
			continue
		}
		if worst := furthestApart(got, want); worst > 16 { // a thousandth
			t.Errorf("%d to %d Hz: off by %d of 16000", from, to, worst)
		}
	}
}

func TestResampleFoldsNothingBack(t *testing.T) {
	for _, from := range []int{22050, 44100, 48000, 192000} {
		got := resample(t, tone(10_000, from, from/2), from, 16000) // would be heard at 6 kHz
		if level := audio.Measure(got[2000:6000], 16000).RMS; level > -70 {
			t.Errorf("from %d Hz: a tone above the half rate comes through at %.0f dBFS", from, level)
		}
	}
}

// TestResampleIsFlat: the sounds of speech up to 6 kHz are as loud as they were.
func TestResampleIsFlat(t *testing.T) {
	for _, from := range []int{22050, 44100, 48000} {
		for frequency := 250.0; frequency <= 6000; frequency += 250 {
			before, after := tone(frequency, from, from/2), resample(t, tone(frequency, from, from/2), from, 16000)
			change := audio.Measure(after[2000:6000], 16000).RMS - audio.Measure(before[from/8:from*3/8], from).RMS
			if math.Abs(change) > 0.05 {
				t.Errorf("from %d Hz: %.0f Hz changes by %.2f dB", from, frequency, change)
			}
		}
	}
}

// TestResampleKeepsNothingFromAbove: what lies above the half rate is 60 dB weaker, from 200 Hz above it on.
func TestResampleKeepsNothingFromAbove(t *testing.T) {
	for _, from := range []int{22050, 44100, 48000} {
		for frequency := 8200.0; frequency < min(20_000, float64(from)/2-100); frequency += 200 {
			before := audio.Measure(tone(frequency, from, from/2), from).RMS
			after := audio.Measure(resample(t, tone(frequency, from, from/2), from, 16000)[2000:6000], 16000).RMS
			if before-after < 60 {
				t.Errorf("from %d Hz: %.0f Hz comes through, only %.0f dB weaker", from, frequency, before-after)
			}
		}
	}
}

func TestResampleKeepsAnOffset(t *testing.T) {
	got := resample(t, slices.Repeat([]int16{1000}, 4410), 44100, 16000)
	if worst := furthestApart(got, slices.Repeat([]int16{1000}, 1600)); worst > 0 {
		t.Errorf("off by %d", worst)
	}
}

func TestResampleClipsInsteadOfWrapping(t *testing.T) {
	square := slices.Repeat(append(slices.Repeat([]int16{32767}, 40), slices.Repeat([]int16{-32768}, 40)...), 50)
	for i, s := range resample(t, square, 8000, 16000)[200:7000] { // overshoots at every edge
		before := square[(i+200)/2]
		if phase := (i + 200) / 2 % 40; phase > 5 && phase < 35 && (s > 0) != (before > 0) {
			t.Fatalf("sample %d is %d where the input is %d", i, s, before)
		}
	}
}

func TestResampleRefusesOtherRates(t *testing.T) {
	for _, rates := range [][2]int{{0, 16000}, {7999, 16000}, {4_294_967_291, 16000}, {16000, 192_001}, {-1, 16000}, {16000, 0}} {
		if out, err := audio.Resample(make([]int16, 100), rates[0], rates[1]); err == nil {
			t.Errorf("%d to %d Hz: %d samples", rates[0], rates[1], len(out))
		}
	}
}

func TestResampleOfLittle(t *testing.T) {
	if got := resample(t, nil, 44100, 16000); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
	if got := resample(t, []int16{7}, 44100, 16000); len(got) != 1 {
		t.Errorf("of one sample: %v", got)
	}
	if got := resample(t, []int16{1, 2, 3}, 16000, 16000); !slices.Equal(got, []int16{1, 2, 3}) {
		t.Errorf("to the same rate: %v", got)
	}
}

func TestAppendPCM(t *testing.T) {
	if got, want := string(audio.AppendPCM([]byte("x"), []int16{1, -2, 32767})), "x\x01\x00\xfe\xff\xff\x7f"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestFiltersOfManyRates: a filter that is on the shelf does what a new one did, also where strangers' rates have filled it, and for
// several at once.
func TestFiltersOfManyRates(t *testing.T) {
	samples := tone(440, 44100, 4410)
	first := resample(t, samples, 44100, audio.SpeechRate)
	var group sync.WaitGroup
	for from := 44101; from < 44150; from++ {
		group.Go(func() {
			if _, err := audio.Resample(samples[:441], from, audio.SpeechRate); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if !slices.Equal(first, resample(t, samples, 44100, audio.SpeechRate)) {
		t.Error("the same twice is not the same")
	}
	// One that found no room is made anew each time, for its own rate.
	for _, from := range []int{44148, 44149} {
		if again := resample(t, tone(440, from, from/10), from, audio.SpeechRate); correlation(first, again, 0) < 0.999 {
			t.Errorf("from %d Hz it is another sound", from)
		}
	}
}
