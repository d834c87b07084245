package audio_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/audio"
	"github.com/englishapp/englishctl/internal/audio/ffmpeg"
	"github.com/englishapp/englishctl/internal/testenv"
)

// module is compiled once for all tests of the package.
var module struct {
	once sync.Once
	*ffmpeg.Module
	err error
}

// ffmpegDecoder is FFmpeg alone, whatever the built-in decoder could do.
func ffmpegDecoder(tb testing.TB) audio.FFmpeg {
	tb.Helper()
	path := testenv.Required(tb, "TEST_DECODER_WASM")
	module.once.Do(func() {
		if module.Module, module.err = ffmpeg.Open(path, os.Getenv("TEST_DECODER_CACHE")); module.err == nil {
			module.err = module.Ready()
		}
	})
	if module.err != nil {
		tb.Fatal(module.err)
	}
	return audio.FFmpeg{Module: module.Module}
}

func fullDecoder(tb testing.TB) audio.Full { return audio.Full{FFmpeg: ffmpegDecoder(tb)} }

func decodeWith(tb testing.TB, decoder audio.Decoder, content []byte) audio.Clip {
	tb.Helper()
	clip, err := decoder.Decode(tb.Context(), content, anyLength)
	if err != nil {
		tb.Fatal(err)
	}
	return clip
}

// compare holds a sound against the reference, both at 16 kHz.
func compare(t *testing.T, ours, theirs []int16) {
	t.Helper()
	lag, fit := bestLagWithin(20, ours, theirs) // a sample, by where the resampler begins
	if lag < -1 || lag > 1 || fit < 0.99 {
		t.Errorf("correlation %.4f at a lag of %d samples, want at least 0.99 at none", fit, lag)
	}
	got, want := audio.Measure(ours, audio.SpeechRate).RMS, audio.Measure(theirs, audio.SpeechRate).RMS
	if math.Abs(got-want) > 0.5 {
		t.Errorf("%.1f dBFS, want %.1f", got, want)
	}
}

func resampled(t testing.TB, clip audio.Clip) []int16 {
	return resample(t, clip.Samples, clip.SampleRate, audio.SpeechRate)
}

// What the full decoder adds, made by the encoders that phones and browsers have; FFmpeg as Debian builds it is the judge.
func TestFullDecoderAdds(t *testing.T) {
	full := fullDecoder(t)
	const mpeg25 = "MP3 (MPEG-2.5 Layer III)"
	for _, tt := range []struct {
		file, reference string // without a reference: its own
		format          audio.Format
		codec           string
		rate, channels  int
	}{
		{"full-8000.mp3", "", audio.MP3, mpeg25, 8000, 1},
		{"full-11025.mp3", "", audio.MP3, mpeg25, 11025, 1},
		{"full-12000.mp3", "", audio.MP3, mpeg25, 12000, 1},
		{"full-alac.m4a", "", audio.M4A, "ALAC", 44100, 2},
		{"full-alac-fragmented.mp4", "full-alac", audio.M4A, "ALAC", 44100, 2},
		{"full-opus.mp4", "full-opus", audio.M4A, "Opus", 48000, 1},
		{"full-opus.ogg", "full-opus", audio.OGG, "Opus", 48000, 1},
		{"full-opus.webm", "full-opus", audio.WebM, "Opus", 48000, 1},
		{"full-opus-piped.webm", "full-opus", audio.WebM, "Opus", 48000, 1},
		{"full-vorbis.ogg", "", audio.OGG, "Vorbis", 22050, 1},
		{"full-amr.amr", "", audio.AMR, "AMR", 8000, 1},
		{"full-amr-in.3gp", "", audio.M4A, "AMR", 8000, 1},
		{"full-amrwb.amr", "", audio.AMR, "AMR wideband", 16000, 1},
		{"full-msadpcm.wav", "", audio.WAV, "Microsoft ADPCM", 16000, 1},
		{"full-imaadpcm.wav", "", audio.WAV, "IMA ADPCM", 16000, 1},
	} {
		t.Run(tt.file, func(t *testing.T) {
			content := fixture(t, tt.file)
			if _, err := (audio.BuiltIn{}).Decode(t.Context(), content, anyLength); err == nil {
				t.Error("the built-in decoder knows it: nothing is added")
			}
			clip := decodeWith(t, full, content)
			if clip.Format != tt.format || clip.Codec != tt.codec || clip.SampleRate != tt.rate || clip.Channels != tt.channels || clip.BitRate < 5000 {
				t.Errorf("%+v; want %v, %s, %d Hz, %d channels", clip.Info, tt.format, tt.codec, tt.rate, tt.channels)
			}
			if clip.Duration < 345*time.Millisecond || clip.Duration > 400*time.Millisecond {
				t.Errorf("%v of sound, want 350 ms and what the container cannot cut off", clip.Duration)
			}
			if tt.reference == "" {
				tt.reference = strings.TrimSuffix(tt.file, filepath.Ext(tt.file))
			}
			compare(t, resampled(t, clip), at16k(t, fixture(t, tt.reference+".ref.wav")))
		})
	}
}

// An Ogg whose last page does not say that it is the last, as Android's recorder leaves it, is whole.
func TestFullDecoderOfOggWithoutAnEnd(t *testing.T) {
	const mark, checksum = 5, 22 // where a page has its flags and its sum
	content := fixture(t, "full-opus.ogg")
	whole := decodeWith(t, fullDecoder(t), content)
	last := content[bytes.LastIndex(content, []byte("OggS")):]
	if last[mark]&4 == 0 {
		t.Fatal("the last page is not marked")
	}
	last[mark] &^= 4
	clear(last[checksum : checksum+4])
	binary.LittleEndian.PutUint32(last[checksum:], oggChecksum(last))
	got := decodeWith(t, fullDecoder(t), content)
	if more := got.Duration - whole.Duration; more < 0 || more > 20*time.Millisecond { // only a marked page is shortened
		t.Errorf("%v of sound, want %v and the rest of a packet", got.Duration, whole.Duration)
	}
}

// HE-AAC of AAC-LC without any high band: Debian has no encoder, but this is what its files say about themselves. With those of Fraunhofer's it was
// tried by hand: version 1 and 2, with all three ways of saying so.
func TestFullDecoderOfHEAAC(t *testing.T) {
	p := partsOf(t, "aac-22050-2.m4a")
	p.stsd = withASC(t, p.stsd, []byte{0x2B, 0x92, 0x08, 0x00}) // type 5: 22.05 kHz, 2 channels, 44.1 kHz with SBR, type 2
	content := p.file()
	if _, err := (audio.BuiltIn{}).Decode(t.Context(), content, anyLength); err == nil || !strings.Contains(err.Error(), "HE-AAC; that needs the full decoder") {
		t.Errorf("built in: %v", err)
	}
	clip := decodeWith(t, fullDecoder(t), content)
	if clip.Codec != "HE-AAC" || clip.SampleRate != 44100 || clip.Channels != 2 {
		t.Errorf("%+v", clip.Info)
	}
	lag, fit := bestLag(resampled(t, clip), at16k(t, fixture(t, "aac-22050-2.ref.wav")))
	if fit < 0.99 {
		t.Errorf("correlation %.4f at a lag of %d", fit, lag)
	}
}

// decodable are the fixtures that both decoders know.
func decodable(t testing.TB) []string {
	var names []string
	for _, pattern := range []string{"aac-*.m4a", "mp3-*.mp3", "wav-*.wav", "*.mov", "mobile.3gp", "isom.mp4", "ipod.m4a", "faststart.m4a", "cover.m4a", "fragmented*.mp4"} {
		found, err := filepath.Glob(filepath.Join("testdata", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			if name := filepath.Base(path); !strings.HasPrefix(name, "refused-") && !strings.HasSuffix(name, ".ref.wav") {
				names = append(names, name)
			}
		}
	}
	if len(names) < 30 {
		t.Fatalf("only %d fixtures", len(names))
	}
	return names
}

func TestBothDecodersGiveTheSameSound(t *testing.T) {
	decoder := ffmpegDecoder(t)
	for _, name := range decodable(t) {
		t.Run(name, func(t *testing.T) {
			content := fixture(t, name)
			ours, theirs := decode(t, content), decodeWith(t, decoder, content)
			want, got := ours.Info, theirs.Info
			if got.Format != want.Format || got.Codec != want.Codec || got.SampleRate != want.SampleRate || got.Channels != want.Channels {
				t.Errorf("%+v, built in: %+v", got, want)
			}
			if apart := (got.Duration - want.Duration).Abs(); apart > 30*time.Millisecond {
				t.Errorf("%v of sound, built in: %v", got.Duration, want.Duration)
			}
			compare(t, resampled(t, theirs), resampled(t, ours))
		})
	}
}

// FFmpeg is asked only where the built-in decoder refuses.
func TestFullDecoderPrefersTheBuiltIn(t *testing.T) {
	full := audio.Full{} // without a module: asking it would panic
	for _, name := range []string{"aac-16000-1.m4a", "mp3-22050-1.mp3", "wav-alaw.wav"} {
		content := fixture(t, name)
		if got, want := decodeWith(t, full, content), decode(t, content); !slices.Equal(got.Samples, want.Samples) {
			t.Errorf("%s: %d samples, built in: %d", name, len(got.Samples), len(want.Samples))
		}
	}
	for _, name := range []string{"refused-video.mp4", "refused-gsm.wav"} { // for good
		if _, err := full.Decode(t.Context(), fixture(t, name), anyLength); err == nil {
			t.Errorf("%s is decoded", name)
		}
	}
}

func TestFullDecoderRefusesByName(t *testing.T) {
	full := fullDecoder(t)
	const all = "; only MP3, WAV, M4A, OGG, WebM and AMR audio can be used"
	elst := func(speed int) []byte {
		p := partsOf(t, "aac-16000-1.m4a")
		p.elst = join(be32(0), be32(1), be32(100), be32(1024), be32(speed))
		return p.file()
	}
	amr := fixture(t, "full-amr.amr")
	cut := func(name string) []byte {
		content := fixture(t, name)
		return content[:len(content)*3/4]
	}
	for _, tt := range []struct {
		rule string
		file []byte
		want string
	}{
		{"an unknown format", []byte("fLaC"), "this is a FLAC file" + all},
		{"text", []byte("Good morning."), "this is text" + all},
		{"another codec in Ogg", fixture(t, "refused-flac.ogg"), "this is an Ogg file without Opus and Vorbis" + all},
		{"another kind of EBML", []byte("\x1a\x45\xdf\xa3\x85\x42\x82\x82xy"), "this is an EBML file of an unknown kind" + all},
		{"a video in WebM", fixture(t, "refused-video.webm"), "this WebM holds a video track; only sound can be used"},
		{"a video of single pictures in WebM", fixture(t, "refused-motion-jpeg.mkv"), "this WebM holds a video track; only sound can be used"},
		{"another codec in M4A", fixture(t, "refused-flac.mp4"), "this M4A holds FLAC; only AAC-LC can be used"},
		{"twice the speed", elst(2 << 16), "this M4A holds sound that is to be played at another speed; only sound at its own speed can be used"},
		{"a container without anything in it", fixture(t, "full-opus.webm")[:60], "this WebM file is damaged: it ends within an element; it was probably cut off"},
		{"an Ogg that ends in its first page", fixture(t, "full-opus.ogg")[:60], "this OGG file is damaged: it ends within a page; it was probably cut off"},
		{"an Ogg of its first page", fixture(t, "full-opus.ogg")[:47], "this OGG file is damaged: its sound cannot be decoded"},
		{"AMR without sound", amr[:6], "this AMR file is damaged: there is no sound in it"},
		{"ALAC that was cut off", fixture(t, "full-alac.m4a")[:12000], "this M4A file is damaged: it has no index (moov); it was probably cut off"},
		{"WebM that was cut off", fixture(t, "full-opus.webm")[:900], "this WebM file is damaged: it ends within an element; it was probably cut off"},
		{"WebM that was cut off while it was recorded", cut("full-opus-piped.webm"), "this WebM file is damaged: it ends within an element; it was probably cut off"},
		{"AMR that was cut off", cut("full-amr.amr"), "this AMR file is damaged: it ends within a frame; it was probably cut off"},
		{"AMR wideband that was cut off", cut("full-amrwb.amr"), "this AMR file is damaged: it ends within a frame; it was probably cut off"},
		{"Opus in Ogg that was cut off", cut("full-opus.ogg"), "this OGG file is damaged: it ends within a page; it was probably cut off"},
		{"Vorbis that was cut off", cut("full-vorbis.ogg"), "this OGG file is damaged: it ends within a page; it was probably cut off"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			clip, err := full.Decode(t.Context(), tt.file, anyLength)
			if err == nil || err.Error() != tt.want {
				t.Errorf("%v, %+v; want %q", err, clip.Info, tt.want)
			}
		})
	}
}

func TestFullDecoderKeepsToTheLimits(t *testing.T) {
	full := fullDecoder(t)
	content := fixture(t, "full-opus.ogg") // 0.35 s
	within := func(limits audio.Limits) error {
		_, err := full.Decode(t.Context(), content, limits)
		return err
	}
	if err := within(audio.Limits{MinDuration: 340 * time.Millisecond, MaxDuration: 360 * time.Millisecond, MaxBytes: len(content)}); err != nil {
		t.Errorf("within all limits: %v", err)
	}
	var long *audio.TooLongError
	if err := within(audio.Limits{MaxDuration: 340 * time.Millisecond}); !errors.As(err, &long) {
		t.Errorf("over the longest: %v", err)
	}
	var short *audio.TooShortError
	if err := within(audio.Limits{MinDuration: 370 * time.Millisecond}); !errors.As(err, &short) {
		t.Errorf("under the shortest: %v", err)
	}
	var large *audio.TooLargeError
	if err := within(audio.Limits{MaxBytes: len(content) - 1}); !errors.As(err, &large) {
		t.Errorf("over the largest: %v", err)
	}
}

func TestFullDecoderStopsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := fullDecoder(t).Decode(ctx, fixture(t, "full-opus.ogg"), anyLength); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the context's error", err)
	}
}

func TestFullDecoderIsSafeForConcurrentUse(t *testing.T) {
	full := fullDecoder(t)
	for _, name := range []string{"full-opus.ogg", "full-alac.m4a"} {
		content := fixture(t, name)
		want := decodeWith(t, full, content).Samples
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				clip, err := full.Decode(t.Context(), content, anyLength)
				if err != nil || !slices.Equal(clip.Samples, want) {
					t.Errorf("%s: %v, %d samples", name, err, len(clip.Samples))
				}
			})
		}
		group.Wait()
	}
}

// An import hears what it otherwise could only describe.
func TestExamineWithTheFullDecoder(t *testing.T) {
	e, err := audio.Examine(t.Context(), fullDecoder(t), fixture(t, "full-11025.mp3"), anyLength)
	if err != nil || e.Unheard != nil || e.Quality.RMS < -40 {
		t.Errorf("%+v, %v", e, err)
	}
}

// withASC puts another configuration of AAC into a sample description, in the place of one that is at least as long.
func withASC(t *testing.T, stsd, asc []byte) []byte {
	t.Helper()
	tag := bytes.Index(stsd, []byte("\x05\x80\x80\x80"))
	if tag < 0 || int(stsd[tag+4]) < len(asc) {
		t.Fatalf("no room for a configuration in %x", stsd)
	}
	changed := slices.Clone(stsd)
	clear(changed[tag+5 : tag+5+int(stsd[tag+4])])
	copy(changed[tag+5:], asc)
	return changed
}
