package offline

import (
	"math"
	"reflect"
	"testing"

	"github.com/englishapp/englishctl/internal/offline/neural"
)

// dull is an ear of one layer that hears the same everywhere, or what its only weight says.
func dull(t *testing.T, phones int, weights []float32) *Ear {
	t.Helper()
	if weights == nil {
		weights = make([]float32, phones*statesPerPhone*EarInputs)
	}
	e := &Ear{Layers: []neural.Layer{neural.Pack(weights, make([]float32, phones*statesPerPhone), false)}}
	if err := e.Open(phones); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestLevel: what is louder by the same in a band is the same, what is far quieter than speech has no part in the mean, and nothing is
// further from it than the most.
func TestLevel(t *testing.T) {
	s := make(Spectrum, 4)
	for k := range s {
		for b := range s[k] {
			s[k][b] = float32(k) + float32(b)/10
		}
	}
	s[3] = [filters]float32{} // silence
	for b := range s[3] {
		s[3][b] = -90
	}
	want := s.Level()
	for k, w := range []float32{-1, 0, 1, -most} {
		if got := want[k][7]; math.Abs(float64(got-w)) > 1e-5 {
			t.Errorf("frame %d: %f, want %f", k, got, w)
		}
	}
	for k := range s {
		for b := range s[k] {
			s[k][b] += 3 + float32(b)
		}
	}
	for k, f := range s.Level() {
		for b, got := range f {
			if math.Abs(float64(got-want[k][b])) > 1e-4 {
				t.Errorf("frame %d, band %d: %f, want %f", k, b, got, want[k][b])
			}
		}
	}
}

func TestAround(t *testing.T) {
	s := make(Spectrum, 20)
	for k := range s {
		s[k][0] = float32(k)
	}
	in := make([]float32, EarInputs)
	for at, want := range map[int][]float32{0: {0, 0, 0, 0, 0, 0, 1, 3, 5, 8, 12}, 10: {0, 2, 5, 7, 9, 10, 11, 13, 15, 18, 19}} {
		s.Around(at, in)
		var got []float32
		for i := 0; i < len(in); i += filters {
			got = append(got, in[i])
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("around %d: %v, want %v", at, got, want)
		}
	}
}

// TestHear: probabilities add up to one at each frame, also where the frames are more than a block, and follow the net.
func TestHear(t *testing.T) {
	const phones = 3
	weights := make([]float32, phones*statesPerPhone*EarInputs)
	weights[4*EarInputs+5*filters] = 1 // the second state of the second sound likes the lowest band of its own frame
	e := dull(t, phones, weights)
	s := make(Spectrum, block+7)
	s[block+2][0] = 5
	c := e.Hear(s)
	for at := range s {
		sum := 0.0
		for _, v := range c.at(at) {
			sum += math.Exp(float64(v))
		}
		if math.Abs(sum-1) > 1e-5 {
			t.Errorf("frame %d: probabilities of %f", at, sum)
		}
	}
	level := s.Level()[block+2][0]
	if got, want := math.Exp(float64(c.at(block + 2)[1])), (math.Exp(float64(level))+2)/(math.Exp(float64(level))+8); math.Abs(got-want) > 0.01 {
		t.Errorf("the second sound has %f, want %f", got, want)
	}
}

// TestTell puts made-up probabilities into a made-up reading.
func TestTell(t *testing.T) {
	m := testModel(t)
	c := &Chances{phones: len(m.names), by: make([]float32, 40*len(m.names))}
	for i := range c.by {
		c.by[i] = -20
	}
	own := []float32{-1, -2, -2, -3, -1, -1, -1, -1}
	for i, v := range own {
		c.at(10 + i)[5] = v
	}
	for at := 20; at < 24; at++ {
		c.at(at)[m.silence] = -0.1
	}
	c.at(27)[m.silence] = -0.6
	c.at(35)[m.silence] = 0 // after the last sound
	r := &Reading{Words: []Word{
		{From: 10, To: 18, Sounds: []Sound{{Number: 5, From: 10, To: 18}}}, {}, {From: 24, To: 30, Sounds: []Sound{{Number: 6, From: 24, To: 30}}},
	}}
	c.Tell(m, r)
	s := &r.Words[0].Sounds[0]
	share := (5*math.Exp(-1) + 2*math.Exp(-2) + math.Exp(-3)) / 8
	for what, v := range map[string][2]float64{
		"own": {s.chance(), -1.5}, "another": {float64(s.Chances[7]), leastChance}, "core": {s.Core, -1.75}, "share": {s.Share, math.Log(share + 1e-4)},
		"of the word": {r.Words[0].chance(), -1.5}, "of all": {r.chance(), (-1.5 + leastChance) / 2},
	} {
		if math.Abs(v[0]-v[1]) > 1e-5 {
			t.Errorf("%s: %f, want %f", what, v[0], v[1])
		}
	}
	if want := []int{4, 1}; !reflect.DeepEqual(r.Quiet, want) {
		t.Errorf("quiet: %v, want %v", r.Quiet, want)
	}
	nothing := &Reading{Words: []Word{{}}}
	if c.Tell(m, nothing); nothing.Quiet != nil {
		t.Errorf("a reading without sounds has pauses: %v", nothing.Quiet)
	}
}

// TestEvenness is about readings that are made up: vowels of 10 and 20 frames, a consonant of 5, and a pause of half a second.
func TestEvenness(t *testing.T) {
	sound := func(phone string, number, frames int) Sound { return Sound{Phone: phone, Number: number, To: frames} }
	r := &Reading{Voiced: 150, Quiet: []int{50, 5}, Words: []Word{{Sounds: []Sound{sound("AA", 0, 10), sound("B", 1, 5)}}, {Sounds: []Sound{sound("AA", 0, 40)}}}}
	e := r.evenness([]float64{math.Log(10), math.Log(5)})
	want := evenness{
		quiet: 55.0 / 150, longest: 50, runs: 1, rate: 3 / 0.95, syllables: 2 / 0.95, words: 2 / 0.95, change: 1.2, vowels: 50.0 / 55,
		deviation: math.Log(4) * math.Sqrt(2) / 3, long: 1.0 / 3,
	}
	got, wanted := reflect.ValueOf(e), reflect.ValueOf(want)
	for i := range got.NumField() {
		if math.Abs(got.Field(i).Float()-wanted.Field(i).Float()) > 1e-9 {
			t.Errorf("%s: %f, want %f", got.Type().Field(i).Name, got.Field(i).Float(), wanted.Field(i).Float())
		}
	}
	if e := (&Reading{}).evenness(nil); math.IsNaN(e.change + e.vowels + e.quiet + e.deviation + e.rate) {
		t.Errorf("an empty reading: %+v", e)
	}
}

// TestSpokenWithin: what is heard before the text and after it does not count, nor do silence and noise.
func TestSpokenWithin(t *testing.T) {
	j := &Judge{Phones: []string{"AA", "SIL", "+NSN+"}}
	r := &Reading{
		Words: []Word{{From: 10, To: 20}, {}, {From: 25, To: 30}},
		Heard: []Heard{{Phone: 0, From: 0, To: 12}, {Phone: 1, From: 12, To: 14}, {Phone: 2, From: 14, To: 15}, {Phone: 0, From: 15, To: 40}},
	}
	if got := j.spokenWithin(r); got != 2+15 {
		t.Errorf("%f frames", got)
	}
}
