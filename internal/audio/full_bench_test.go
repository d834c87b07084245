//go:build unix

package audio_test

import (
	"bytes"
	"encoding/binary"
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
		{"M4A44100Stereo", againM4A(b, "aac-44100-2.m4a", length)},
		{"M4A48000Mono", againM4A(b, "aac-48000-1.m4a", length)},
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

// againM4A has all units of the fixture again and again, each time with bytes of their own, for so many seconds.
func againM4A(b *testing.B, name string, length int) []byte {
	p := partsOf(b, name)
	sizes, at := p.st[12:], int(binary.BigEndian.Uint32(p.stco[8:]))
	units, bytesOfAll := len(sizes)/4, 0
	for i := range units {
		bytesOfAll += int(binary.BigEndian.Uint32(sizes[4*i:]))
	}
	rate := int(binary.BigEndian.Uint32(p.mdhd[12:]))
	times := length * rate / (units * 1024)
	sound := bytes.Repeat(fixture(b, name)[at:at+bytesOfAll], times)
	copy(p.mdhd[16:], be32(times*units*1024))
	p.stts = join(be32(0), be32(1), be32(times*units), be32(1024))
	p.stsc = join(be32(0), be32(1), be32(1), be32(times*units), be32(1))
	p.st = join(be32(0), be32(0), be32(times*units), bytes.Repeat(sizes, times))
	p.stco = join(be32(0), be32(1), be32(0))
	copy(p.stco[8:], be32(len(p.file())+8))
	return join(p.file(), mp4Box("mdat", sound))
}

func cpuTime(b *testing.B, decoder audio.Decoder, content []byte) time.Duration {
	before := processorTime(b)
	decodeWith(b, decoder, content)
	return processorTime(b) - before
}

// What only FFmpeg decodes.
func BenchmarkFFmpegOpus(b *testing.B) {
	content := fixture(b, "full-opus.ogg")
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
