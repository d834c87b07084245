package offline

import (
	"slices"
	"testing"

	"github.com/englishapp/englishctl/internal/testenv"
)

func TestRecorded(t *testing.T) {
	const before, after = 3 * frameShift, 5 * frameShift
	speech := slices.Repeat([]int16{8000, -8000, 200, -200}, 100*frameShift/4)
	zeros := func(n int) []int16 { return make([]int16, n) }
	room := slices.Repeat([]int16{15, -15}, 5*frameShift) // 55 dB below
	faint := slices.Repeat([]int16{4, -4}, 5*frameShift)  // 66 dB below
	for name, tc := range map[string]struct{ samples, want []int16 }{
		"nothing at all":        {nil, nil},
		"silence":               {zeros(1000), zeros(1000)},
		"zeros at both ends":    {slices.Concat(zeros(before), speech, zeros(after)), speech},
		"a part of a frame":     {slices.Concat(speech, zeros(7)), speech},
		"zeros in the middle":   {slices.Concat(speech, zeros(after), speech), slices.Concat(speech, zeros(after), speech)},
		"a room stays":          {slices.Concat(room, speech, room), slices.Concat(room, speech, room)},
		"zeros before the room": {slices.Concat(zeros(before), room, speech), slices.Concat(room, speech)},
		"hardly anything":       {slices.Concat(faint, speech), speech},
		"an offset is no sound": {slices.Concat(slices.Repeat([]int16{300}, before), speech), speech},
	} {
		if got := recorded(tc.samples); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %d of %d samples, want %d", name, len(got), len(tc.samples), len(tc.want))
		}
	}
}

// TestZerosAreNobodysSilence: however long, before and behind, they change no mark of anybody.
func TestZerosAreNobodysSilence(t *testing.T) {
	for _, rec := range recordings {
		samples := testenv.Recording(t, rec.file)
		_, want := codeOf(t, samples, rec.text)
		code, got := codeOf(t, slices.Concat(make([]int16, 2*sampleRate), samples, make([]int16, sampleRate)), rec.text)
		if code != "" || got.Overall != want.Overall || got.Fluency != want.Fluency || got.Accuracy != want.Accuracy {
			t.Errorf("%s: %q, %+v, want %+v", rec.file, code, got, want)
		}
	}
}
