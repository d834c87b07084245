package audio_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/audio"
)

// wavSpec is a WAV file to be written by hand, right or wrong.
type wavSpec struct {
	tag, channels, rate, align, bits int
	extra                            []byte   // behind the 16 bytes of the fmt chunk
	before                           [][]byte // chunks before the data
	data                             []byte
	after                            [][]byte // what follows the data
	size                             uint32   // of the data chunk, if it should lie
}

func (w wavSpec) bytes() []byte {
	le := binary.LittleEndian
	format := le.AppendUint16(nil, uint16(w.tag))
	format = le.AppendUint16(format, uint16(w.channels))
	format = le.AppendUint32(format, uint32(w.rate))
	format = le.AppendUint32(format, uint32(w.rate*w.align))
	format = le.AppendUint16(format, uint16(w.align))
	format = le.AppendUint16(format, uint16(w.bits))
	format = append(format, w.extra...)
	size := w.size
	if size == 0 {
		size = uint32(len(w.data))
	}
	return join("RIFF", le32(1000), "WAVE", slices.Concat(w.before...), "fmt ", le32(len(format)), format,
		"data", le.AppendUint32(nil, size), w.data, slices.Concat(w.after...))
}

func TestWAVSamples(t *testing.T) {
	le := binary.LittleEndian
	floats := func(values ...float64) (b32, b64 []byte) {
		for _, v := range values {
			b32 = le.AppendUint32(b32, math.Float32bits(float32(v)))
			b64 = le.AppendUint64(b64, math.Float64bits(v))
		}
		return b32, b64
	}
	f32, f64 := floats(0, 0.5, -1, 1, 7, math.Inf(-1), math.NaN(), 1.0/32768)
	wantFloats := []int16{0, 16384, -32768, 32767, 32767, -32768, 0, 1}
	extensible := join("\x16\x00", "\x10\x00", "\x03\x00\x00\x00", "\x01\x00", "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71")
	for _, tt := range []struct {
		rule string
		file wavSpec
		want []int16
	}{
		{"8 bits are unsigned", wavSpec{tag: 1, channels: 1, align: 1, bits: 8, data: []byte{128, 255, 0}}, []int16{0, 127 << 8, -32768}},
		{"16 bits", wavSpec{tag: 1, channels: 1, align: 2, bits: 16, data: []byte("\x01\x00\xff\x7f\x00\x80")}, []int16{1, 32767, -32768}},
		{"24 bits keep the upper 16", wavSpec{tag: 1, channels: 1, align: 3, bits: 24, data: []byte("\xff\x01\x00\x00\x00\x80")}, []int16{1, -32768}},
		{"32 bits keep the upper 16", wavSpec{tag: 1, channels: 1, align: 4, bits: 32, data: []byte("\xff\xff\xff\x7f")}, []int16{32767}},
		{"float of 32 bits is clipped", wavSpec{tag: 3, channels: 1, align: 4, bits: 32, data: f32}, wantFloats},
		{"float of 64 bits is clipped", wavSpec{tag: 3, channels: 1, align: 8, bits: 64, data: f64}, wantFloats},
		// The values at the ends and in the middle of G.711's tables.
		{"A-law", wavSpec{tag: 6, channels: 1, align: 1, bits: 8, data: []byte{0xD5, 0x55, 0xAA, 0x2A, 0xC5}}, []int16{8, -8, 32256, -32256, 264}},
		{"µ-law", wavSpec{tag: 7, channels: 1, align: 1, bits: 8, data: []byte{0xFF, 0x7F, 0x80, 0x00, 0xEF}}, []int16{0, 0, 32124, -32124, 132}},
		{"two channels are mixed", wavSpec{tag: 1, channels: 2, align: 4, bits: 16, data: []byte("\x0a\x00\x14\x00\xff\x7f\xff\x7f")}, []int16{15, 32767}},
		{"a frame that is cut off is left out", wavSpec{tag: 1, channels: 2, align: 4, bits: 16, data: []byte("\x0a\x00\x14\x00\xff\x7f")}, []int16{15}},
		{"the extensible format", wavSpec{tag: 0xFFFE, channels: 1, align: 2, bits: 16, extra: extensible, data: []byte("\x07\x00")}, []int16{7}},
		{"chunks before the data, of odd size too", wavSpec{tag: 1, channels: 1, align: 2, bits: 16, data: []byte("\x07\x00"), before: [][]byte{chunk("LIST", 33), chunk("JUNK", 4)}}, []int16{7}},
		{"a chunk before the format that is longer than Sniff looks", wavSpec{tag: 1, channels: 1, align: 2, bits: 16, data: []byte("\x07\x00"), before: [][]byte{chunk("JUNK", 20_000)}}, []int16{7}},
		{"a second description is ignored", wavSpec{tag: 1, channels: 1, align: 2, bits: 16, data: []byte("\x07\x00"), extra: join("\x00\x00")}, []int16{7}},
		{"a streamed size of 0xFFFFFFFF", wavSpec{tag: 1, channels: 1, align: 2, bits: 16, data: []byte("\x07\x00"), size: 0xFFFFFFFF}, []int16{7}},
		{"a streamed size of sox", wavSpec{tag: 1, channels: 1, align: 2, bits: 16, data: []byte("\x07\x00"), size: 0x7FFFFFFF - 36}, []int16{7}},
		{"chunks behind the data", wavSpec{tag: 1, channels: 1, align: 2, bits: 16, data: []byte("\x07\x00"), after: [][]byte{chunk("LIST", 33), chunk("id3 ", 4)}}, []int16{7}},
		{"chunks behind data of odd size", wavSpec{tag: 1, channels: 1, align: 1, bits: 8, data: []byte{128}, after: [][]byte{{0}, chunk("LIST", 33)}}, []int16{0}},
		{"the same without the byte between", wavSpec{tag: 1, channels: 1, align: 1, bits: 8, data: []byte{128}, after: [][]byte{chunk("LIST", 33)}}, []int16{0}},
		{"some bytes behind the data", wavSpec{tag: 1, channels: 1, align: 1, bits: 8, data: make([]byte, 100), after: [][]byte{make([]byte, 10)}}, slices.Repeat([]int16{-32768}, 100)},
		{"some bytes behind a chunk", wavSpec{tag: 1, channels: 1, align: 1, bits: 8, data: make([]byte, 100), after: [][]byte{chunk("LIST", 500), make([]byte, 10)}}, slices.Repeat([]int16{-32768}, 100)},
		{"a file that lacks less than a tenth", wavSpec{tag: 1, channels: 1, align: 1, bits: 8, data: make([]byte, 95), size: 100}, slices.Repeat([]int16{-32768}, 95)},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			tt.file.rate = 8000
			if diff := cmp.Diff(tt.want, decode(t, tt.file.bytes()).Samples); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWAVWithoutASizeHasNoHeaderDuration(t *testing.T) {
	if clip := decode(t, fixture(t, "wav-piped.wav")); clip.HeaderDuration != 0 || clip.Duration != 350*time.Millisecond {
		t.Errorf("%v by its header, %v of sound", clip.HeaderDuration, clip.Duration)
	}
	zero := wavSpec{tag: 1, channels: 1, rate: 8000, align: 2, bits: 16}
	file := append(zero.bytes(), make([]byte, 1600)...) // the size says 0, the sound follows
	if clip := decode(t, file); clip.HeaderDuration != 0 || clip.Duration != 100*time.Millisecond {
		t.Errorf("size 0: %v by its header, %v of sound", clip.HeaderDuration, clip.Duration)
	}
}

func TestWAVRefusals(t *testing.T) {
	second := make([]byte, 16000)
	pcm := wavSpec{tag: 1, channels: 1, rate: 8000, align: 2, bits: 16, data: second}
	with := func(change func(*wavSpec)) []byte {
		w := pcm
		change(&w)
		return w.bytes()
	}
	const tail = "this WAV file is damaged: its header says nothing of "
	const only = "; only PCM of 8, 16, 24 or 32 bits, float of 32 or 64, A-law and µ-law can be used"
	for _, tt := range []struct {
		rule string
		file []byte
		want string
	}{
		{"1,000 channels", with(func(w *wavSpec) { w.channels, w.align = 1000, 2000 }), "this WAV holds 1000 channels; only 1 to 8 can be used"},
		{"no channels", with(func(w *wavSpec) { w.channels, w.align = 0, 0 }), "this WAV holds 0 channels; only 1 to 8 can be used"},
		{"a huge prime rate", with(func(w *wavSpec) { w.rate = 4294967291 }), "this WAV holds sound at 4294967291 Hz; only 8 kHz to 192 kHz can be used"},
		{"a rate of 0", with(func(w *wavSpec) { w.rate = 0 }), "this WAV holds sound at 0 Hz; only 8 kHz to 192 kHz can be used"},
		{"a rate of 4 kHz", with(func(w *wavSpec) { w.rate = 4000 }), "this WAV holds sound at 4000 Hz; only 8 kHz to 192 kHz can be used"},
		{"a wrong block align", with(func(w *wavSpec) { w.align = 4 }), "this WAV file is damaged: its header says 4 bytes per frame, but 1 channels of 16 bits take 2"},
		{"PCM of 12 bits", with(func(w *wavSpec) { w.bits = 12 }), "this WAV holds PCM of 12 bits" + only},
		{"float of 16 bits", with(func(w *wavSpec) { w.tag = 3 }), "this WAV holds float of 16 bits" + only},
		{"an unknown tag", with(func(w *wavSpec) { w.tag = 0x1234 }), "this WAV holds an unknown codec (0x1234)" + only},
		{"an unknown extensible format", with(func(w *wavSpec) { w.tag, w.extra = 0xFFFE, make([]byte, 24) }), "this WAV holds an extensible format of an unknown kind" + only},
		{"an extensible format that is cut off", with(func(w *wavSpec) { w.tag, w.extra = 0xFFFE, make([]byte, 4) }), "this WAV holds an extensible format of an unknown kind" + only},
		{"MP3 inside", with(func(w *wavSpec) { w.tag = 0x55 }), "this WAV holds MP3; that needs the full decoder"},
		{"cut off", with(func(w *wavSpec) { w.size = 20000 }), "this WAV file is damaged: its header says 1.3 s, but it holds 1 s of sound"},
		{"a quarter by its header", with(func(w *wavSpec) { w.size = 4000 }), tail + "12000 bytes behind its 4000 bytes of sound"},
		{"noise that a quarter leaves out", with(func(w *wavSpec) { w.data, w.size = bytes.Repeat([]byte("\xe1\x03~\xf0"), 4000), 4000 }), tail + "12000 bytes behind its 4000 bytes of sound"},
		{"sound that reads like a chunk", with(func(w *wavSpec) { w.data, w.size = bytes.Repeat([]byte("U"), 16000), 4000 }), tail + "12000 bytes behind its 4000 bytes of sound"},
		{"somewhat more than a tenth left out", with(func(w *wavSpec) { w.size = 14_540 }), tail + "1460 bytes behind its 14540 bytes of sound"},
		{"the same behind a chunk", with(func(w *wavSpec) { w.after = [][]byte{chunk("LIST", 40), make([]byte, 1700)} }), tail + "1700 bytes behind its 16000 bytes of sound"},
		{"two data chunks", with(func(w *wavSpec) { w.after = [][]byte{chunk("data", 16000)} }), "this WAV file is damaged: it has two data chunks"},
		{"two data chunks, others between", with(func(w *wavSpec) { w.after = [][]byte{chunk("LIST", 40), chunk("data", 16000)} }), "this WAV file is damaged: it has two data chunks"},
		{"10 hours by its header", with(func(w *wavSpec) { w.size = 36000 * 16000 }), "this WAV file is damaged: its header says 36000 s, but it holds 1 s of sound"},
		{"no sound", with(func(w *wavSpec) { w.data = nil }), "this WAV file is damaged: there is no sound in it"},
		{"no data chunk", pcm.bytes()[:36], "this WAV file is damaged: it has no data chunk"},
		{"a fmt chunk of the oldest kind", join("RIFF", le32(1), "WAVE", chunk("fmt ", 14), chunk("data", 4)), "this WAV file is damaged: its fmt chunk has 14 bytes instead of 16"},
		{"a fmt chunk that is cut off", join("RIFF", le32(1), "WAVE", "fmt ", le32(16), "\x01\x00"), "this WAV file is damaged: it ends within its header"},
		{"a long file without a format", join("RIFF", le32(1), "WAVE", chunk("JUNK", 20_000)), "this WAV file is damaged: it has no data chunk"},
		{"data before the format", join("RIFF", le32(1), "WAVE", chunk("data", 4), chunk("fmt ", 16)), "this WAV file is damaged: its data chunk comes before the description of its sound"},
		{"41 seconds", with(func(w *wavSpec) { w.data = make([]byte, 41*16000) }), "the recording is longer than 30 s"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			_, err := audio.BuiltIn{}.Decode(t.Context(), tt.file, audio.DefaultLimits)
			if err == nil || err.Error() != tt.want {
				t.Errorf("Decode = %v, want %q", err, tt.want)
			}
			var unsupported *audio.UnsupportedError
			var broken *audio.DamagedError
			var long *audio.TooLongError
			if !errors.As(err, &unsupported) && !errors.As(err, &broken) && !errors.As(err, &long) {
				t.Errorf("%T is none of the typed errors", err)
			}
		})
	}
}
