//go:build !amd64

package offline

func (b *codebook) densities(x *[dimensions]float32, out *[densities]float32) {
	b.plainDensities(x, out)
}
