package offline

// densities computes the logarithm of all Gaussians at x, four at a time: it is the innermost loop of all, and most of the work for a
// recording. SSE2 is enough for it, which every such processor has.
//
//go:noescape
func allDensities(book *codebook, x *[dimensions]float32, out *[densities]float32)

func (b *codebook) densities(x *[dimensions]float32, out *[densities]float32) {
	allDensities(b, x, out)
}
