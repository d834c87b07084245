package audio_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/englishapp/englishctl/internal/audio"
)

// m4aParts are the boxes of a fixture, to be put together in another way.
type m4aParts struct {
	before                                 []byte // everything up to moov, which is last
	tkhd, mdhd, hdlr, stsd, stts, stsc, st []byte // bodies; st is stsz
	stco                                   []byte
	extra                                  []byte // more boxes in moov
	elst                                   []byte // body, if there is to be one
	offsets                                string // the name of the box with stco's body
}

func partsOf(t testing.TB, name string) m4aParts {
	t.Helper()
	file := mp4File(fixture(t, name))
	table := file.body(t, stbl...)
	return m4aParts{
		before: []byte(file)[:bytes.Index(file, []byte("moov"))-4],
		tkhd:   file.body(t, "moov", "trak", "tkhd"),
		mdhd:   slices.Clone(file.body(t, "moov", "trak", "mdia", "mdhd")),
		hdlr:   slices.Clone(file.body(t, "moov", "trak", "mdia", "hdlr")),
		stsd:   table[8:binary.BigEndian.Uint32(table)], // it comes first
		stts:   file.body(t, in(stbl, "stts")...),
		stsc:   file.body(t, in(stbl, "stsc")...),
		st:     file.body(t, in(stbl, "stsz")...),
		stco:   file.body(t, in(stbl, "stco")...), offsets: "stco",
	}
}

func (p m4aParts) trak() []byte {
	table := mp4Box("stbl", mp4Box("stsd", p.stsd), mp4Box("stts", p.stts), mp4Box("stsc", p.stsc), mp4Box("stsz", p.st), mp4Box(p.offsets, p.stco))
	trak := join(mp4Box("tkhd", p.tkhd), mp4Box("mdia", mp4Box("mdhd", p.mdhd), mp4Box("hdlr", p.hdlr), mp4Box("minf", table)))
	if p.elst != nil {
		trak = join(trak, mp4Box("edts", mp4Box("elst", p.elst)))
	}
	return mp4Box("trak", trak)
}

func (p m4aParts) file() []byte {
	mvhd := mp4Box("mvhd", make([]byte, 12), be32(1000), make([]byte, 84))
	return join(p.before, mp4Box("moov", mvhd, p.trak(), p.extra))
}

func be64(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// picture is a video track of the codec, of so many pictures.
func picture(p m4aParts, codec string, pictures int) []byte {
	copy(p.hdlr[8:], "vide")
	p.st = join(be32(0), be32(100), be32(pictures)) // all of one size
	p.stsd = join(be32(0), be32(1), mp4Box(codec, make([]byte, 78)))
	return p.trak()
}

// quickTime makes a sample entry of a later version, whose esds box lies in another.
func quickTime(stsd []byte, version byte, extra int) []byte {
	entry := stsd[8:]
	fields, esds := slices.Clone(entry[8:36]), entry[36:]
	fields[9] = version
	return join(stsd[:8], mp4Box("mp4a", fields, make([]byte, extra), mp4Box("wave", mp4Box("frma", "mp4a"), esds)))
}

func TestM4ALayouts(t *testing.T) {
	whole := decode(t, partsOf(t, "aac-16000-1.m4a").file()).Samples
	duration := binary.BigEndian.Uint32(partsOf(t, "aac-16000-1.m4a").mdhd[16:])
	for _, tt := range []struct {
		rule   string
		change func(*m4aParts)
		skip   int // samples
	}{
		{"times of 64 bits", func(p *m4aParts) {
			p.tkhd = join(be32(1<<24), make([]byte, 16), p.tkhd[12:16], make([]byte, 80))
			p.mdhd = join(be32(1<<24), make([]byte, 16), be32(16000), be64(int(duration)), be32(0))
			p.elst = join(be32(1<<24), be32(1), be64(0), be64(1024), be32(1<<16))
		}, 1024},
		{"an unknown duration", func(p *m4aParts) { copy(p.mdhd[16:], be32(-1)) }, 0},
		{"offsets of 64 bits", func(p *m4aParts) {
			p.offsets = "co64"
			wide := slices.Clone(p.stco[:8])
			for at := 8; at < len(p.stco); at += 4 {
				wide = join(wide, be32(0), p.stco[at:at+4])
			}
			p.stco = wide
		}, 0},
		{"a cover picture as a track", func(p *m4aParts) { p.extra = picture(partsOf(t, "aac-16000-1.m4a"), "jpeg", 1) }, 0},
		{"a second sound track is left out", func(p *m4aParts) { p.extra = p.trak() }, 0},
		{"QuickTime's entry, version 1", func(p *m4aParts) { p.stsd = quickTime(p.stsd, 1, 16) }, 0},
		{"QuickTime's entry, version 2", func(p *m4aParts) { p.stsd = quickTime(p.stsd, 2, 36) }, 0},
		{"silence first", func(p *m4aParts) {
			p.elst = join(be32(0), be32(2), be32(500), be32(-1), be32(1<<16), be32(0), be32(1024), be32(1<<16))
		}, 1024},
		{"boxes with sizes of 64 bits", func(p *m4aParts) {
			p.extra = join(be32(1), "free", be64(20), be32(0))
		}, 0},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			parts := partsOf(t, "aac-16000-1.m4a")
			tt.change(&parts)
			if got := decode(t, parts.file()).Samples; !slices.Equal(got, whole[tt.skip:]) {
				t.Errorf("%d samples, want the %d of the fixture but for the first %d", len(got), len(whole), tt.skip)
			}
		})
	}
}

func TestM4ALayoutsThatAreRefused(t *testing.T) {
	const damaged = "this M4A file is damaged: "
	for _, tt := range []struct {
		rule   string
		change func(*m4aParts)
		want   string
	}{
		{"H.264", func(p *m4aParts) { p.extra = picture(partsOf(t, "aac-16000-1.m4a"), "avc1", 25) }, "this M4A holds a video track (H.264); only sound can be used"},
		{"H.265", func(p *m4aParts) { p.extra = picture(partsOf(t, "aac-16000-1.m4a"), "hvc1", 25) }, "this M4A holds a video track (H.265); only sound can be used"},
		{"Motion JPEG", func(p *m4aParts) { p.extra = picture(partsOf(t, "aac-16000-1.m4a"), "jpeg", 25) }, "this M4A holds a video track (25 pictures); only sound can be used"},
		{"Motion JPEG with small sizes", func(p *m4aParts) {
			p.extra = bytes.Replace(picture(partsOf(t, "aac-16000-1.m4a"), "mjpa", 25), []byte("stsz"), []byte("stz2"), 1)
		}, "this M4A holds a video track (25 pictures); only sound can be used"},
		{"no sample description", func(p *m4aParts) { p.stsd = nil }, damaged + "it does not say what its sound track holds"},
		{"an empty sample description", func(p *m4aParts) { p.stsd = p.stsd[:8] }, damaged + "it does not say what its sound track holds"},
		{"an entry of an unknown version", func(p *m4aParts) { p.stsd = quickTime(p.stsd, 9, 0) }, damaged + "the description of its sound (esds) is incomplete"},
		{"another stream in the esds", func(p *m4aParts) {
			p.stsd = bytes.Replace(p.stsd, []byte("\x40\x15"), []byte("\xa9\x15"), 1)
		}, "this M4A holds an unknown codec (mp4a 0xA9); only AAC-LC can be used"},
		{"two pieces", func(p *m4aParts) {
			piece := join(be32(100), be32(1024), be32(1<<16))
			p.elst = join(be32(0), be32(2), piece, piece)
		}, "M4A that plays pieces of its sound in another order needs the full decoder"},
		{"a track without a header", func(p *m4aParts) { p.tkhd = nil }, damaged + "the header of its sound track is incomplete"},
		{"pieces longer than the codec makes", func(p *m4aParts) {
			p.extra = mp4Box("free", make([]byte, 20_000))
			p.st = join(be32(0), be32(9000), be32(1))
		}, damaged + "a piece of its sound is 9000 bytes long; the longest possible has 8191"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			parts := partsOf(t, "aac-16000-1.m4a")
			tt.change(&parts)
			_, err := audio.BuiltIn{}.Decode(t.Context(), parts.file(), anyLength)
			if err == nil || err.Error() != tt.want {
				t.Errorf("Decode = %v, want %q", err, tt.want)
			}
		})
	}
}

// A recording in fragments, and pictures beside it.
func TestM4AOfPicturesInFragments(t *testing.T) {
	file := mp4File(fixture(t, "fragmented.mp4"))
	moov := bytes.Index(file, []byte("moov")) - 4
	end := moov + int(binary.BigEndian.Uint32(file[moov:]))
	track := partsOf(t, "aac-16000-1.m4a")
	copy(track.tkhd[12:], be32(2))
	pictures := func(n int) []byte {
		run := mp4Box("moof", mp4Box("traf", mp4Box("tfhd", be32(0), be32(2)), mp4Box("trun", be32(0), be32(n))))
		index := mp4Box("moov", []byte(file[moov+8:end]), picture(track, "jpeg", 0))
		return join([]byte(file[:moov]), index, []byte(file[end:]), run)
	}
	for _, tt := range []struct {
		pictures int
		want     string
	}{
		{1, ""}, {2, "this M4A holds a video track (2 pictures); only sound can be used"},
	} {
		_, err := audio.BuiltIn{}.Decode(t.Context(), pictures(tt.pictures), anyLength)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || err.Error() != tt.want) {
			t.Errorf("%d: %v, want %q", tt.pictures, err, tt.want)
		}
	}
}
