package offline

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// errShort says that a file ends before it should.
var errShort = errors.New("the file ends too early")

// fields reads the little-endian numbers of a model file one after the other. The first mistake stays: what is read after it is zero.
type fields struct {
	rest []byte
	err  error
}

// bytes returns the next n bytes, or nil where there are not as many.
func (f *fields) bytes(n int) []byte {
	if f.err != nil {
		return nil
	}
	if n < 0 || n > len(f.rest) {
		f.err = errShort
		return nil
	}
	b := f.rest[:n]
	f.rest = f.rest[n:]
	return b
}

// int reads a signed number of 32 bits.
func (f *fields) int() int {
	b := f.bytes(4)
	if b == nil {
		return 0
	}
	return int(int32(binary.LittleEndian.Uint32(b))) //nolint:gosec // the sign is wanted
}

// expect reads a number that can only have one value.
func (f *fields) expect(what string, want int) {
	got := f.int()
	if f.err == nil && got != want {
		f.err = fmt.Errorf("it has %d %s; this program reads models with %d", got, what, want)
	}
}

// floats reads n numbers, which have to be finite.
func (f *fields) floats(n int) []float32 {
	b := f.bytes(4 * n)
	if b == nil {
		return nil
	}
	out := make([]float32, n)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		if v := float64(out[i]); math.IsNaN(v) || math.IsInf(v, 0) {
			f.err = fmt.Errorf("number %d of it is not finite", i)
			return nil
		}
	}
	return out
}

// end returns the first mistake, or one where something is left over.
func (f *fields) end() error {
	if f.err == nil && len(f.rest) > 0 {
		return fmt.Errorf("%d bytes are left over at its end", len(f.rest))
	}
	return f.err
}
