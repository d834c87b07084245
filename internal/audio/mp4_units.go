package audio

import "encoding/binary"

// units walks the coded pieces of sound ("samples" in the standard, access units to the codec) in order: those of the tables,
// then those of the fragments. It ends at the first one that is not in the file.
func (t mp4Track) units(yield func([]byte) bool) {
	if t.tableUnits(yield) && t.fragments {
		t.fragmentUnits(yield)
	}
}

// table32 is an array of equal entries of 32-bit numbers that stands in the file.
type table32 struct {
	b     []byte
	width int // numbers per entry
}

// newTable reads the count before the entries, and no more entries than there are.
func newTable(f fields, width int) table32 {
	count := f.u32()
	return table32{b: f.b[:min(count*width*4, len(f.b))], width: width}
}

func (t table32) len() int { return len(t.b) / 4 / t.width }

func (t table32) at(entry, number int) int {
	return int(binary.BigEndian.Uint32(t.b[4*(entry*t.width+number):]))
}

// unitSizes is the stsz box (ISO/IEC 14496-12, section 8.7.3.2).
type unitSizes struct {
	uniform int // if not 0, the size of each
	count   int // if uniform
	sizes   table32
}

func (t mp4Track) sizes() unitSizes {
	f := fields{b: first(t.table, "stsz")}
	f.skip(4)
	s := unitSizes{uniform: f.u32()}
	if s.uniform != 0 {
		s.count = f.u32()
		return s
	}
	s.sizes = newTable(f, 1)
	s.count = s.sizes.len()
	return s
}

func (s unitSizes) at(n int) int {
	if s.uniform != 0 {
		return s.uniform
	}
	return s.sizes.at(n, 0)
}

// chunkOffsets is the stco box, or co64 with its numbers of 64 bits (ISO/IEC 14496-12, section 8.7.5).
func (t mp4Track) chunkOffsets() (count int, at func(n int) uint64) {
	if stco := first(t.table, "stco"); stco != nil {
		f := fields{b: stco}
		f.skip(4)
		offsets := newTable(f, 1)
		return offsets.len(), func(n int) uint64 { return uint64(offsets.at(n, 0)) }
	}
	f := fields{b: first(t.table, "co64")}
	f.skip(4)
	offsets := newTable(f, 2)
	return offsets.len(), func(n int) uint64 { return uint64(offsets.at(n, 0))<<32 | uint64(offsets.at(n, 1)) }
}

// tableUnits walks chunks of units, whose length is given from chunk to chunk where it changes (stsc, section 8.7.4).
//
// It ends: each step needs an entry of a table or a piece of the file, except that chunks may overlap, and so whoever
// ranges over it must stop after as much sound as is wanted. It reports whether to go on behind the last one.
func (t mp4Track) tableUnits(yield func([]byte) bool) bool {
	f := fields{b: first(t.table, "stsc")}
	f.skip(4)
	runs := newTable(f, 3) // first chunk, units per chunk, description
	sizes := t.sizes()
	chunks, offset := t.chunkOffsets()
	unit, run := 0, 0
	for chunk := 0; chunk < chunks && runs.len() > 0; chunk++ {
		for run+1 < runs.len() && runs.at(run+1, 0) <= chunk+1 {
			run++
		}
		at := offset(chunk)
		for range runs.at(run, 1) {
			if unit >= sizes.count {
				return true
			}
			size := uint64(sizes.at(unit))
			if at > uint64(len(t.file)) || size > uint64(len(t.file))-at {
				return false
			}
			if !yield(t.file[at : at+size]) {
				return false
			}
			at, unit = at+size, unit+1
		}
	}
	return true
}

// tableDuration is the sum of all durations in the stts box, in units of time (section 8.6.1.2). It is no integer, because those
// of a liar overflow.
func (t mp4Track) tableDuration() float64 {
	f := fields{b: first(t.table, "stts")}
	f.skip(4)
	runs := newTable(f, 2) // units, duration of each
	sum := 0.0
	for n := range runs.len() {
		sum += float64(runs.at(n, 0)) * float64(runs.at(n, 1))
	}
	return sum
}
