//go:build unix

package audio_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/audio"
	"github.com/englishapp/englishctl/internal/audio/ffmpeg"
	"github.com/englishapp/englishctl/internal/testenv"
)

// BenchmarkBothDecoders decodes clips of 5 s with one decoder and the other in turn, and reports the processor time of each and
// how many times more FFmpeg takes.
func BenchmarkBothDecoders(b *testing.B) {
	const length = 5
	mp3 := func(name string, framesPerSecond float64) []byte {
		frames := splitMP3(b, untagged(b, fixture(b, name)))[1:]
		return slices.Concat(slices.Repeat(frames, int(length*framesPerSecond)/len(frames)+1)...)
	}
	for _, clip := range []struct {
		name    string
		content []byte
	}{
		{"M4A44100Stereo", repeatedM4A(b, "aac-44100-2.m4a", length*44100/1024)},
		{"M4A48000Mono", repeatedM4A(b, "aac-48000-1.m4a", length*48000/1024)},
		{"MP344100Stereo", mp3("mp3-44100-2.mp3", 44100./1152)},
		{"MP322050Mono", mp3("mp3-22050-1.mp3", 22050./576)},
		{"WAV44100Stereo", wavSpec{tag: 1, channels: 2, rate: 44100, align: 4, bits: 16, data: make([]byte, length*4*44100)}.bytes()},
	} {
		b.Run(clip.name, func(b *testing.B) {
			builtIn, full := time.Duration(0), time.Duration(0)
			for b.Loop() {
				builtIn += cpuTime(b, audio.BuiltIn{}, clip.content)
				full += cpuTime(b, ffmpegDecoder(b), clip.content)
			}
			perOp := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(b.N) }
			b.ReportMetric(perOp(builtIn), "builtin-cpu-ms/op")
			b.ReportMetric(perOp(full), "ffmpeg-cpu-ms/op")
			b.ReportMetric(full.Seconds()/builtIn.Seconds(), "ratio")
		})
	}
}

func cpuTime(b *testing.B, decoder audio.Decoder, content []byte) time.Duration {
	before := processorTime(b)
	decodeWith(b, decoder, content)
	return processorTime(b) - before
}

// What only FFmpeg decodes.
func BenchmarkFFmpegOpus(b *testing.B) {
	content := bytes.Repeat(fixture(b, "full-opus.ogg"), 14) // about 5 s: files may follow each other
	decoder := ffmpegDecoder(b)
	clip := decodeWith(b, decoder, content)
	b.ReportMetric(clip.Duration.Seconds(), "s/clip")
	measureCPU(b, func() {
		for b.Loop() {
			decodeWith(b, decoder, content)
		}
	})
}

func benchmarkCompile(b *testing.B, cacheDir string) {
	path := testenv.Required(b, "TEST_DECODER_WASM")
	compile := func() {
		m, err := ffmpeg.Open(path, cacheDir)
		if err == nil {
			err = m.Ready()
		}
		if err == nil {
			err = m.Close()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	if cacheDir != "" {
		compile()
	}
	measureCPU(b, func() {
		for b.Loop() {
			compile()
		}
	})
}

func BenchmarkCompileCold(b *testing.B)   { benchmarkCompile(b, "") }
func BenchmarkCompileCached(b *testing.B) { benchmarkCompile(b, b.TempDir()) }
