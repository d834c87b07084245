package audio

import (
	"encoding/binary"
	"slices"
)

// inspectWAV reads the header, and how much there is of the sound.
func inspectWAV(data []byte) (Info, error) {
	var f wavFormat
	samples := 0
	for c := range wavChunks(data) {
		switch body := c.body(); {
		case c.name == "fmt ":
			f, _ = parseWAVFormat(body) // why it cannot be decoded is known by now
		case c.name == "fact" && len(body) >= 4: // how many samples other codecs than PCM hold
			samples = int(binary.LittleEndian.Uint32(body))
		case c.name == "data":
			return f.describe(c, samples), c.checkTail()
		}
	}
	return Info{}, damaged(WAV, "it has no data chunk")
}

// describe says how long the sound is: by the number of its samples if that is not 0, otherwise by its bytes.
func (f wavFormat) describe(data wavChunk, samples int) Info {
	perSecond := f.perSecond
	if f.codec() != "" { // of PCM it is known what must be there
		perSecond = f.rate * f.align
	}
	sound, size := data.sound()
	info := Info{Codec: f.codec(), SampleRate: f.rate, Channels: f.channels, Duration: lasting(len(sound), perSecond)}
	if size > 0 {
		info.HeaderDuration = lasting(size, perSecond)
	}
	if size > 0 && samples > 0 {
		info.HeaderDuration = lasting(samples, f.rate)
		info.Duration = asDuration(info.HeaderDuration.Seconds() * float64(len(sound)) / float64(size))
	}
	info.BitRate = averageBitRate(len(sound), info.Duration.Seconds())
	return info
}

// withoutTags returns a WAV file that ends with its sound, and of the chunks before it has only what is needed to decode that.
func withoutTags(data []byte) []byte {
	kept := slices.Clone(data[:min(12, len(data))])
	for c := range wavChunks(data) {
		at := len(data) - len(c.rest) - 8
		switch c.name {
		case "fmt ", "fact":
			kept = append(kept, data[at:min(at+8+c.size+c.size&1, len(data))]...)
		case "data":
			sound, _ := c.sound()
			return append(kept, data[at:at+8+len(sound)]...)
		}
	}
	return kept
}
