package azuretest

import (
	"bytes"
	"encoding/binary"
)

const sampleRate = 16_000

// readWave reads the one format that is taken: PCM, mono, 16 kHz, 16 bit, the sound right behind the description, whose chunk has
// 16 or 18 bytes. A length of 0 means "until the end", as Microsoft's samples send it.
func readWave(b []byte) (samples []int16, ok bool) {
	le := binary.LittleEndian
	if len(b) < 36 || !bytes.HasPrefix(b, []byte("RIFF")) || string(b[8:16]) != "WAVEfmt " {
		return nil, false
	}
	format := b[20:]
	data := 20 + int(le.Uint32(b[16:]))
	if (data != 36 && data != 38) || len(b) < data+8 || string(b[data:data+4]) != "data" {
		return nil, false
	}
	if le.Uint16(format) != 1 || le.Uint16(format[2:]) != 1 || le.Uint32(format[4:]) != sampleRate ||
		le.Uint32(format[8:]) != 2*sampleRate || le.Uint16(format[12:]) != 2 || le.Uint16(format[14:]) != 16 {
		return nil, false
	}
	sound := b[data+8:]
	if size := int(le.Uint32(b[data+4:])); size != 0 && size != len(sound) {
		return nil, false
	}
	samples = make([]int16, 0, len(sound)/2)
	for at := 0; at+2 <= len(sound); at += 2 {
		samples = append(samples, int16(le.Uint16(sound[at:])))
	}
	return samples, true
}

// silent reports whether nothing is to be heard: about -66 dBFS at most.
func silent(samples []int16) bool {
	for _, s := range samples {
		if s > 16 || s < -16 {
			return false
		}
	}
	return true
}
