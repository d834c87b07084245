package azure

import (
	"encoding/binary"

	"github.com/englishapp/englishctl/internal/pronunciation"
)

// waveHeader is the canonical one of PCM, without any chunk that a reader could stumble over.
const waveHeader = 44

// wave is a WAV file of the samples, the only format that Azure takes without guessing: PCM, 16 kHz, mono, 16 bit.
func wave(samples []int16) []byte {
	const bytesPerSample = 2
	size := len(samples) * bytesPerSample
	le := binary.LittleEndian
	b := make([]byte, 0, waveHeader+size)
	b = append(b, "RIFF"...)
	b = le.AppendUint32(b, uint32(waveHeader-8+size))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16) // bytes of the format
	b = le.AppendUint16(b, 1)  // PCM
	b = le.AppendUint16(b, 1)  // channel
	b = le.AppendUint32(b, pronunciation.SampleRate)
	b = le.AppendUint32(b, pronunciation.SampleRate*bytesPerSample)
	b = le.AppendUint16(b, bytesPerSample) // block
	b = le.AppendUint16(b, 8*bytesPerSample)
	b = append(b, "data"...)
	b = le.AppendUint32(b, uint32(size))
	for _, s := range samples {
		b = le.AppendUint16(b, uint16(s))
	}
	return b
}
