package degrade

import (
	"math"
	"slices"
	"testing"
)

// tones are two at once, with as much power each.
func tones(n int, first, second float64) []int16 {
	out := make([]int16, n)
	for i := range out {
		x := 2 * math.Pi * float64(i) / Rate
		out[i] = int16(6000 * (math.Sin(first*x) + math.Sin(second*x)))
	}
	return out
}

// power is that of one frequency.
func power(samples []int16, hertz float64) float64 {
	var re, im float64
	for i, s := range samples {
		sin, cos := math.Sincos(2 * math.Pi * hertz * float64(i) / Rate)
		re, im = re+float64(s)*cos, im+float64(s)*sin
	}
	return (re*re + im*im) / float64(len(samples)) / float64(len(samples))
}

func dB(ratio float64) float64 { return 10 * math.Log10(ratio) }

// TestNoise: what was added is as much softer as was asked for, and twice the same is the same.
func TestNoise(t *testing.T) {
	clean := tones(Rate, 440, 900)
	voices := [][]int16{tones(5000, 300, 700), nil, tones(9000, 200, 1100)}
	for name, made := range map[string][2][]int16{
		"white":  {Noise(clean, 10, 7), Noise(clean, 10, 7)},
		"babble": {Babble(clean, voices, 10, 7), Babble(clean, voices, 10, 7)},
	} {
		var signal, noise float64
		for i, s := range clean {
			d := float64(made[0][i]) - float64(s)
			signal, noise = signal+float64(s)*float64(s), noise+d*d
		}
		if got := dB(signal / noise); math.Abs(got-10) > 0.5 {
			t.Errorf("%s: %f dB", name, got)
		}
		if !slices.Equal(made[0], made[1]) {
			t.Errorf("%s: twice is not the same", name)
		}
	}
}

// TestRoom: a click has a tail that loses 60 dB in the time that was asked for, and all of it has the power that was asked for.
func TestRoom(t *testing.T) {
	click := make([]int16, Rate)
	click[0] = 32000
	out := Room(click, 0.4, 3, 1)
	energy := func(from, to int) (sum float64) {
		for _, s := range out[from:to] {
			sum += float64(s) * float64(s)
		}
		return sum
	}
	if got := dB(energy(0, 1) / energy(1, len(out))); math.Abs(got-3) > 0.2 {
		t.Errorf("the direct sound is %f dB louder", got)
	}
	if got := dB(energy(200, 1000) / energy(200+Rate/10, 1000+Rate/10)); math.Abs(got-15) > 1.5 { // 60 dB in 0.4 s are 15 in 0.1
		t.Errorf("the tail loses %f dB in 0.1 s", got)
	}
}

// TestLines: what a line does not carry is gone, and what it carries is as it was.
func TestLines(t *testing.T) {
	for name, c := range map[string]struct {
		made          []int16
		kept, removed float64
	}{
		"narrow":    {Narrow(tones(Rate, 3300, 4000)), 3300, 4000},
		"telephone": {Telephone(tones(Rate, 1000, 3800)), 1000, 3800},
		"low":       {Telephone(tones(Rate, 1000, 100)), 1000, 100},
	} {
		full := power(tones(Rate, c.kept, c.removed), c.kept)
		if got := dB(power(c.made, c.kept) / full); math.Abs(got) > 0.5 {
			t.Errorf("%s: what is carried changes by %f dB", name, got)
		}
		if got := dB(power(c.made, c.removed) / full); got > -30 {
			t.Errorf("%s: what is not carried has %f dB", name, got)
		}
	}
	levels := map[int16]bool{}
	for s := math.MinInt16; s <= math.MaxInt16; s++ {
		got := muLaw(int16(s))
		levels[got] = true
		if d := math.Abs(float64(got) - float64(s)); d > 4+math.Abs(float64(s))/30 && s > -32000 && s < 32000 {
			t.Fatalf("%d becomes %d", s, got)
		}
	}
	if n := len(levels); n != 255 { // zero has two codes
		t.Errorf("µ-law has %d levels", n)
	}
}

func TestGain(t *testing.T) {
	if got := Gain([]int16{100, -3000, 30000}, 20); !slices.Equal(got, []int16{1000, -30000, 32767}) {
		t.Errorf("%v", got)
	}
}
