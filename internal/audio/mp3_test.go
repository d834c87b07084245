package audio_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/audio"
)

// splitMP3 cuts a file without ID3 tag into its frames. All of the fixtures with a constant bit rate have one size of frame,
// give or take the padding byte.
func splitMP3(t testing.TB, file []byte) [][]byte {
	t.Helper()
	sync := file[:2]
	var frames [][]byte
	for len(file) > 0 {
		next := bytes.Index(file[4:], sync)
		if next < 0 {
			next = len(file) - 4
		}
		frames = append(frames, slices.Clone(file[:next+4]))
		file = file[next+4:]
	}
	return frames
}

// untagged leaves out the ID3 tag that FFmpeg writes.
func untagged(t testing.TB, file []byte) []byte {
	t.Helper()
	at := bytes.IndexByte(file, 0xFF)
	if at < 0 {
		t.Fatal("no frame")
	}
	return file[at:]
}

// speechMP3 is an MP3 of 24 kHz mono without a Xing header: 24 ms a frame.
func speechMP3(t *testing.T) [][]byte {
	t.Helper()
	frames := splitMP3(t, untagged(t, fixture(t, "mp3-24000-1.mp3")))
	if len(frames) < 15 || !bytes.Contains(frames[0], []byte("Info")) {
		t.Fatalf("%d frames, the first %q", len(frames), frames[0])
	}
	return frames[1:]
}

func TestMP3Wrapping(t *testing.T) {
	frames := slices.Concat(speechMP3(t)...)
	plain := decode(t, frames).Samples
	cover := id3(47_000)
	for _, tt := range []struct {
		rule string
		file []byte
	}{
		{"an ID3 tag with a cover picture", join(cover, frames)},
		{"two tags and room after them", join(id3(100), id3(50), make([]byte, 70), frames)},
		{"an ID3v1 tag at the end", join(frames, "TAG", make([]byte, 125))},
		{"an APE tag at the end", join(frames, "APETAGEX", make([]byte, 3000))},
		{"zeros at the end", join(frames, make([]byte, 5000))},
		{"a frame cut off at the end", join(frames, frames[:100])},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if got := decode(t, tt.file).Samples; !slices.Equal(got, plain) {
				t.Errorf("%d samples, want the same %d as without", len(got), len(plain))
			}
		})
	}
}

// Two files one after the other are one recording, whatever stands between them.
func TestMP3OfSeveralFiles(t *testing.T) {
	frames := slices.Concat(speechMP3(t)...)
	plain := decode(t, join(frames, frames)).Samples
	if once := decode(t, frames).Samples; len(plain) != 2*len(once) {
		t.Fatalf("%d samples, want twice %d", len(plain), len(once))
	}
	for _, tt := range []struct {
		rule    string
		between []byte
	}{
		{"an ID3 tag", id3(300)},
		{"two of them, and room", join(id3(300), id3(20), make([]byte, 70))},
		{"an ID3v1 tag", join("TAG", make([]byte, 125))},
		{"the tags of both", join("TAG", make([]byte, 125), id3(300))},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			file := join(id3(100), frames, tt.between, frames)
			if got := decode(t, file).Samples; !slices.Equal(got, plain) {
				t.Errorf("%d samples, want the same %d as without", len(got), len(plain))
			}
		})
	}
	whole := fixture(t, "mp3-24000-1.mp3") // its first frame says how many there are
	_, err := audio.BuiltIn{}.Decode(t.Context(), join(whole, whole), anyLength)
	if want := "this MP3 file is damaged: its header says 0.35 s, but it holds 0.78 s of sound"; err == nil || err.Error() != want {
		t.Errorf("two files that say how long they are: %v, want %q", err, want)
	}
	_, err = audio.Examine(t.Context(), audio.BuiltIn{}, slices.Concat(fixture(t, "refused-11025.mp3"), fixture(t, "refused-11025.mp3")), anyLength)
	if want := "this MP3 file is damaged: its header says 0.1 s, but it holds 0.36 s of sound"; err == nil || err.Error() != want {
		t.Errorf("two files that only the full decoder knows: %v, want %q", err, want)
	}
}

func TestMP3CutOutOfALongerFile(t *testing.T) {
	frames := speechMP3(t)
	whole, part := decode(t, slices.Concat(frames...)), decode(t, slices.Concat(frames[6:]...))
	if want := whole.Duration - 6*24*time.Millisecond; part.Duration != want {
		t.Fatalf("%v, want %v", part.Duration, want)
	}
	// The first frames lean on what was cut off and are silent; from then on all is as in the whole.
	const perFrame, settled = 576, 5 * 576
	if fit := correlation(part.Samples[settled:], whole.Samples[6*perFrame+settled:], 0); fit < 0.999 {
		t.Errorf("correlation %.4f with the whole", fit)
	}
	if level := audio.Measure(part.Samples[:200], 24000).Peak; level > -60 {
		t.Errorf("it begins with noise of %.0f dBFS", level)
	}
}

func TestMP3Refusals(t *testing.T) {
	frames := speechMP3(t)
	change := func(frame, at int, clear, set byte) []byte {
		changed := slices.Clone(frames)
		changed[frame] = slices.Clone(frames[frame])
		changed[frame][at] = changed[frame][at]&^clear | set
		return slices.Concat(changed...)
	}
	all := slices.Concat(frames...)
	mixed := slices.Clone(frames)
	mixed[3] = slices.Clone(frames[3])
	mixed[3][9] |= 0x01                       // window switching
	mixed[3][10] = frames[3][10]&^0xE0 | 0xA0 // short blocks, and the flag
	xing := splitMP3(t, untagged(t, fixture(t, "mp3-24000-1.mp3")))[0]
	count := bytes.Index(xing, []byte("Info")) + 8
	binary.BigEndian.PutUint32(xing[count:], 1_500_000) // 10 hours

	for _, tt := range []struct {
		rule string
		file []byte
		want string
	}{
		{"stereo on the way", change(3, 3, 0xF0, 0x50), "MP3 whose sample rate or channels change needs the full decoder"},
		{"another rate on the way", join(all, frames44(t)), "MP3 whose sample rate or channels change needs the full decoder"},
		{"long and short blocks in one granule", slices.Concat(mixed...), "MP3 at 24 kHz with mixed blocks needs the full decoder"},
		{"damage in the middle", join(all[:500], bytes.Repeat([]byte("x"), 2000), all[500:]), "this MP3 file is damaged: frame 4 is followed by something else"},
		{"a frame that reaches back too far", change(1, 4, 0, 0xFF), "this MP3 file is damaged: frame 2 needs data that is not there"},
		{"10 hours by its header", join(xing, all), "this MP3 file is damaged: its header says 35999.9 s, but it holds 0.35 s of sound"},
		{"a tag and no sound", join(id3(9000), make([]byte, 10)), "this MP3 file is damaged: there is no sound after its tag"},
		{"a tag that goes on beyond the file", id3(9000)[:8500], "this MP3 file is damaged: there is no sound after its tag"},
		{"31 seconds", slices.Concat(slices.Repeat([][]byte{silentFrame()}, 1300)...), "the recording is longer than 30 s"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			_, err := audio.BuiltIn{}.Decode(t.Context(), tt.file, audio.DefaultLimits)
			if err == nil || err.Error() != tt.want {
				t.Errorf("Decode = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestMP3IntensityStereoIsRefused(t *testing.T) {
	frames := splitMP3(t, untagged(t, fixture(t, "mp3-44100-2.mp3")))
	frames[3][3] = frames[3][3]&^0xF0 | 0x50 // joint stereo by intensity
	_, err := audio.BuiltIn{}.Decode(t.Context(), slices.Concat(frames...), anyLength)
	if want := "MP3 with intensity stereo needs the full decoder"; err == nil || err.Error() != want {
		t.Errorf("Decode = %v, want %q", err, want)
	}
}

// Nothing at 24 kHz needs padding, but it is allowed. Before the main data of the next frame a byte more or less does not matter.
func TestMP3PaddingIsLeftOut(t *testing.T) {
	frames := speechMP3(t)
	plain := decode(t, slices.Concat(frames...)).Samples
	next := len(frames[4]) - int(frames[5][4]) // where the main data of the next frame begins
	if next < 13 {
		t.Fatalf("the next frame begins at %d, before this one", next)
	}
	frames[4] = slices.Insert(frames[4], next, 0)
	frames[4][2] |= 0x02
	if got := decode(t, slices.Concat(frames...)).Samples; !slices.Equal(got, plain) {
		t.Errorf("%d samples, want the same %d as without", len(got), len(plain))
	}
}

// The same for MPEG-1, where the reservoir is described in other bits.
func TestMP3CutOutOfALongerFileOfMPEG1(t *testing.T) {
	frames := splitMP3(t, untagged(t, fixture(t, "mp3-bare.mp3")))
	whole := decode(t, slices.Concat(frames...))
	part := decode(t, slices.Concat(frames[5:]...))
	if fit := correlation(part.Samples[4*1152:], whole.Samples[9*1152:], 0); fit < 0.999 {
		t.Errorf("correlation %.4f with the whole", fit)
	}
}

// frames44 are frames of another sample rate.
func frames44(t *testing.T) []byte { return untagged(t, fixture(t, "mp3-44100-2.mp3")) }

// silentFrame is a frame of MPEG-2 at 24 kHz, 32 kbit/s mono, whose description is all zeros.
func silentFrame() []byte { return append([]byte("\xff\xf3\x44\xc4"), make([]byte, 92)...) }
