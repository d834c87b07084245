package audio

import (
	"encoding/binary"
	"errors"
	"math"
)

// sampleReader reads the sample at the beginning of b, as 16-bit.
type sampleReader func(b []byte) int16

// mix decodes whole frames into out, until it is full.
func (f wavFormat) mix(out *mono, frames []byte) error {
	out.expect(len(frames) / f.align)
	if f.tag == tagPCM && f.bits == 16 { // as nearly all recordings have it, and as codecs write it
		_, err := out.Write(frames)
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	}
	const block = 8192 // frames between two looks at the context
	read, width := f.reader(), f.bits/8
	for n := 0; len(frames) > 0; n++ {
		if n%block == 0 {
			if err := out.ctx.Err(); err != nil {
				return err
			}
		}
		sum := 0
		for c := range f.channels {
			sum += int(read(frames[c*width:]))
		}
		if !out.add(int16(sum / f.channels)) {
			return nil // it is full
		}
		frames = frames[f.align:]
	}
	return nil
}

// reader is for formats that codec knows.
func (f wavFormat) reader() sampleReader {
	switch {
	case f.tag == tagALaw:
		return func(b []byte) int16 { return aLaw(b[0]) }
	case f.tag == tagMuLaw:
		return func(b []byte) int16 { return muLaw(b[0]) }
	case f.tag == tagFloat && f.bits == 32:
		return func(b []byte) int16 {
			return fromFloat(float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
		}
	case f.tag == tagFloat:
		return func(b []byte) int16 { return fromFloat(math.Float64frombits(binary.LittleEndian.Uint64(b))) }
	case f.bits == 8:
		return func(b []byte) int16 { return int16(int(b[0])-128) << 8 } // the only unsigned one
	}
	high := f.bits/8 - 2 // little-endian: the upper 16 bits come last
	return func(b []byte) int16 { return int16(binary.LittleEndian.Uint16(b[high:])) }
}

// fromFloat takes full scale as 1. What is louder is clipped; what is no number is silence.
func fromFloat(x float64) int16 {
	if math.IsNaN(x) {
		return 0
	}
	return int16(math.Round(max(math.MinInt16, min(math.MaxInt16, x*(1<<15)))))
}

// muLaw expands a µ-law byte (ITU-T G.711, table 2a): sign, 3 bits of exponent, 4 of mantissa, all inverted.
func muLaw(b byte) int16 {
	const bias = 33 << 2 // G.711 counts in 14 bits
	b = ^b
	x := (int16(b&0x0F)<<3+bias)<<(b>>4&7) - bias
	if b&0x80 != 0 {
		return -x
	}
	return x
}

// aLaw expands an A-law byte (ITU-T G.711, table 1a): the same layout with every other bit inverted.
func aLaw(b byte) int16 {
	b ^= 0x55
	x := int16(b&0x0F)<<4 + 8
	if exponent := b >> 4 & 7; exponent > 0 {
		x = (x + 0x100) << (exponent - 1)
	}
	if b&0x80 == 0 {
		return -x
	}
	return x
}
