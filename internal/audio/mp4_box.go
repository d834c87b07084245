package audio

import (
	"bytes"
	"encoding/binary"
	"iter"
)

// box is an MPEG-4 box (ISO/IEC 14496-12, section 4.2).
type box struct {
	name string
	body []byte // what is there of it
	at   int    // offset of the header within the buffer that was walked
}

// boxes walks the boxes in b. It ends where the bytes end or make no sense: a file that was cut off is judged by what it
// still holds.
func boxes(b []byte) iter.Seq[box] {
	return func(yield func(box) bool) {
		for at := 0; at+8 <= len(b); {
			header, size := 8, uint64(binary.BigEndian.Uint32(b[at:]))
			switch {
			case size == 0: // to the end
				size = uint64(len(b) - at)
			case size == 1 && at+16 <= len(b): // a 64-bit size follows
				header, size = 16, binary.BigEndian.Uint64(b[at+8:])
			}
			if size < uint64(header) {
				return
			}
			end := at + int(min(size, uint64(len(b)-at)))
			if !yield(box{name: string(b[at+4 : at+8]), body: b[at+header : end], at: at}) {
				return
			}
			at = end
		}
	}
}

// maxBoxes of a file. A fragment of a few boxes for each piece of sound is the most that any recorder writes: 30 s of AAC at
// 192 kHz are 30·192,000/1,024 = 5,625 pieces, and with 9 boxes for each (styp, sidx, moof, mfhd, traf, tfhd, tfdt, trun, mdat) that
// makes 50,625. FFmpeg takes 6 to 8 µs for an empty box, so that so many take it half a second, and those of 10 MiB 8 s.
const maxBoxes = 1 << 16

// costly is for how many others a box counts that FFmpeg looks at again for each other one of its kind or for each fragment: 16,000 tags, or
// 30,000 "trex" beside 10,000 fragments, take it more than 10 s. Music has some dozens of tags, of 2 to 4 boxes each.
const costly = 64

// smallestBox in bytes: a size and a name.
const smallestBox = 8

// maxDepth is how many levels FFmpeg goes down before it gives up; recorders need 7.
const maxDepth = 11

// parents are the boxes in which FFmpeg looks for others.
var parents = map[string]bool{
	"moov": true, "trak": true, "mdia": true, "minf": true, "dinf": true, "stbl": true, "edts": true, "mvex": true, "moof": true, "traf": true,
	"udta": true, "meta": true, "ilst": true, "tref": true, "wave": true, "sinf": true, "clip": true, "gmhd": true, "mfra": true,
}

// checkBoxes refuses files that are nothing but work.
func checkBoxes(file []byte) error {
	if countBoxes(file, maxBoxes, maxDepth) > maxBoxes {
		return damaged(M4A, "it has more than %d boxes", maxBoxes)
	}
	return nil
}

// countBoxes counts the boxes on so many levels, up to one more than most.
func countBoxes(b []byte, most, depth int) (n int) {
	for box := range boxes(b) {
		if n++; n > most {
			break
		}
		switch {
		case box.name == "trex":
			n += costly
		case box.name == "ilst" && depth > 1:
			n = min(n+costly*countBoxes(box.body, most, depth-1), most+1)
		case box.name == "stsd": // FFmpeg finds boxes in there behind fields of many kinds: the most that fit are counted
			n = min(n+len(box.body)/smallestBox, most+1)
		case parents[box.name] && depth > 1:
			n += countBoxes(inner(box), most-n, depth-1)
		}
	}
	return n
}

// inner is where the boxes in a box begin: in a "meta" box behind its version, which QuickTime's lacks. FFmpeg looks for the hdlr
// box, which comes first.
func inner(b box) []byte {
	const header = 4 // before a box's name
	if at := bytes.Index(b.body, []byte("hdlr")); b.name == "meta" && at >= header {
		return b.body[at-header:]
	}
	return b.body
}

// find returns the body of the first box on the path: find(moov, "trak", "mdia"). It is nil if there is none.
func find(b []byte, path ...string) []byte {
	for _, name := range path {
		b = first(b, name)
	}
	return b
}

func first(b []byte, name string) []byte {
	for box := range boxes(b) {
		if box.name == name {
			return box.body
		}
	}
	return nil
}

// fields reads big-endian numbers one after the other. Beyond the end they are 0 and short is set, so that the reader may
// look once, at the end.
type fields struct {
	b     []byte
	short bool
}

func (f *fields) next(n int) []byte {
	if n > len(f.b) {
		f.b, f.short = nil, true
		return make([]byte, 8)[:min(n, 8)]
	}
	got := f.b[:n]
	f.b = f.b[n:]
	return got
}

func (f *fields) skip(n int) {
	if n > len(f.b) {
		f.b, f.short = nil, true
		return
	}
	f.b = f.b[n:]
}

func (f *fields) u8() int      { return int(f.next(1)[0]) }
func (f *fields) u16() int     { return int(binary.BigEndian.Uint16(f.next(2))) }
func (f *fields) u32() int     { return int(binary.BigEndian.Uint32(f.next(4))) }
func (f *fields) i32() int     { return int(int32(binary.BigEndian.Uint32(f.next(4)))) }
func (f *fields) u64() uint64  { return binary.BigEndian.Uint64(f.next(8)) }
func (f *fields) text() string { return string(f.next(4)) }

// length reads a time or size of 64 bits in version 1 of a box and 32 otherwise. What no file can mean is capped.
func (f *fields) length(version int) int {
	if version == 1 {
		return int(min(f.u64(), 1<<62))
	}
	return f.u32()
}

// full reads what stands at the beginning of a "full box".
func (f *fields) full() (version, flags int) {
	x := f.u32()
	return x >> 24, x & 0xFFFFFF
}
