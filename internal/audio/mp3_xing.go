package audio

import (
	"encoding/binary"
)

// xing is what the first frame of most MP3 files says instead of sounding: the Xing or Info header, with LAME's
// extension ("MP3 Info Tag rev. 1 specifications", gabriel.mp3-tech.org/mp3infotag.html).
type xing struct {
	frames         int // in the whole file, without this one; 0 if it does not say
	delay, padding int // samples that the encoder put before and after the sound
}

// readXing reports whether the frame is such a header.
func readXing(frame []byte, layout mp3Layout) (xing, bool) {
	const (
		hasFrames, hasBytes, hasTable, hasQuality = 1, 2, 4, 8

		tableSize   = 100
		delayInLAME = 21 // bytes into the extension
	)
	at := 4 + layout.sideInfo // encoders never protect this frame
	if !hasAt(frame, at, "Xing") && !hasAt(frame, at, "Info") || len(frame) < at+8 {
		return xing{}, false
	}
	var x xing
	flags, rest := frame[at+7], frame[at+8:]
	if flags&hasFrames != 0 && len(rest) >= 4 {
		x.frames, rest = int(binary.BigEndian.Uint32(rest)), rest[4:]
	}
	skip := 0
	for flag, size := range map[byte]int{hasBytes: 4, hasTable: tableSize, hasQuality: 4} {
		if flags&flag != 0 {
			skip += size
		}
	}
	if at := skip + delayInLAME; len(rest) >= at+3 {
		x.delay = int(rest[at])<<4 | int(rest[at+1])>>4
		x.padding = int(rest[at+1]&0x0F)<<8 | int(rest[at+2])
	}
	return x, true
}
