package audio

import "encoding/binary"

// AppendPCM appends the samples to dst as 16-bit little-endian PCM, which is what speech services take.
func AppendPCM(dst []byte, samples []int16) []byte {
	for _, s := range samples {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(s))
	}
	return dst
}
