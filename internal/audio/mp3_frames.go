package audio

import (
	"bytes"
	"slices"
	"time"
)

// mp3Stream is the sound of an MP3 file, without its tags.
type mp3Stream struct {
	mp3Layout
	frames    [][]byte // whole frames, in order
	size      int      // bytes of all frames
	reservoir int      // bytes of main data that the next frame may reach back to
	whole     bool     // the frames have begun to be complete
	xing      xing
}

// parseMP3 cuts the sound into frames, as the codec wants them, until they last longer than limit.
func parseMP3(data []byte, limit time.Duration) (mp3Stream, error) {
	rest := skipTags(data)
	if !isMP3(rest) {
		return mp3Stream{}, damaged(MP3, "there is no sound after its tag")
	}
	first, _ := cutFrame(rest)
	s := mp3Stream{mp3Layout: layoutOf(first)}
	if err := s.check(); err != nil {
		return s, err
	}
	if x, ok := readXing(first, s.mp3Layout); ok {
		s.xing, rest = x, rest[len(first):]
	}
	err := s.cut(rest, framesIn(limit, s.rate)/s.perFrame+2)
	if err == nil && s.version == mpeg2 {
		s.frames, err = repack(s.mp3Layout, s.frames)
	}
	return s, err
}

// cut cuts the sound into frames, until there are enough.
//
// This is not left to the codec, because one that looks for the next frame in damaged data finds one: noise. Here a
// frame counts only where the one before it ends.
func (s *mp3Stream) cut(rest []byte, enough int) error {
	for len(s.frames) < enough {
		rest = nextPart(rest)
		frame, ok := cutFrame(rest)
		if !ok {
			return checkTrailer(rest, len(s.frames))
		}
		if err := s.add(frame); err != nil {
			return err
		}
		rest = rest[len(frame):]
	}
	return nil
}

// skipTags returns what follows the ID3 tags and the zeros that some programs leave after them.
func skipTags(data []byte) []byte {
	for hasAt(data, 0, "ID3") {
		size, ok := tagSize(data)
		if !ok || size > len(data) {
			return nil
		}
		data = bytes.TrimLeft(data[size:], "\x00")
	}
	return data
}

// nextPart leaves out the tags between two files that were put one after the other. Those at the end it leaves.
func nextPart(rest []byte) []byte {
	const id3v1 = 128 // bytes, always
	next := rest
	if hasAt(next, 0, "TAG") {
		next = next[min(id3v1, len(next)):]
	}
	if next = skipTags(next); isMP3(next) {
		return next
	}
	return rest
}

// cutFrame returns the frame at the beginning of b, if it is whole.
func cutFrame(b []byte) ([]byte, bool) {
	size, ok := frameSize(b)
	if !ok || size > len(b) {
		return nil, false
	}
	return b[:size], true
}

// checkTrailer judges what follows the last frame. A file may end with a tag, with zeros or within a frame.
func checkTrailer(rest []byte, frames int) error {
	const longestFrame = 1441 // bytes: 320 kbit/s at 32 kHz, padded
	tagged := hasAt(rest, 0, "TAG") || hasAt(rest, 0, "APETAGEX") || hasAt(rest, 0, "LYRICSBEGIN") || hasAt(rest, 0, "ID3")
	if tagged || len(rest) < longestFrame || len(bytes.TrimLeft(rest, "\x00")) == 0 {
		return nil
	}
	return damaged(MP3, "frame %d is followed by something else", frames)
}

// add appends a frame. Its main data may begin in the frames before it, in the "bit reservoir" (ISO/IEC 11172-3, section 2.4.3.4).
func (s *mp3Stream) add(frame []byte) error {
	layout := layoutOf(frame)
	if layout != s.mp3Layout {
		return needsFull("MP3 whose sample rate or channels change")
	}
	if err := layout.checkFrame(frame); err != nil {
		return err
	}
	begin, own := layout.mainData(frame)
	switch {
	case begin <= s.reservoir:
		s.whole = true
	case s.whole:
		return damaged(MP3, "frame %d needs data that is not there", len(s.frames)+1)
	default: // cut out of a longer file: what the first frames lean on is lost, but later ones lean on them
		frame, begin = layout.silenced(frame, s.reservoir)
	}
	s.reservoir = begin + own
	s.frames = append(s.frames, frame)
	s.size += len(frame)
	return nil
}

// mp3Layout is what stays the same from frame to frame.
type mp3Layout struct {
	version  byte // as the header has it: mpeg1, mpeg2 or mpeg25
	rate     int  // Hz
	channels int
	perFrame int // samples
	sideInfo int // bytes of the description of a frame, which follows the header and its check sum
}

// The versions as frame headers have them.
const (
	mpeg25 = 0
	mpeg2  = 2
	mpeg1  = 3
)

// layoutOf reads the header of a frame that frameSize accepts.
func layoutOf(frame []byte) mp3Layout {
	const singleChannel = 3
	l := mp3Layout{version: frame[1] >> 3 & 3, rate: sampleRates[frame[2]>>2&3], channels: 2, perFrame: 1152, sideInfo: 32}
	mono := frame[3]>>6 == singleChannel
	switch {
	case l.version == mpeg1 && mono:
		l.channels, l.sideInfo = 1, 17
	case l.version != mpeg1 && mono:
		l.channels, l.sideInfo, l.perFrame = 1, 9, 576
	case l.version != mpeg1:
		l.sideInfo, l.perFrame = 17, 576
	}
	switch l.version {
	case mpeg2:
		l.rate /= 2
	case mpeg25:
		l.rate /= 4
	}
	return l
}

// check refuses what the codec knows nothing of.
func (l mp3Layout) check() error {
	if l.version == mpeg25 {
		return needsFull("MP3 at " + kilohertz(l.rate))
	}
	return nil
}

// checkFrame refuses what the codec decodes wrongly in single frames.
func (l mp3Layout) checkFrame(frame []byte) error {
	const jointStereo, intensity = 1, 0x10
	switch {
	case frame[3]>>6 == jointStereo && frame[3]&intensity != 0:
		return needsFull("MP3 with intensity stereo")
	case l.version == mpeg2 && l.mixesBlocks(frame[l.afterHeader(frame):]):
		return needsFull("MP3 at " + kilohertz(l.rate) + " with mixed blocks")
	}
	return nil
}

// afterHeader is the offset of the side information: a check sum may stand before it.
func (l mp3Layout) afterHeader(frame []byte) int {
	const header, checksum, unprotected = 4, 2, 1
	if frame[1]&unprotected == 0 {
		return header + checksum
	}
	return header
}

// mainData returns how many bytes before the frame its main data begins, and how many bytes of main data the frame carries.
func (l mp3Layout) mainData(frame []byte) (begin, own int) {
	at := l.afterHeader(frame)
	if at+l.sideInfo > len(frame) {
		return 0, 0 // too small to be true; the codec will say so
	}
	own = len(frame) - at - l.sideInfo
	if l.version == mpeg1 {
		return int(frame[at])<<1 | int(frame[at+1])>>7, own
	}
	return int(frame[at]), own
}

// silenced returns a copy of the frame that describes silence but carries the same main data, with all of the reservoir, so
// that later frames find it. It also returns where its main data begins.
func (l mp3Layout) silenced(frame []byte, reservoir int) (copied []byte, begin int) {
	copied = slices.Clone(frame)
	at := l.afterHeader(frame)
	clear(copied[at : at+l.sideInfo])
	if l.version == mpeg1 {
		begin = min(reservoir, 1<<9-1)
		copied[at], copied[at+1] = byte(begin>>1), byte(begin<<7)
		return copied, begin
	}
	begin = min(reservoir, 1<<8-1)
	copied[at] = byte(begin)
	return copied, begin
}
