package audio

import "fmt"

// mp4Codecs are the sample descriptions that the full decoder knows.
var mp4Codecs = map[string]string{
	"alac": "ALAC", "samr": "AMR", "sawb": "AMR wideband", "Opus": "Opus", ".mp3": "MP3",
	"sowt": "PCM", "twos": "PCM", "lpcm": "PCM", "ipcm": "PCM", "fpcm": "PCM", "in24": "PCM", "in32": "PCM", "fl32": "PCM",
}

// foreignMP4Codecs are those that no decoder of ours knows.
var foreignMP4Codecs = map[string]string{
	"ac-3": "AC-3", "ec-3": "E-AC-3", "ac-4": "AC-4", "fLaC": "FLAC", "enca": "copy-protected sound", "drms": "copy-protected sound",
	"mha1": "MPEG-H", "mhm1": "MPEG-H", "dtsc": "DTS", "sevc": "EVRC", "sqcp": "QCELP", "ima4": "IMA ADPCM", "ulaw": "µ-law", "alaw": "A-law",
}

// esdsCodecs are the object types of "mp4a" beside AAC (mp4ra.org, "Object types").
var esdsCodecs = map[int]string{0x69: "MP3", 0x6B: "MP3"}

// aacConfig is how AAC-LC in an MPEG-4 file is described.
type aacConfig struct {
	asc            []byte // AudioSpecificConfig (ISO/IEC 14496-3, section 1.6.2.1)
	rate, channels int
}

const onlyAAC = "AAC-LC"

// parseSampleDescription reads the first entry of the stsd box and accepts AAC-LC only.
func parseSampleDescription(stsd []byte) (aacConfig, error) {
	if len(stsd) < 8 {
		return aacConfig{}, damaged(M4A, "it does not say what its sound track holds")
	}
	for entry := range boxes(stsd[8:]) {
		if name, ok := mp4Codecs[entry.name]; ok {
			return aacConfig{}, holds(M4A, name)
		}
		if name, ok := foreignMP4Codecs[entry.name]; ok {
			return aacConfig{}, cannotUse(M4A, name, onlyAAC)
		}
		if entry.name != "mp4a" {
			return aacConfig{}, cannotUse(M4A, fmt.Sprintf("an unknown codec (%q)", entry.name), onlyAAC)
		}
		return parseESDS(findESDS(entry.body))
	}
	return aacConfig{}, damaged(M4A, "it does not say what its sound track holds")
}

// findESDS finds the esds box behind the fixed fields of a sample entry. QuickTime has longer ones, and puts the box into another.
func findESDS(entry []byte) []byte {
	fixed := map[int]int{0: 28, 1: 44, 2: 64} // bytes, by version of the entry
	f := fields{b: entry}
	f.skip(8)
	size, ok := fixed[f.u16()]
	if !ok || size > len(entry) {
		return nil
	}
	if esds := first(entry[size:], "esds"); esds != nil {
		return esds
	}
	return find(entry[size:], "wave", "esds")
}

// parseESDS digs the configuration out of the nested descriptors (ISO/IEC 14496-1, section 7.2.6).
func parseESDS(esds []byte) (aacConfig, error) {
	const esDescr, decoderConfig, decoderSpecific, aac, mpeg2LC = 3, 4, 5, 0x40, 0x67
	f := fields{b: esds}
	f.skip(4)
	f = descriptor(f, esDescr)
	f.skip(2)
	flags := f.u8()
	if flags&0x80 != 0 {
		f.skip(2) // depends on another stream
	}
	if flags&0x40 != 0 {
		f.skip(f.u8()) // URL
	}
	if flags&0x20 != 0 {
		f.skip(2) // clock
	}
	f = descriptor(f, decoderConfig)
	object := f.u8()
	f.skip(12)
	f = descriptor(f, decoderSpecific)
	if name, ok := esdsCodecs[object]; ok { // which needs no configuration
		return aacConfig{}, holds(M4A, name)
	}
	if f.short {
		return aacConfig{}, damaged(M4A, "the description of its sound (esds) is incomplete")
	}
	if object != aac && object != mpeg2LC {
		return aacConfig{}, cannotUse(M4A, fmt.Sprintf("an unknown codec (mp4a 0x%02X)", object), onlyAAC)
	}
	return parseASC(f.b)
}

// descriptor enters a descriptor with the tag; it is short if there is none.
func descriptor(f fields, tag int) fields {
	found := f.u8()
	size := 0
	for range 4 { // 7 bits each
		b := f.u8()
		size = size<<7 | b&0x7F
		if b < 0x80 {
			break
		}
	}
	if f.short || found != tag {
		return fields{short: true}
	}
	f.b = f.b[:min(size, len(f.b))]
	return f
}

// aacObjects are the audio object types that files are found to have beside AAC-LC (ISO/IEC 14496-3, table 1.17).
var aacObjects = map[int]string{
	1: "AAC Main", 3: "AAC-SSR", 4: "AAC-LTP", 5: "HE-AAC", 17: "ER AAC-LC", 23: "AAC-LD", 29: "HE-AAC v2", 39: "AAC-ELD", 42: "xHE-AAC",
}

// aacRates in Hz by the index of the configuration (ISO/IEC 14496-3, table 1.18).
var aacRates = [13]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}

// aacChannels by the layout's number in the configuration (ISO/IEC 14496-3, table 1.19); 0 where it does not say.
var aacChannels = [16]int{1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8}

// manyChannels names AAC with more channels than two, or with a number that stands in the sound itself (0).
func manyChannels(channels int) string {
	if channels == 0 {
		return "AAC with channels in an order of its own"
	}
	return fmt.Sprintf("AAC with %d channels", channels)
}

// parseASC accepts AAC-LC in mono and stereo; it is not asked to find SBR that is signalled later: the codec does that.
func parseASC(asc []byte) (aacConfig, error) {
	const lc, escape = 2, 31
	f := fields{b: asc}
	bits := f.u16()
	if f.short {
		return aacConfig{}, damaged(M4A, "the configuration of its AAC is incomplete")
	}
	object, index, channels := bits>>11, bits>>7&15, bits>>3&15
	if object == escape {
		object, index = 32+bits>>5&63, 0
	}
	if object != lc {
		name := aacObjects[object]
		if name == "" {
			name = fmt.Sprintf("AAC of type %d", object)
		}
		return aacConfig{}, holds(M4A, name)
	}
	if index >= len(aacRates) {
		return aacConfig{}, holds(M4A, "AAC at an unusual sample rate")
	}
	if channels != 1 && channels != 2 {
		return aacConfig{rate: aacRates[index], channels: aacChannels[channels]}, holds(M4A, manyChannels(aacChannels[channels]))
	}
	c := aacConfig{asc: asc, rate: aacRates[index], channels: channels}
	return c, checkLayout(M4A, c.rate, c.channels)
}
