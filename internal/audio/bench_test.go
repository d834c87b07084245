package audio_test

import (
	"slices"
	"testing"

	"github.com/englishapp/englishctl/internal/audio"
)

// fiveSeconds is about as long as what a learner says.
const fiveSeconds = 5

func benchmarkDecode(b *testing.B, content []byte) {
	clip := decode(b, content)
	b.ReportAllocs()
	b.ReportMetric(clip.Duration.Seconds(), "s/clip")
	for b.Loop() {
		decode(b, content)
	}
}

// BenchmarkDecodeWAV decodes 5 s at 44.1 kHz in stereo.
func BenchmarkDecodeWAV(b *testing.B) {
	benchmarkDecode(b, wavSpec{tag: 1, channels: 2, rate: 44100, align: 4, bits: 16, data: make([]byte, fiveSeconds*4*44100)}.bytes())
}

// BenchmarkDecodeM4A decodes 5 s at 44.1 kHz in stereo: the fixture's units again and again.
func BenchmarkDecodeM4A(b *testing.B) {
	benchmarkDecode(b, repeatedM4A(b, "aac-44100-2.m4a", fiveSeconds*44100/1024))
}

// BenchmarkDecodeMP3 decodes 5 s at 44.1 kHz in stereo: the fixture's frames again and again.
func BenchmarkDecodeMP3(b *testing.B) {
	frames := splitMP3(b, untagged(b, fixture(b, "mp3-44100-2.mp3")))[1:]
	benchmarkDecode(b, slices.Concat(slices.Repeat(frames, fiveSeconds*44100/1152/len(frames)+1)...))
}

func benchmarkResample(b *testing.B, from int) {
	samples := tone(440, from, fiveSeconds*from)
	b.ReportAllocs()
	for b.Loop() {
		resample(b, samples, from, audio.SpeechRate)
	}
}

func BenchmarkResample44100(b *testing.B)  { benchmarkResample(b, 44100) }
func BenchmarkResample48000(b *testing.B)  { benchmarkResample(b, 48000) }
func BenchmarkResample44101(b *testing.B)  { benchmarkResample(b, 44101) } // prime
func BenchmarkResample192000(b *testing.B) { benchmarkResample(b, 192000) }

func BenchmarkMeasure(b *testing.B) {
	samples := tone(440, audio.SpeechRate, fiveSeconds*audio.SpeechRate)
	for b.Loop() {
		audio.Measure(samples, audio.SpeechRate)
	}
}
