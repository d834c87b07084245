package audio_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/englishapp/englishctl/internal/audio"
)

func TestMeasure(t *testing.T) {
	const rate = 16000
	silence := func(d time.Duration) []int16 { return make([]int16, int(d.Seconds()*rate)) }
	loud := tone(200, rate, rate/2)                                         // 0.5 s, 16000 at the peak
	quiet := slices.Repeat([]int16{3, -3}, rate/4)                          // 0.5 s of noise, -81 dBFS
	faint := slices.Repeat([]int16{300, -300}, rate/4)                      // 0.5 s at -40.8 dBFS
	square := slices.Repeat([]int16{32767, -32768, 16000, -16000}, rate/20) // half of it at full scale
	const second = time.Second
	for _, tt := range []struct {
		rule    string
		samples []int16
		want    audio.Quality
	}{
		{"nothing", nil, audio.Quality{RMS: -120, Peak: -120, Speech: -120}},
		{"digital silence", silence(second), audio.Quality{RMS: -120, Peak: -120, Speech: -120, Leading: second}},
		{"a room without a voice", quiet, audio.Quality{RMS: -80.8, Peak: -80.8, Speech: -120, Leading: second / 2}},
		{"a tone", loud, audio.Quality{RMS: -9.2, Peak: -6.2, Flat: 1, Speech: -9.2, Sounding: second / 2}},
		{"silence at both ends", slices.Concat(silence(second/4), loud, silence(2*second)), audio.Quality{RMS: -16.6, Peak: -6.2, Flat: 1, Speech: -9.2,
			Leading: second / 4, Sounding: second / 2, Trailing: 2 * second}},
		{"noise beside a voice is silence", slices.Concat(quiet, loud, quiet), audio.Quality{RMS: -14, Peak: -6.2, Flat: 1, Speech: -9.2,
			Leading: second / 2, Sounding: second / 2, Trailing: second / 2}},
		{"a quiet voice is a voice", slices.Concat(quiet, faint), audio.Quality{RMS: -43.8, Peak: -40.8, Flat: 1, Speech: -40.8,
			Leading: second / 2, Sounding: second / 2}},
		{"a pause is no end", slices.Concat(loud, silence(second), loud), audio.Quality{RMS: -12.2, Peak: -6.2, Flat: 0.5, Speech: -12.2, Sounding: 2 * second}},
		{"a room with an offset", plus(2000, quiet), audio.Quality{RMS: -80.8, Peak: -24.3, Speech: -120, Leading: second / 2}},
		{"a voice with an offset", plus(500, slices.Concat(silence(second), loud)), audio.Quality{RMS: -14, Peak: -6, Flat: 1, Speech: -9.2,
			Leading: second, Sounding: second / 2}},
		{"clipping among silence", slices.Concat(silence(second), square, silence(second)), audio.Quality{RMS: -12.5, Peak: 0, Clipped: 0.5, Flat: 1, Speech: -2.1,
			Leading: second, Sounding: second / 5, Trailing: second}},
		{"clipping", square, audio.Quality{RMS: -2.1, Peak: 0, Clipped: 0.5, Flat: 1, Speech: -2.1, Sounding: second / 5}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			near := cmpopts.EquateApprox(0, 0.1) // dB
			if diff := cmp.Diff(tt.want, audio.Measure(tt.samples, rate), near); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// plus moves samples, as a cheap microphone does.
func plus(offset int16, samples []int16) []int16 {
	out := slices.Clone(samples)
	for i := range out {
		out[i] += offset
	}
	return out
}

func TestMeasureCountsTheLoudestNegative(t *testing.T) {
	if q := audio.Measure([]int16{-32768, 32767}, 16000); q.Peak != 0 || q.Clipped != 1 || math.Abs(q.RMS) > 1e-3 {
		t.Errorf("%+v", q)
	}
}
