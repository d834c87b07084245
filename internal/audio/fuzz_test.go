package audio_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/audio"
)

// addFixtures makes seeds of the fixtures whose names fit.
func addFixtures(f *testing.F, patterns ...string) {
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join("testdata", pattern))
		if err != nil || len(names) == 0 {
			f.Fatalf("no fixtures %s: %v", pattern, err)
		}
		for _, name := range names {
			content, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(content)
		}
	}
}

// checkDecode decodes anything and holds the answer against what Decode promises.
func checkDecode(t *testing.T, content []byte) { checkDecodeWith(t, audio.BuiltIn{}, content) }

func checkDecodeWith(t *testing.T, decoder audio.Decoder, content []byte) {
	t.Helper()
	limits := audio.Limits{MaxDuration: 2 * time.Second}
	clip, err := decoder.Decode(t.Context(), content, limits)
	if err != nil {
		checkError(t, err)
		return
	}
	if clip.SampleRate < audio.MinSampleRate || clip.SampleRate > audio.MaxSampleRate || clip.Channels < 1 || clip.Channels > audio.MaxChannels {
		t.Fatalf("%d Hz, %d channels", clip.SampleRate, clip.Channels)
	}
	if len(clip.Samples) == 0 || clip.Duration > limits.MaxDuration || clip.HeaderDuration < 0 || clip.BitRate < 0 || clip.Codec == "" {
		t.Fatalf("%d samples, %+v", len(clip.Samples), clip.Info)
	}
	samples, err := clip.At(audio.SpeechRate)
	if err != nil {
		t.Fatal(err)
	}
	if q := audio.Measure(samples, audio.SpeechRate); q.RMS > q.Peak+1e-9 || q.Clipped < 0 || q.Clipped > 1 {
		t.Fatalf("%+v", q)
	}
}

// checkError wants one of the typed errors, and a sentence without the words of a codec.
func checkError(t *testing.T, err error) {
	var (
		unknown     *audio.UnknownFormatError
		unsupported *audio.UnsupportedError
		broken      *audio.DamagedError
		long        *audio.TooLongError
	)
	if !errors.As(err, &unknown) && !errors.As(err, &unsupported) && !errors.As(err, &broken) && !errors.As(err, &long) {
		t.Fatalf("%T: %v", err, err)
	}
	for _, word := range []string{"go-aac", "mp3:", "panic", "runtime error", "wasm", "EOF", "%!"} {
		if strings.Contains(err.Error(), word) {
			t.Fatalf("%q says %q", err, word)
		}
	}
}

func FuzzDecode(f *testing.F) {
	addFixtures(f, "aac-16000-1.m4a", "fragmented.mp4", "mp3-24000-1.mp3", "mp3-44100-2.mp3", "wav-s16le.wav", "refused-*")
	f.Fuzz(checkDecode)
}

func FuzzWAV(f *testing.F) {
	addFixtures(f, "wav-*.wav", "refused-*.wav")
	f.Fuzz(func(t *testing.T, content []byte) {
		checkDecode(t, asWAV(content))
	})
}

// asM4A makes content begin like an M4A and asWAV like a WAV, so that a fuzzer does not stop at Sniff. They overwrite and do
// not insert: the offsets in an index count from the beginning of the file.
func asM4A(content []byte) []byte {
	const start = "\x00\x00\x00\x10ftypM4A \x00\x00\x00\x00"
	return join(content[:min(4, len(content))], start[min(4, len(content)):12], content[min(12, len(content)):])
}

func asWAV(content []byte) []byte {
	return join("RIFF\x00\x00\x00\x00WAVE", content[min(12, len(content)):])
}

// A fuzzer whose seeds do not decode never reaches a codec, and looks just as green.
func TestFuzzersReachTheCodecs(t *testing.T) {
	for _, name := range []string{"aac-16000-1.m4a", "aac-44100-2.m4a", "fragmented.mp4", "quicktime.mov", "cover.m4a"} {
		decode(t, asM4A(fixture(t, name)))
	}
	for _, name := range []string{"wav-s16le.wav", "wav-extensible.wav", "wav-piped.wav"} {
		decode(t, asWAV(fixture(t, name)))
	}
}

func FuzzM4A(f *testing.F) {
	addFixtures(f, "aac-*.m4a", "f*.mp4", "cover.m4a", "quicktime.mov", "refused-*.m4a", "refused-*.mp4")
	f.Fuzz(func(t *testing.T, content []byte) {
		checkDecode(t, asM4A(content))
	})
}

func FuzzMP3(f *testing.F) {
	addFixtures(f, "mp3-*.mp3")
	f.Fuzz(checkDecode)
}

func FuzzResample(f *testing.F) {
	f.Add([]byte("some sound"), 44100, 16000)
	f.Add([]byte("some sound"), 191999, 8009)
	f.Fuzz(func(t *testing.T, content []byte, from, to int) {
		samples := make([]int16, len(content))
		for i, b := range content {
			samples[i] = int16(b) << 8
		}
		out, err := audio.Resample(samples, from, to)
		if err == nil && len(out) != (len(samples)*to+from-1)/from {
			t.Fatalf("%d samples of %d at %d to %d Hz", len(out), len(samples), from, to)
		}
	})
}

func FuzzExamine(f *testing.F) {
	addFixtures(f, "aac-16000-1.m4a", "fragmented.mp4", "mp3-22050-1.mp3", "wav-s16le.wav", "refused-*")
	f.Fuzz(func(t *testing.T, content []byte) {
		e, err := audio.Examine(t.Context(), audio.BuiltIn{}, content, audio.Limits{MaxDuration: 200 * time.Millisecond})
		if err != nil {
			checkError(t, err)
			return
		}
		if e.Format == 0 || e.Duration < 0 || e.HeaderDuration < 0 || e.BitRate < 0 || e.SampleRate < 0 || e.Channels < 0 {
			t.Fatalf("%+v", e)
		}
		if e.Unheard == nil {
			return // FuzzDecode looks after those
		}
		checkError(t, e.Unheard)
		if e.Quality != (audio.Quality{}) {
			t.Fatalf("unheard because of %v, but %+v", e.Unheard, e.Quality)
		}
	})
}
