package audio_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/englishapp/englishctl/internal/audio"
)

// fixture reads a recording that testdata/make.sh made.
func fixture(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// anyLength decodes whatever its length.
var anyLength = audio.Limits{}

func decode(t testing.TB, content []byte) audio.Clip {
	t.Helper()
	clip, err := audio.BuiltIn{}.Decode(t.Context(), content, anyLength)
	if err != nil {
		t.Fatal(err)
	}
	return clip
}

// at16k decodes and resamples.
func at16k(t testing.TB, content []byte) []int16 {
	t.Helper()
	samples, err := decode(t, content).At(audio.SpeechRate)
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

// correlation of a with b moved by lag samples, where they overlap: 1 for the same sound, about 0 for different ones.
func correlation(a, b []int16, lag int) float64 {
	var ab, aa, bb float64
	for i := max(0, -lag); i < len(a) && i+lag < len(b); i++ {
		x, y := float64(a[i]), float64(b[i+lag])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// bestLag is the lag at which two sounds fit best, and how well.
func bestLag(a, b []int16) (lag int, fit float64) {
	return bestLagWithin(1600, a, b) // 0.1 s: more than any encoder's delay
}

func bestLagWithin(furthest int, a, b []int16) (lag int, fit float64) {
	for l := -furthest; l <= furthest; l++ {
		if c := correlation(a, b, l); c > fit {
			lag, fit = l, c
		}
	}
	return lag, fit
}
