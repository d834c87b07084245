package audio

import (
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
