package audio_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/audio"
	"github.com/englishapp/englishctl/internal/testenv"
)

// Every fixture holds the same 0.35 s of speech; FFmpeg's decoding of it, at 16 kHz, is the judge.
func TestDecodeSoundsAsFFmpegDoes(t *testing.T) {
	const aac, mpeg1, mpeg2 = "AAC-LC", "MP3 (MPEG-1 Layer III)", "MP3 (MPEG-2 Layer III)"
	for _, tt := range []struct {
		file, reference string // without a reference: its own
		codec           string
		rate, channels  int
	}{
		{"aac-8000-1.m4a", "", aac, 8000, 1},
		{"aac-11025-1.m4a", "", aac, 11025, 1},
		{"aac-16000-1.m4a", "", aac, 16000, 1},
		{"aac-22050-2.m4a", "", aac, 22050, 2},
		{"aac-24000-1.m4a", "", aac, 24000, 1},
		{"aac-32000-1.m4a", "", aac, 32000, 1},
		{"aac-44100-2.m4a", "", aac, 44100, 2},
		{"aac-48000-1.m4a", "", aac, 48000, 1},
		{"aac-96000-2.m4a", "", aac, 96000, 2},
		{"faststart.m4a", "aac-44100-2", aac, 44100, 2},
		{"isom.mp4", "aac-44100-2", aac, 44100, 2},
		{"quicktime.mov", "aac-44100-2", aac, 44100, 2},
		{"mobile.3gp", "aac-44100-2", aac, 44100, 2},
		{"ipod.m4a", "aac-44100-2", aac, 44100, 2},
		{"cover.m4a", "aac-44100-2", aac, 44100, 2},
		{"fragmented.mp4", "aac-44100-2", aac, 44100, 2},
		{"fragmented-base.mp4", "", aac, 44100, 2},
		{"fragmented-hybrid.mp4", "fragmented-base", aac, 44100, 2},
		{"mp3-16000-1.mp3", "", mpeg2, 16000, 1},
		{"mp3-22050-1.mp3", "", mpeg2, 22050, 1},
		{"mp3-24000-1.mp3", "", mpeg2, 24000, 1},
		{"mp3-32000-2.mp3", "", mpeg1, 32000, 2},
		{"mp3-44100-2.mp3", "", mpeg1, 44100, 2},
		{"mp3-48000-1.mp3", "", mpeg1, 48000, 1},
		{"mp3-vbr.mp3", "", mpeg1, 44100, 1},
		{"mp3-bare.mp3", "", mpeg1, 44100, 1},
		{"mp3-full.mp3", "", mpeg2, 22050, 2},
		{"wav-u8.wav", "wav", "PCM 8-bit", 8000, 1},
		{"wav-s16le.wav", "wav", "PCM 16-bit", 8000, 1},
		{"wav-s24le.wav", "wav", "PCM 24-bit", 8000, 1},
		{"wav-s32le.wav", "wav", "PCM 32-bit", 8000, 1},
		{"wav-f32le.wav", "wav", "PCM 32-bit float", 8000, 1},
		{"wav-f64le.wav", "wav", "PCM 64-bit float", 8000, 1},
		{"wav-alaw.wav", "wav", "A-law", 8000, 1},
		{"wav-mulaw.wav", "wav", "µ-law", 8000, 1},
		{"wav-extensible.wav", "wav", "PCM 16-bit", 8000, 3},
		{"wav-piped.wav", "wav", "PCM 16-bit", 8000, 1},
	} {
		t.Run(tt.file, func(t *testing.T) {
			content := fixture(t, tt.file)
			clip := decode(t, content)
			if clip.Codec != tt.codec || clip.SampleRate != tt.rate || clip.Channels != tt.channels {
				t.Errorf("%s, %d Hz, %d channels; want %s, %d Hz, %d", clip.Codec, clip.SampleRate, clip.Channels, tt.codec, tt.rate, tt.channels)
			}
			if clip.Duration < 345*time.Millisecond || clip.Duration > 400*time.Millisecond {
				t.Errorf("%v of sound, want 350 ms and what the container cannot cut off", clip.Duration)
			}
			if tt.reference == "" {
				tt.reference = strings.TrimSuffix(tt.file, filepath.Ext(tt.file))
			}
			ours, theirs := at16k(t, content), at16k(t, fixture(t, tt.reference+".ref.wav"))
			lag, fit := bestLag(ours, theirs)
			if lag != 0 || fit < 0.99 {
				t.Errorf("correlation %.4f at a lag of %d samples, want at least 0.99 at none", fit, lag)
			}
			// Correlation does not hear loudness: channels that were added and not averaged would pass.
			got, want := audio.Measure(ours, audio.SpeechRate).RMS, audio.Measure(theirs, audio.SpeechRate).RMS
			if math.Abs(got-want) > 0.5 {
				t.Errorf("%.1f dBFS, but FFmpeg's is %.1f", got, want)
			}
		})
	}
}

func TestDecodeDescribesTheFile(t *testing.T) {
	got := decode(t, fixture(t, "mp3-24000-1.mp3")).Info
	want := audio.Info{
		Format: audio.MP3, Codec: "MP3 (MPEG-2 Layer III)", SampleRate: 24000, Channels: 1, BitRate: 48000,
		Duration: 350 * time.Millisecond, HeaderDuration: 350 * time.Millisecond,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeRefusesByName(t *testing.T) {
	for _, tt := range []struct {
		file, sentence string
		full           bool
	}{
		{"refused-alac.m4a", "this M4A holds ALAC; that needs the full decoder", true},
		{"refused-opus.mp4", "this M4A holds Opus; that needs the full decoder", true},
		{"refused-mp3.mp4", "this M4A holds MP3; that needs the full decoder", true},
		{"refused-pcm.mov", "this M4A holds PCM; that needs the full decoder", true},
		{"refused-surround.m4a", "this M4A holds AAC with 6 channels; that needs the full decoder", true},
		{"refused-ac3.mp4", "this M4A holds AC-3; only AAC-LC can be used", false},
		{"refused-flac.mp4", "this M4A holds FLAC; only AAC-LC can be used", false},
		{"refused-video.mp4", "this M4A holds a video track; only sound can be used", false},
		{"refused-msadpcm.wav", "this WAV holds Microsoft ADPCM; that needs the full decoder", true},
		{"refused-imaadpcm.wav", "this WAV holds IMA ADPCM; that needs the full decoder", true},
		{"refused-gsm.wav", "this WAV holds GSM 6.10; only PCM of 8, 16, 24 or 32 bits, float of 32 or 64, A-law and µ-law can be used", false},
		{"refused-11025.mp3", "MP3 at 11.025 kHz needs the full decoder", true},
	} {
		t.Run(tt.file, func(t *testing.T) {
			_, err := audio.BuiltIn{}.Decode(t.Context(), fixture(t, tt.file), anyLength)
			var unsupported *audio.UnsupportedError
			if !errors.As(err, &unsupported) {
				t.Fatalf("Decode = %v, want an unsupported error", err)
			}
			if err.Error() != tt.sentence || unsupported.FullDecoder != tt.full || unsupported.Found == "" {
				t.Errorf("%q (%q, full decoder: %t), want %q, %t", err, unsupported.Found, unsupported.FullDecoder, tt.sentence, tt.full)
			}
		})
	}
}

func TestDecodeKeepsToTheLimits(t *testing.T) {
	content := fixture(t, "aac-16000-1.m4a") // 0.35 s
	decodeWithin := func(limits audio.Limits) error {
		_, err := audio.BuiltIn{}.Decode(t.Context(), content, limits)
		return err
	}
	if err := decodeWithin(audio.Limits{MinDuration: 340 * time.Millisecond, MaxDuration: 360 * time.Millisecond, MaxBytes: len(content)}); err != nil {
		t.Errorf("within all limits: %v", err)
	}
	var long *audio.TooLongError
	if err := decodeWithin(audio.Limits{MaxDuration: 340 * time.Millisecond}); !errors.As(err, &long) || long.AtLeast != 350*time.Millisecond {
		t.Errorf("over the longest: %v", err)
	} else if got, want := err.Error(), "the recording is longer than 0.34 s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	var short *audio.TooShortError
	if err := decodeWithin(audio.Limits{MinDuration: 360 * time.Millisecond}); !errors.As(err, &short) || short.Duration != 350*time.Millisecond {
		t.Errorf("under the shortest: %v", err)
	} else if got, want := err.Error(), "the recording is only 0.35 s long; at least 0.36 s is needed"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	short = &audio.TooShortError{Duration: 299_900 * time.Microsecond, Limit: audio.DefaultLimits.MinDuration}
	if got, want := short.Error(), "the recording is only 0.29 s long; at least 0.3 s is needed"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	var large *audio.TooLargeError
	if err := decodeWithin(audio.Limits{MaxBytes: len(content) - 1}); !errors.As(err, &large) || large.Bytes != len(content) {
		t.Errorf("over the largest: %v", err)
	}
	err := &audio.TooLargeError{Bytes: 11 << 20, Limit: audio.DefaultLimits.MaxBytes}
	if got, want := err.Error(), "the file is larger than 10 MiB"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestDecodeOfAnUnknownFormatIsSniffs(t *testing.T) {
	for _, tt := range []struct{ content, found, sentence string }{
		{"fLaC\x00\x00\x00\x22", "a FLAC file", "this is a FLAC file; only MP3, WAV and M4A audio can be used"},
		{"#!AMR\n", "an AMR file", "this is an AMR file, which needs the full decoder; without it only MP3, WAV and M4A audio can be used"},
		{"OggS, but nothing that anybody knows", "an Ogg file", "this is an Ogg file; only MP3, WAV and M4A audio can be used"},
	} {
		_, err := audio.BuiltIn{}.Decode(t.Context(), []byte(tt.content), anyLength)
		var unknown *audio.UnknownFormatError
		if !errors.As(err, &unknown) || unknown.Found != tt.found || err.Error() != tt.sentence {
			t.Errorf("Decode = %v, want what Sniff says: %s", err, tt.sentence)
		}
	}
}

func TestDecodeStopsWithItsCaller(t *testing.T) {
	for _, name := range []string{"aac-16000-1.m4a", "mp3-24000-1.mp3", "wav-s16le.wav", "fragmented.mp4"} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := (audio.BuiltIn{}).Decode(ctx, fixture(t, name), anyLength); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want the context's error", name, err)
		}
	}
}

// TestDecodeIntoReleasedMemory: what another recording has left there is not heard.
func TestDecodeIntoReleasedMemory(t *testing.T) {
	names := []string{"aac-96000-2.m4a", "aac-16000-1.m4a", "mp3-44100-2.mp3", "wav-s24le.wav"}
	want := map[string][]int16{}
	for _, name := range names {
		want[name] = decode(t, fixture(t, name)).Samples
	}
	for range 3 {
		for _, name := range names {
			clip := decode(t, fixture(t, name))
			if !slices.Equal(clip.Samples, want[name]) {
				t.Errorf("%s has %d other samples than in new memory, which had %d", name, len(clip.Samples), len(want[name]))
			}
			samples := clip.Samples
			clip.Release()
			if slices.ContainsFunc(samples, func(s int16) bool { return s != 0 }) {
				t.Errorf("%s is still to be heard in the memory that it has left", name)
			}
		}
	}
}

func TestDecodeLeavesTheFileAlone(t *testing.T) {
	for _, name := range []string{"aac-16000-1.m4a", "mp3-24000-1.mp3", "wav-s16le.wav"} {
		content := fixture(t, name)
		decode(t, content)
		if string(content) != string(fixture(t, name)) {
			t.Errorf("%s was changed", name)
		}
	}
}

// The starter pack is coded at 32 kbit/s throughout, so that the size of a file says how long it is.
func TestDecodeOfTheStarterPack(t *testing.T) {
	names, err := filepath.Glob("../../examples/starter-pack/audio/*.mp3")
	if err != nil || len(names) < 300 {
		t.Fatalf("%d recordings, %v", len(names), err)
	}
	step := len(names) / testenv.Sparing(len(names))
	for i := 0; i < len(names); i += step {
		name := names[i]
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		clip, err := audio.BuiltIn{}.Decode(t.Context(), content, audio.DefaultLimits)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		const kbit, frame = 32, 24 * time.Millisecond
		bySize := time.Duration(len(content)) * 8 * time.Millisecond / kbit
		// The encoder's header frame and its padding, four frames at most, are no sound; tags are small.
		if clip.Duration > bySize || clip.Duration < bySize-5*frame {
			t.Errorf("%s: %v, but it has %d bytes, which is %v", filepath.Base(name), clip.Duration, len(content), bySize)
		}
		if q := audio.Measure(clip.Samples, clip.SampleRate); q.RMS < -40 || q.RMS > -10 {
			t.Errorf("%s: a level of %.1f dBFS is no speech", filepath.Base(name), q.RMS)
		}
	}
}

// One decoder serves all requests at once.
func TestDecodeIsSafeForConcurrentUse(t *testing.T) {
	var decoder audio.Decoder = audio.BuiltIn{}
	for _, name := range []string{"aac-16000-1.m4a", "mp3-24000-1.mp3", "wav-s16le.wav"} {
		content := fixture(t, name)
		want := decode(t, content).Samples
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				clip, err := decoder.Decode(t.Context(), content, anyLength)
				if err != nil || !slices.Equal(clip.Samples, want) {
					t.Errorf("%s: %v, %d samples", name, err, len(clip.Samples))
				}
			})
		}
		group.Wait()
	}
}
