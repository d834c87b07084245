package audio

import (
	"errors"
	"testing"
)

func TestAPanicOfACodecIsDamage(t *testing.T) {
	clip, err := guarded(MP3, func() (Clip, error) {
		var none []int16
		return Clip{Samples: none[1:2]}, nil
	})
	var broken *DamagedError
	if !errors.As(err, &broken) || clip.Samples != nil {
		t.Fatalf("%v, %v; want damage and no samples", clip, err)
	}
	if got, want := err.Error(), "this MP3 file is damaged: its sound cannot be decoded"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if errors.Unwrap(err) == nil {
		t.Error("the log does not learn why")
	}
}

func TestLastingSaturates(t *testing.T) {
	if d := lasting(1<<62, 8000); d < 0 || d.Hours() < 24 {
		t.Errorf("%v", d)
	}
	if d := lasting(5, 0); d != 0 {
		t.Errorf("at no rate: %v", d)
	}
}

// Whatever two rates, the filter stays small. A table by the ratio of prime rates would take gigabytes.
func TestFilterTablesAreBounded(t *testing.T) {
	const most = 1 << 20 // taps; 4 MiB
	for _, rates := range [][2]int{
		{191_999, 16_000}, {16_000, 191_999}, {192_000, 8_000}, {8_000, 192_000}, {191_999, 8_009}, {8_009, 191_999}, {44_101, 16_000},
	} {
		f := newPolyphase(rates[0], rates[1])
		if taps := len(f.taps) * len(f.taps[0]); taps > most {
			t.Errorf("%d to %d Hz takes %d taps, want at most %d", rates[0], rates[1], taps, most)
		}
	}
}

// The field is 9 bits wide in MPEG-1 and 8 in MPEG-2, behind a check sum where there is one.
func TestMainDataOfFrames(t *testing.T) {
	for _, tt := range []struct {
		rule       string
		header     string
		at         int // of the field
		field      string
		begin, own int
	}{
		{"MPEG-1 stereo", "\xff\xfb\x90\x64", 4, "\xff\x80", 511, 417 - 4 - 32},
		{"MPEG-1 mono", "\xff\xfb\x90\xc4", 4, "\x80\x00", 256, 417 - 4 - 17},
		{"MPEG-1 with a check sum", "\xff\xfa\x90\x64", 6, "\x00\x80", 1, 417 - 6 - 32},
		{"MPEG-2 mono", "\xff\xf3\x44\xc4", 4, "\xff\x80", 255, 96 - 4 - 9},
		{"MPEG-2 stereo", "\xff\xf3\x44\x44", 4, "\x01\x00", 1, 96 - 4 - 17},
	} {
		frame := make([]byte, 417)
		copy(frame, tt.header)
		size, _ := frameSize(frame)
		frame = frame[:size]
		copy(frame[tt.at:], tt.field)
		layout := layoutOf(frame)
		if begin, own := layout.mainData(frame); begin != tt.begin || own != tt.own {
			t.Errorf("%s: begins %d back with %d of its own, want %d and %d", tt.rule, begin, own, tt.begin, tt.own)
		}
		for _, reservoir := range []int{0, 1, 200, 5000} {
			silent, said := layout.silenced(frame, reservoir)
			if begin, own := layout.mainData(silent); begin != said || begin > reservoir || own != tt.own || (reservoir <= 200 && begin != reservoir) {
				t.Errorf("%s: silenced with %d, it begins %d back (it says %d)", tt.rule, reservoir, begin, said)
			}
		}
	}
}
