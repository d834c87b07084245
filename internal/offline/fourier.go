package offline

import "math"

// fftSize is how many points the spectrum is computed from: the next power of two above a window.
const fftSize = 512

// fourier holds the roots of unity for a transform of fftSize points.
type fourier struct{ cos, sin [fftSize / 2]float64 }

func newFourier() *fourier {
	f := &fourier{}
	for i := range f.cos {
		f.sin[i], f.cos[i] = math.Sincos(2 * math.Pi * float64(i) / fftSize)
	}
	return f
}

// transform replaces re+i·im by its discrete Fourier transform (Cooley and Tukey, radix 2, in place).
func (f *fourier) transform(re, im *[fftSize]float64) {
	for i, j := 1, 0; i < fftSize; i++ {
		bit := fftSize >> 1
		for ; j&bit != 0; bit >>= 1 {
			j ^= bit
		}
		j ^= bit
		if i < j {
			re[i], re[j] = re[j], re[i]
			im[i], im[j] = im[j], im[i]
		}
	}
	for n := 2; n <= fftSize; n <<= 1 {
		half, step := n/2, fftSize/n
		for start := 0; start < fftSize; start += n {
			for k := range half {
				c, s := f.cos[k*step], f.sin[k*step]
				a, b := start+k, start+k+half
				x, y := re[b]*c+im[b]*s, im[b]*c-re[b]*s
				re[b], im[b] = re[a]-x, im[a]-y
				re[a] += x
				im[a] += y
			}
		}
	}
}

// powers returns the power spectra of two real signals, which one transform gives together: the first is the real part, the second the
// imaginary one.
func (f *fourier) powers(first, second *[fftSize]float64) (a, b power) {
	f.transform(first, second)
	for k := range a {
		j := (fftSize - k) % fftSize
		evenRe, evenIm := (first[k]+first[j])/2, (second[k]-second[j])/2
		oddRe, oddIm := (second[k]+second[j])/2, (first[j]-first[k])/2
		a[k], b[k] = evenRe*evenRe+evenIm*evenIm, oddRe*oddRe+oddIm*oddIm
	}
	return a, b
}
