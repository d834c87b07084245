//go:build unix

package audio_test

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/audio"
)

// sixSeconds is about as long as a sentence of a lesson.
const sixSeconds = 6

func benchmarkDecode(b *testing.B, content []byte) {
	clip := decode(b, content)
	b.ReportAllocs()
	b.ReportMetric(clip.Duration.Seconds(), "s/clip")
	measureCPU(b, func() {
		for b.Loop() {
			decode(b, content)
		}
	})
}

// measureCPU reports how much processor time a run takes, which also means something where others use the machine.
func measureCPU(b *testing.B, run func()) {
	before := processorTime(b)
	run()
	b.ReportMetric((processorTime(b)-before).Seconds()*1000/float64(b.N), "cpu-ms/op")
}

func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func benchmarkWAV(b *testing.B, rate, channels int) {
	benchmarkDecode(b, wavSpec{tag: 1, channels: channels, rate: rate, align: 2 * channels, bits: 16, data: make([]byte, sixSeconds*2*channels*rate)}.bytes())
}

func BenchmarkDecodeWAV16000Mono(b *testing.B)   { benchmarkWAV(b, 16000, 1) }
func BenchmarkDecodeWAV44100Stereo(b *testing.B) { benchmarkWAV(b, 44100, 2) }

func BenchmarkDecodeM4A16000Mono(b *testing.B) {
	benchmarkDecode(b, repeatedM4A(b, "aac-16000-1.m4a", sixSeconds*16000/1024))
}

func BenchmarkDecodeM4A44100Stereo(b *testing.B) {
	benchmarkDecode(b, repeatedM4A(b, "aac-44100-2.m4a", sixSeconds*44100/1024))
}

// benchmarkMP3 decodes the frames of the fixture again and again.
func benchmarkMP3(b *testing.B, name string, framesPerSecond float64) {
	frames := splitMP3(b, untagged(b, fixture(b, name)))[1:]
	benchmarkDecode(b, slices.Concat(slices.Repeat(frames, int(sixSeconds*framesPerSecond)/len(frames)+1)...))
}

func BenchmarkDecodeMP322050Mono(b *testing.B)   { benchmarkMP3(b, "mp3-22050-1.mp3", 22050./576) }
func BenchmarkDecodeMP344100Mono(b *testing.B)   { benchmarkMP3(b, "mp3-bare.mp3", 44100./1152) }
func BenchmarkDecodeMP344100Stereo(b *testing.B) { benchmarkMP3(b, "mp3-44100-2.mp3", 44100./1152) }

// BenchmarkExamine does what an import does with each recording.
func BenchmarkExamine(b *testing.B) {
	content := slices.Concat(slices.Repeat(splitMP3(b, untagged(b, fixture(b, "mp3-22050-1.mp3")))[1:], sixSeconds*22050/576/16+1)...)
	measureCPU(b, func() {
		for b.Loop() {
			examine(b, content, anyLength)
		}
	})
}

func benchmarkResample(b *testing.B, from int) {
	samples := tone(440, from, sixSeconds*from)
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
	samples := tone(440, audio.SpeechRate, sixSeconds*audio.SpeechRate)
	for b.Loop() {
		audio.Measure(samples, audio.SpeechRate)
	}
}
