package audio

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// mpeg2Fixture returns the frames of a fixture, in their own packing.
func mpeg2Fixture(t testing.TB, name string) (mp3Layout, [][]byte) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	rest := skipTags(content)
	first, ok := cutFrame(rest)
	if !ok {
		t.Fatal("it does not begin with a frame")
	}
	s := mp3Stream{mp3Layout: layoutOf(first)}
	if err := s.cut(rest[len(first):], 1000); err != nil {
		t.Fatal(err)
	}
	return s.mp3Layout, s.frames
}

// needed takes frames apart and returns what each of them needs.
func needed(t testing.TB, layout mp3Layout, frames [][]byte) (main [][]byte, sideInfo [][]byte) {
	t.Helper()
	parts := mp3Parts{mp3Layout: layout}
	for _, frame := range frames {
		if err := parts.take(frame); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range parts.pieces {
		if p.from < 0 {
			t.Fatal("main data begins before the file")
		}
		main = append(main, parts.main[p.from:p.to])
		sideInfo = append(sideInfo, p.sideInfo[1:]) // without where the main data begins
	}
	return main, sideInfo
}

// checkRepacked wants the same main data and side information in frames that the codec reads rightly.
func checkRepacked(t testing.TB, layout mp3Layout, before, after [][]byte) {
	t.Helper()
	for i, frame := range after {
		const padded, unprotected = 0x02, 0x01
		size, ok := frameSize(frame)
		if !ok || size != len(frame) || frame[2]&padded != 0 || frame[1]&unprotected == 0 || layoutOf(frame) != layout {
			t.Fatalf("frame %d has %d bytes and the header %x", i, len(frame), frame[:4])
		}
	}
	wantMain, wantSide := needed(t, layout, before)
	gotMain, gotSide := needed(t, layout, after)
	if !slices.EqualFunc(gotMain, wantMain, bytes.Equal) || !slices.EqualFunc(gotSide, wantSide, bytes.Equal) {
		t.Fatal("the frames do not hold what they held")
	}
}

func TestRepackKeepsWhatFramesHold(t *testing.T) {
	for _, name := range []string{"mp3-16000-1.mp3", "mp3-22050-1.mp3", "mp3-24000-1.mp3", "mp3-full.mp3"} {
		layout, frames := mpeg2Fixture(t, name)
		packed, err := repack(layout, frames)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		checkRepacked(t, layout, frames, packed)
	}
}

// fullFrame is a frame of MPEG-2 at 22.05 kHz and 160 kbit/s in stereo, padded, that needs so many bytes of main data.
func fullFrame(begin, needs int) []byte {
	frame := append([]byte("\xff\xf3\xe2\x04"), make([]byte, 519)...)
	for i := 21; i < len(frame); i++ {
		frame[i] = byte(i * i)
	}
	frame[4] = byte(begin)
	length := needs * 8 << 2 // 12 bits, after 10
	frame[5], frame[6] = byte(length>>8), byte(length)
	return frame
}

func TestRepackTakesOffCheckSumsAndPadding(t *testing.T) {
	protected := slices.Insert(fullFrame(0, 500), 4, 0xAB, 0xCD)[:523]
	protected[1] &^= 1
	frames := [][]byte{protected, fullFrame(100, 400), fullFrame(0, 0)}
	packed, err := repack(layoutOf(protected), frames)
	if err != nil {
		t.Fatal(err)
	}
	checkRepacked(t, layoutOf(protected), frames, packed)
}

func TestRepackRefusals(t *testing.T) {
	const own = 523 - 4 - 17 // bytes of main data in a full frame; without padding there is one fewer
	for _, tt := range []struct {
		rule   string
		frames [][]byte
		want   string
	}{
		{"a first frame that needs the padding", [][]byte{fullFrame(0, own)}, "MP3 at 22.05 kHz with frames that are full and padded needs the full decoder"},
		{"more than the reservoir makes up for", slices.Concat([][]byte{fullFrame(0, 0)}, slices.Repeat([][]byte{fullFrame(0, own)}, 256)),
			"MP3 at 22.05 kHz with frames that are full and padded needs the full decoder"},
		{"more main data than there is", [][]byte{fullFrame(0, own), fullFrame(5, own+6)}, "this MP3 file is damaged: frame 2 needs data that is not there"},
	} {
		layout := layoutOf(tt.frames[0])
		if _, err := repack(layout, tt.frames); err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v, want %q", tt.rule, err, tt.want)
		}
	}
	enough := slices.Concat([][]byte{fullFrame(0, 0)}, slices.Repeat([][]byte{fullFrame(0, own)}, 255))
	packed, err := repack(layoutOf(enough[0]), enough)
	if err != nil {
		t.Fatal(err)
	}
	checkRepacked(t, layoutOf(enough[0]), enough, packed)
}

func FuzzRepack(f *testing.F) {
	for _, name := range []string{"mp3-22050-1.mp3", "mp3-full.mp3"} {
		_, frames := mpeg2Fixture(f, name)
		f.Add(slices.Concat(frames...))
	}
	f.Add(slices.Concat(fullFrame(0, 0), fullFrame(200, 600), fullFrame(255, 700)))
	f.Fuzz(func(t *testing.T, content []byte) {
		first, ok := cutFrame(content)
		if !ok || layoutOf(first).version != mpeg2 {
			return
		}
		s := mp3Stream{mp3Layout: layoutOf(first)}
		_ = s.cut(content, 1000) // whatever came before the damage
		packed, err := repack(s.mp3Layout, s.frames)
		if err != nil {
			return
		}
		checkRepacked(t, s.mp3Layout, s.frames, packed)
	})
}
