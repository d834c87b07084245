package audio

import "bytes"

// sniffTagged judges what follows the ID3 tags (id3.org, ID3v2.4.0, section 3.1), as far as it is in sight. Other formats,
// such as raw AAC and FLAC, carry the same tags.
func sniffTagged(head []byte) (Format, error) {
	rest := head
	for hasAt(rest, 0, "ID3") {
		size, ok := tagSize(rest)
		if !ok {
			return unknown("a file with a broken ID3 tag")
		}
		if size > len(rest) {
			return taggedOutOfSight(head)
		}
		rest = rest[size:]
	}
	rest = bytes.TrimLeft(rest, "\x00") // some programs leave room after the tag
	switch {
	case len(rest) == 0:
		return taggedOutOfSight(head)
	case isMP3(rest):
		return MP3, nil
	}
	return unknown(describe(rest) + " after an ID3 tag")
}

// taggedOutOfSight accepts a tag that goes on beyond the head, unless the head is the whole file.
func taggedOutOfSight(head []byte) (Format, error) {
	if len(head) < SniffLen {
		return unknown("an ID3 tag without sound")
	}
	return MP3, nil
}

// tagSize returns the size in bytes of the ID3v2 tag at the beginning of b, with header and footer.
func tagSize(b []byte) (int, bool) {
	const header, footer, hasFooter = 10, 10, 0x10
	if len(b) < header || b[3] < 2 || b[3] > 4 || b[4] == 0xFF {
		return 0, false
	}
	size := header
	if b[5]&hasFooter != 0 {
		size += footer
	}
	body := 0
	for _, digit := range b[6:10] {
		if digit > 0x7F {
			return 0, false // "syncsafe": 7 bits each, so that no tag looks like sound
		}
		body = body<<7 | int(digit)
	}
	return size + body, true
}

// isMP3 reports whether b begins with two MPEG Layer III frames, one directly after the other. The 11 set bits at
// the beginning of a frame are found in any noise; a second frame of the same kind where the first ends is not.
func isMP3(b []byte) bool {
	size, ok := frameSize(b)
	if !ok || size >= len(b) {
		return false
	}
	const sameKind = 0x0C // of the third byte: the sampling rate
	second := b[size:]
	_, ok = frameSize(second)
	return ok && second[1]&0xFE == b[1]&0xFE && second[2]&sameKind == b[2]&sameKind
}

// bitrates in kbit/s by the header's index (ISO/IEC 11172-3, table in section 2.4.2.3, and ISO/IEC 13818-3); 0, "free format", has
// no known frame size and is not used by any common encoder.
var (
	bitratesMPEG1 = [16]int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0}
	bitratesMPEG2 = [16]int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0}
)

// sampleRates of MPEG 1 in Hz by the header's index; MPEG 2 has half of them, MPEG 2.5 a quarter.
var sampleRates = [4]int{44100, 48000, 32000, 0}

// frameSize returns the size in bytes of the MPEG Layer III frame whose header is at the beginning of b.
func frameSize(b []byte) (int, bool) {
	if len(b) < 4 || b[0] != 0xFF || b[1]&0xE0 != 0xE0 {
		return 0, false
	}
	const layerIII, reservedEmphasis = 1, 2
	version, layer := b[1]>>3&3, b[1]>>1&3
	rate := sampleRates[b[2]>>2&3]
	if layer != layerIII || rate == 0 || b[3]&3 == reservedEmphasis {
		return 0, false
	}
	padding := int(b[2] >> 1 & 1)
	kbit, perFrame := bitratesMPEG2[b[2]>>4], 72 // samples per frame / 8
	switch version {
	case 3: // MPEG 1
		kbit, perFrame = bitratesMPEG1[b[2]>>4], 144
	case 2: // MPEG 2
		rate /= 2
	case 0: // MPEG 2.5
		rate /= 4
	default:
		return 0, false
	}
	if kbit == 0 {
		return 0, false
	}
	return perFrame*kbit*1000/rate + padding, true
}
