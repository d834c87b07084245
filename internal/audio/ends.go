package audio

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// ends find out, by how a file is put together, whether it ends where it was meant to: these formats need not say how long they are. Each
// returns *DamagedError for a file that ends within one of its pieces. What it cannot read, it leaves to the decoder.
//
// A file that ends between two pieces is taken, since nothing shows that there should be more. Ogg has a flag for its last page, but
// Android's MediaRecorder never sets it.
var ends = map[Format]func(data []byte) error{OGG: endsOgg, WebM: endsWebM, AMR: endsAMR}

func cutOff(format Format, piece string) error {
	return damaged(format, "it ends within %s; it was probably cut off", piece)
}

// endsOgg walks the pages (RFC 3533, section 6). What is no page between them is left out, as decoders do.
func endsOgg(data []byte) error {
	if err := checkComments(data); err != nil {
		return err
	}
	const (
		magic    = "OggS"
		segments = 26 // where their number is, and behind it their lengths
	)
	for {
		if n := len(data); 0 < n && n < len(magic) && magic[:n] == string(data) {
			return cutOff(OGG, "a page")
		}
		at := bytes.Index(data, []byte(magic))
		if at < 0 {
			return nil
		}
		page := data[at:]
		size := segments + 1
		if len(page) >= size {
			size += int(page[segments])
		}
		if len(page) >= size {
			for _, length := range page[segments+1 : size] {
				size += int(length)
			}
		}
		if len(page) < size {
			return cutOff(OGG, "a page")
		}
		data = page[size:]
	}
}

// maxComments of an Ogg; programs write some dozens. FFmpeg looks at all others for each one: 20,000 take it more than 10 s.
const maxComments = 1000

// checkComments refuses files that are nothing but work. A packet of comments begins with its name, that of the program that wrote it, behind
// the length in four bytes, and the number of comments (RFC 7845, section 5.2; "Vorbis I specification", section 5.2).
func checkComments(data []byte) error {
	const longestName = 200 // bytes: a packet that goes on in the next page has 255 in its first one, so that all of this stands there
	for _, magic := range []string{"OpusTags", "\x03vorbis"} {
		for _, packet := range bytes.Split(data, []byte(magic))[1:] {
			name := binary.LittleEndian.Uint32(append(bytes.Clone(packet[:min(4, len(packet))]), 0, 0, 0, 0))
			if name > longestName {
				return damaged(OGG, "the name of the program that wrote it has %d bytes", name)
			}
			rest := packet[min(4+int(name), len(packet)):]
			if len(rest) >= 4 && binary.LittleEndian.Uint32(rest) > maxComments {
				return damaged(OGG, "it has more than %d comments", maxComments)
			}
		}
	}
	return nil
}

// amrSizes are the bytes of a frame by its type, the first one included (RFC 4867, section 5.3), of AMR and of AMR wideband.
var amrSizes = map[string][16]int{
	"#!AMR\n":    {13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1},
	"#!AMR-WB\n": {18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 1, 1, 1, 1, 1, 1},
}

func endsAMR(data []byte) error {
	for magic, sizes := range amrSizes {
		frames, ok := bytes.CutPrefix(data, []byte(magic))
		for ok && len(frames) > 0 {
			size := sizes[frames[0]>>3&0xF]
			if size > len(frames) {
				return cutOff(AMR, "a frame")
			}
			frames = frames[size:]
		}
	}
	return nil
}

// The elements of WebM in which others are looked for.
const (
	webmSegment = 0x18538067
	webmCluster = 0x1F43B675
	webmGroup   = 0xA0
)

// webmBytes are the elements that hold anything but others: SimpleBlock, Block and Void.
var webmBytes = map[uint64]bool{0xA3: true, 0xA1: true, 0xEC: true}

// maxElements of a WebM. 30 s of Opus in its smallest packets, of 2.5 ms, are 12,000 blocks, and with a group for each, which has five
// elements at most where there is no video, 60,000. FFmpeg takes up to 1 µs for an empty one, and 5 s for 10 MiB of them.
const maxElements = 1 << 16

// checkElements refuses files that are nothing but work. Of elements that are not walked the most that fit are counted, of two bytes
// each. It goes into what is longer than the file, and over what is no element, as FFmpeg does.
func checkElements(data []byte) error {
	const smallest = 2
	n := 0
	for len(data) > 0 && n <= maxElements {
		id, idLength := ebmlNumber(data, 4)
		size, sizeLength := ebmlNumber(data[min(idLength, len(data)):], 8)
		if idLength == 0 || sizeLength == 0 || idLength+sizeLength > len(data) {
			data = data[1:]
			continue
		}
		data = data[idLength+sizeLength:]
		size &^= 1 << (7 * sizeLength)
		switch n++; {
		case id == webmSegment, id == webmCluster, id == webmGroup, size > uint64(len(data)):
			continue
		case !webmBytes[id]:
			n += int(size) / smallest
		}
		data = data[size:]
	}
	if n > maxElements {
		return damaged(WebM, "it has more than %d elements", maxElements)
	}
	return nil
}

// endsWebM walks the elements (RFC 8794, section 6). Browsers, which write while they record, leave the lengths of the large ones open; those
// of the sound are always there.
func endsWebM(data []byte) error {
	if err := checkElements(data); err != nil {
		return err
	}
	for len(data) > 0 {
		id, idLength := ebmlNumber(data, 4)
		size, sizeLength := ebmlNumber(data[min(idLength, len(data)):], 8)
		switch {
		case idLength == 0 || sizeLength == 0 && len(data) > idLength:
			return nil // no element
		case idLength+sizeLength > len(data) || sizeLength == 0:
			return cutOff(WebM, "an element")
		}
		data = data[idLength+sizeLength:]
		size &^= 1 << (7 * sizeLength) // what says how many bytes it has
		switch unknown := size == 1<<(7*sizeLength)-1; {
		case id == webmSegment || id == webmCluster:
			continue
		case unknown:
			return nil
		case size > uint64(len(data)):
			return cutOff(WebM, "an element")
		}
		data = data[size:]
	}
	return nil
}

// ebmlNumber reads a number with what says how many bytes it has (RFC 8794, section 4). A length beyond that of data means that it is cut
// off, 0 that there is none of at most so many bytes.
func ebmlNumber(data []byte, most int) (n uint64, length int) {
	if len(data) == 0 {
		return 0, 0
	}
	length = bits.LeadingZeros8(data[0]) + 1
	if length > most {
		return 0, 0
	}
	var whole [8]byte
	copy(whole[8-length:], data[:min(length, len(data))])
	return binary.BigEndian.Uint64(whole[:]), length
}
