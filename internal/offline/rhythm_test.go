package offline

import (
	"math"
	"testing"
)

// TestRhythm is about a reading that is made up: two words of two sounds, with a gap of 20 frames between them, and somebody who stammers before.
func TestRhythm(t *testing.T) {
	sound := func(from, to int) Sound { return Sound{From: from, To: to} }
	r := &Reading{
		Words: []Word{{Sounds: []Sound{sound(100, 110), sound(110, 120)}}, {Text: "…"}, {Sounds: []Sound{sound(140, 150), sound(150, 190)}}},
		Heard: []Heard{{0, 0, 80}, {1, 80, 90}, {0, 90, 100}, {1, 100, 120}, {0, 120, 140}, {1, 140, 190}, {0, 190, 300}},
		Quiet: []int{20, 30, 60},
	}
	j := &Judge{Phones: []string{"SIL", "AA"}, Lengths: []float64{math.Log(10)}}
	got := r.rhythm(j, append(append([]Sound{}, r.Words[0].Sounds...), r.Words[2].Sounds...))
	long := math.Log(4) // how much longer than usual the last sound is
	want := []float64{
		math.Log(90), math.Log(4.0 / 90),
		1, 1, 0, 0, math.Log(21), 0, math.Log(21),
		math.Log(21) + math.Log(31) + math.Log(61), 2, 1, math.Log(61),
		math.Log(31), math.Sqrt(200), 1, 0,
		long, long / 3, long * math.Sqrt2 / 3, 0, math.Log(40), 0.25, 0.25, long / 4,
	}
	if len(got) != rhythmNumbers || len(want) != rhythmNumbers {
		t.Fatalf("%d numbers, %d are expected, want %d", len(got), len(want), rhythmNumbers)
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-9 {
			t.Errorf("number %d is %f, want %f", i, got[i], want[i])
		}
	}
	if got := (&Reading{}).rhythm(j, nil); len(got) != rhythmNumbers {
		t.Errorf("nothing has %d numbers", len(got))
	}
}
