package audio_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/audio"
)

// mp4File is a file of MPEG-4 boxes to be changed.
type mp4File []byte

// body finds the body of the box on the path, in place.
func (f mp4File) body(t testing.TB, path ...string) []byte {
	t.Helper()
	b := []byte(f)
	for _, name := range path {
		switch name {
		case "stsd":
			b = b[bytes.Index(b, []byte("stsd"))+12:]
			continue
		case "mp4a":
			b = b[bytes.Index(b, []byte("mp4a"))+32:]
			continue
		}
		found := false
		for at := 0; at+8 <= len(b); {
			size := int(binary.BigEndian.Uint32(b[at:]))
			if string(b[at+4:at+8]) == name {
				b, found = b[at+8:at+size], true
				break
			}
			at += size
		}
		if !found {
			t.Fatalf("no %s in %v", name, path)
		}
	}
	return b
}

func be32(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

func mp4Box(name string, parts ...any) []byte {
	body := join(parts...)
	return join(be32(len(body)+8), name, body)
}

var stbl = []string{"moov", "trak", "mdia", "minf", "stbl"}

func in(path []string, names ...string) []string { return append(slices.Clone(path), names...) }

// m4aCase is a fixture with numbers changed: at most one box, at offsets into its body.
type m4aCase struct {
	rule   string
	file   string
	path   []string
	at     int
	bytes  []byte
	want   string // the error
	length time.Duration
}

func TestM4AWithChangedNumbers(t *testing.T) {
	const damaged = "this M4A file is damaged: "
	mdhd := []string{"moov", "trak", "mdia", "mdhd"}
	elst := []string{"moov", "trak", "edts", "elst"}
	whole := 350 * time.Millisecond
	for _, tt := range []m4aCase{
		{rule: "a header of 10 hours", path: mdhd, at: 16, bytes: be32(36000 * 16000), want: damaged + "its header says 36000 s, but it holds 0.45 s of sound"},
		{rule: "a header that is too short", path: mdhd, at: 16, bytes: be32(1600), want: damaged + "its header says 0.1 s, but it holds 0.45 s of sound"},
		{rule: "no duration in the header, but in the table", path: mdhd, at: 16, bytes: be32(0), length: whole},
		{rule: "a timescale of 0", path: mdhd, at: 12, bytes: be32(0), want: damaged + "the header of its sound track is incomplete"},
		{rule: "a track that is video", path: []string{"moov", "trak", "mdia", "hdlr"}, at: 8, bytes: []byte("vide"), want: "this M4A holds a video track; only sound can be used"},
		{rule: "a track of subtitles", path: []string{"moov", "trak", "mdia", "hdlr"}, at: 8, bytes: []byte("sbtl"), want: "this M4A holds no sound track; only a file with one can be used"},
		{rule: "an unknown codec", path: in(stbl, "stsd"), at: 4, bytes: []byte("zzzz"), want: `this M4A holds an unknown codec ("zzzz"); only AAC-LC can be used`},
		{rule: "protected", path: in(stbl, "stsd"), at: 4, bytes: []byte("enca"), want: "this M4A holds copy-protected sound; only AAC-LC can be used"},
		{rule: "AMR", path: in(stbl, "stsd"), at: 4, bytes: []byte("samr"), want: "this M4A holds AMR; that needs the full decoder"},

		{rule: "4 billion units in the table", path: in(stbl, "stsz"), at: 8, bytes: be32(-1), length: whole},
		{rule: "4 billion units of one byte", path: in(stbl, "stsz"), at: 4, bytes: join(be32(1), be32(-1)), want: damaged + "its sound cannot be decoded"},
		{rule: "no units", path: in(stbl, "stsz"), at: 8, bytes: be32(0), want: damaged + "its header says 0.41 s, but it holds 0 s of sound"},
		{rule: "a unit of 40 kB", path: in(stbl, "stsz"), at: 12, bytes: be32(40000), want: damaged + "its header says 0.41 s, but it holds 0 s of sound"},
		{rule: "4 billion chunks", path: in(stbl, "stco"), at: 4, bytes: be32(-1), length: whole},
		{rule: "a chunk beyond the file", path: in(stbl, "stco"), at: 8, bytes: be32(1 << 31), want: damaged + "its header says 0.41 s, but it holds 0 s of sound"},
		{rule: "no runs of chunks", path: in(stbl, "stsc"), at: 4, bytes: be32(0), want: damaged + "its header says 0.41 s, but it holds 0 s of sound"},
		{rule: "4 billion units per chunk", path: in(stbl, "stsc"), at: 12, bytes: be32(-1), length: whole},

		{rule: "an edit that starts later", path: elst, at: 12, bytes: be32(1024 + 1600), want: damaged + "its header says 0.35 s, but it holds 0.28 s of sound"},
		{rule: "an edit that is shorter", path: elst, at: 8, bytes: be32(200), length: 200 * time.Millisecond},
		{rule: "an edit to the end", path: elst, at: 8, bytes: be32(0), length: whole},
		{rule: "an edit of 10 hours", path: elst, at: 8, bytes: be32(36_000_000), want: damaged + "its header says 36000 s, but it holds 0.38 s of sound"},
		{rule: "an edit at double speed", path: elst, at: 16, bytes: be32(2 << 16), want: "this M4A holds sound that is to be played at another speed; only sound at its own speed can be used"},
		{rule: "an edit list that is longer than it is", path: elst, at: 4, bytes: be32(9), want: damaged + "its edit list is incomplete"},
		{rule: "an edit far behind the end", path: elst, at: 12, bytes: be32(1 << 30), want: damaged + "there is no sound in it"},
		{rule: "silence and nothing else", path: elst, at: 12, bytes: be32(-1), length: 414 * time.Millisecond},

		{rule: "fragments: a run of 4 billion units", file: "fragmented.mp4", path: []string{"moof", "traf", "trun"}, at: 4, bytes: be32(-1), want: damaged + "its header says 99728946.1 s, but it holds 0.39 s of sound"},
		{rule: "fragments: another track's", file: "fragmented.mp4", path: []string{"moof", "traf", "tfhd"}, at: 4, bytes: be32(7), length: 234 * time.Millisecond},
		{rule: "fragments: before the file", file: "fragmented.mp4", path: []string{"moof", "traf", "trun"}, at: 8, bytes: be32(-1 << 30), want: damaged + "its header says 0.37 s, but it holds 0 s of sound"},
		{rule: "fragments: beyond the file", file: "fragmented.mp4", path: []string{"moof", "traf", "trun"}, at: 8, bytes: be32(1 << 30), want: damaged + "its header says 0.37 s, but it holds 0 s of sound"},
	} {
		t.Run(tt.rule, func(t *testing.T) { tt.run(t) })
	}
}

func (tt m4aCase) run(t *testing.T) {
	if tt.file == "" {
		tt.file = "aac-16000-1.m4a"
	}
	file := mp4File(fixture(t, tt.file))
	copy(file.body(t, tt.path...)[tt.at:], tt.bytes)
	clip, err := audio.BuiltIn{}.Decode(t.Context(), file, anyLength)
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != tt.want || (clip.Duration-tt.length).Abs() > time.Millisecond {
		t.Errorf("Decode = %v, %v; want %v, %s", clip.Duration, err, tt.length, tt.want)
	}
}

func TestM4AConfigurations(t *testing.T) {
	const damaged, fullDecoder = "this M4A file is damaged: ", "; that needs the full decoder"
	for _, tt := range []struct {
		rule, asc, want string
	}{
		{"HE-AAC", "\x2c\x08", "this M4A holds HE-AAC" + fullDecoder},
		{"HE-AAC v2", "\xec\x08", "this M4A holds HE-AAC v2" + fullDecoder},
		{"HE-AAC announced behind the configuration", "\x14\x08\x56\xe5\xa0", "this M4A holds HE-AAC or another extension of AAC-LC" + fullDecoder},
		{"xHE-AAC", "\xf9\x40", "this M4A holds xHE-AAC" + fullDecoder},
		{"AAC-ELD", "\xf8\xe0", "this M4A holds AAC-ELD" + fullDecoder},
		{"AAC Main", "\x0c\x08", "this M4A holds AAC Main" + fullDecoder},
		{"a type without a name", "\x44\x08", "this M4A holds AAC of type 8" + fullDecoder},
		{"an explicit rate", "\x17\x88", "this M4A holds AAC at an unusual sample rate" + fullDecoder},
		{"eight channels", "\x14\x38", "this M4A holds AAC with 8 channels" + fullDecoder},
		{"no channels", "\x14\x00", "this M4A holds AAC with channels in an order of its own" + fullDecoder},
		{"7,350 Hz", "\x16\x08", "this M4A holds sound at 7350 Hz; only 8 kHz to 192 kHz can be used"},
		{"frames of 960 samples", "\x14\x0c", "this M4A holds HE-AAC or another extension of AAC-LC" + fullDecoder},
		{"a configuration that is cut off", "\x14", damaged + "the configuration of its AAC is incomplete"},
		{"another rate than the track's", "\x15\x88", damaged + "its header says 0.41 s, but it holds 0.9 s of sound"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			file := fixture(t, "aac-16000-1.m4a")
			old := []byte("\x05\x80\x80\x80\x05\x14\x08\x56\xe5\x00")
			at := bytes.Index(file, old)
			if at < 0 {
				t.Fatal("the fixture's configuration is not where it was")
			}
			file[at+4] = byte(len(tt.asc))
			copy(file[at+5:], tt.asc)
			_, err := audio.BuiltIn{}.Decode(t.Context(), file, anyLength)
			if err == nil || !bytes.HasPrefix([]byte(err.Error()), []byte(tt.want)) {
				t.Errorf("Decode = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestM4ACutOff(t *testing.T) {
	fast, usual := fixture(t, "faststart.m4a"), fixture(t, "aac-44100-2.m4a")
	for _, tt := range []struct {
		rule string
		file []byte
		want string
	}{
		{"index first, half of the sound", fast[:len(fast)*2/3], "this M4A file is damaged: its header says 0.37 s, but it holds 0.19 s of sound"},
		{"index last, and so no index", usual[:len(usual)/2], "this M4A file is damaged: it has no index (moov); it was probably cut off"},
		{"within the index", usual[:len(usual)-900], "this M4A file is damaged: "},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			_, err := audio.BuiltIn{}.Decode(t.Context(), tt.file, anyLength)
			if err == nil || !bytes.HasPrefix([]byte(err.Error()), []byte(tt.want)) {
				t.Errorf("Decode = %v, want %q", err, tt.want)
			}
		})
	}
}

// repeatedM4A is a fixture whose first unit is said to come so often, each from the same place in the file.
func repeatedM4A(t testing.TB, name string, units int) []byte {
	p := partsOf(t, name)
	copy(p.mdhd[16:], be32(units*1024))
	p.stts = join(be32(0), be32(1), be32(units), be32(1024))
	p.stsc = join(be32(0), be32(1), be32(1), be32(1), be32(1))
	p.st = join(be32(0), p.st[12:16], be32(units)) // all of the size of the first
	p.stco = join(be32(0), be32(units), bytes.Repeat(p.stco[8:12], units))
	return p.file()
}

// A file whose chunks all point to the same place would go on for hours.
func TestM4AOfOverlappingChunksStops(t *testing.T) {
	_, err := audio.BuiltIn{}.Decode(t.Context(), repeatedM4A(t, "aac-16000-1.m4a", 100_000), anyLength)
	if want := "the recording is longer than 30 s"; err == nil || err.Error() != want {
		t.Errorf("Decode = %v, want %q", err, want)
	}
}
