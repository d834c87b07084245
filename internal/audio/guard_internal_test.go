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
