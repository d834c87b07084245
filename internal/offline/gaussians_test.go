package offline

import (
	"math"
	"testing"

	"github.com/englishapp/englishctl/internal/testenv"
)

// TestDensities: what this kind of processor computes is, to the last bit, what any other one does, and near the definition.
func TestDensities(t *testing.T) {
	m := testModel(t)
	frames, _ := m.filters.features(testenv.Recording(t, "goforward.raw"))
	for at := 0; at < len(frames); at += 9 {
		for p := at % 5; p < len(m.books); p += 5 {
			for s := range streams {
				book, x := &m.books[p][s], &frames[at][s]
				var got, want [densities]float32
				book.densities(x, &got)
				book.plainDensities(x, &want)
				if got != want {
					t.Fatalf("frame %d, sound %d, stream %d: %v, want %v", at, p, s, got, want)
				}
				if d := at % densities; math.Abs(float64(got[d])-density(book, d, x)) > 1e-4*max(1, math.Abs(float64(got[d]))) {
					t.Fatalf("frame %d, sound %d, stream %d: Gaussian %d is %f, want %f", at, p, s, d, got[d], density(book, d, x))
				}
			}
		}
	}
}

// density is the definition of a Gaussian's logarithm.
func density(b *codebook, d int, x *[dimensions]float32) float64 {
	q, l := &b[d/lanes], d%lanes
	log := float64(q.constant[l])
	for k := range dimensions {
		d := float64(x[k]) - float64(q.shape[k].mean[l])
		log -= d * d * float64(q.shape[k].scale[l])
	}
	return log
}

// TestBestDensities: the best four are the same whether or not the frame before shows where to begin.
func TestBestDensities(t *testing.T) {
	m := testModel(t)
	frames, _ := m.filters.features(testenv.Recording(t, "something.raw"))
	var values [densities]float32
	var before choice
	for at := 0; at < len(frames); at += 3 {
		m.books[at%len(m.books)][1].densities(&frames[at][1], &values)
		var with, without choice
		choose(&values, least(&values, &before), &with)
		choose(&values, impossible, &without)
		if with != without {
			t.Fatalf("frame %d: %v, want %v", at, with, without)
		}
		before = choice{density: with.density}
	}
}
