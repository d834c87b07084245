package audio_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/audio"
)

func examine(t testing.TB, content []byte, limits audio.Limits) audio.Examination {
	t.Helper()
	e, err := audio.Examine(t.Context(), audio.BuiltIn{}, content, limits)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestExamineHearsWhatCanBeDecoded(t *testing.T) {
	for _, name := range []string{"aac-44100-2.m4a", "mp3-22050-1.mp3", "wav-s16le.wav", "fragmented.mp4"} {
		content := fixture(t, name)
		clip := decode(t, content)
		want := audio.Examination{Info: clip.Info, Quality: audio.Measure(clip.Samples, clip.SampleRate)}
		if diff := cmp.Diff(want, examine(t, content, anyLength)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// FFmpeg says the same about these files, but that it does not round bit rates, learns by decoding that the MP3 in MP4 has one
// channel, and believes the header about the bit rate of ADPCM, which is counted here.
func TestExamineDescribesWhatTheFullDecoderKnows(t *testing.T) {
	const (
		tenth = 100 * time.Millisecond
		block = 254500 * time.Microsecond // of ADPCM
	)
	for _, tt := range []struct {
		file string
		want audio.Info
	}{
		{"refused-alac.m4a", audio.Info{Format: audio.M4A, Codec: "ALAC", SampleRate: 8000, Channels: 1, BitRate: 37600, Duration: tenth, HeaderDuration: tenth}},
		{"refused-opus.mp4", audio.Info{Format: audio.M4A, Codec: "Opus", SampleRate: 48000, Channels: 1, BitRate: 21484, Duration: tenth, HeaderDuration: tenth}},
		{"refused-mp3.mp4", audio.Info{Format: audio.M4A, Codec: "MP3", SampleRate: 44100, Channels: 2, BitRate: 33393, Duration: tenth, HeaderDuration: tenth}},
		{"refused-pcm.mov", audio.Info{Format: audio.M4A, Codec: "PCM", SampleRate: 8000, Channels: 1, BitRate: 128000, Duration: tenth, HeaderDuration: tenth}},
		{"refused-surround.m4a", audio.Info{Format: audio.M4A, Codec: "AAC with 6 channels", SampleRate: 8000, Channels: 6, BitRate: 29965, Duration: tenth, HeaderDuration: tenth}},
		{"refused-msadpcm.wav", audio.Info{Format: audio.WAV, Codec: "Microsoft ADPCM", SampleRate: 8000, Channels: 1, BitRate: 32189, Duration: block, HeaderDuration: block}},
		{"refused-imaadpcm.wav", audio.Info{Format: audio.WAV, Codec: "IMA ADPCM", SampleRate: 8000, Channels: 1, BitRate: 32110, Duration: block + 625*time.Microsecond, HeaderDuration: block + 625*time.Microsecond}},
		{"refused-11025.mp3", audio.Info{Format: audio.MP3, Codec: "MP3 (MPEG-2.5 Layer III)", SampleRate: 11025, Channels: 1, BitRate: 16002, Duration: 100_045_351, HeaderDuration: 100_045_351}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			content := fixture(t, tt.file)
			got := examine(t, content, anyLength)
			if diff := cmp.Diff(tt.want, got.Info); diff != "" {
				t.Error(diff)
			}
			_, why := audio.BuiltIn{}.Decode(t.Context(), content, anyLength)
			if got.Unheard == nil || got.Unheard.Error() != why.Error() || got.Quality != (audio.Quality{}) {
				t.Errorf("unheard because of %v, %+v; want %v and no levels", got.Unheard, got.Quality, why)
			}
		})
	}
}

// What stands in other places of containers, or not at all.
func TestExamineReadsContainers(t *testing.T) {
	amr := mp4File(fixture(t, "fragmented.mp4"))
	copy(amr.body(t, in(stbl, "stsd")...)[4:], "samr")
	m4a := func(change func(*m4aParts)) []byte {
		p := partsOf(t, "aac-16000-1.m4a")
		change(&p)
		return p.file()
	}
	// entry describes sound in a version of QuickTime's: with the rate as a float in the second one, and as 16.16 before.
	entry := func(version byte, rate float64, channels int) func(*m4aParts) {
		fields := make([]byte, 44)
		fields[9], fields[17] = version, 1
		copy(fields[24:], be32(int(rate)<<16))
		binary.BigEndian.PutUint64(fields[32:], math.Float64bits(rate))
		copy(fields[40:], be32(channels))
		return func(p *m4aParts) { p.stsd = join(be32(0), be32(1), mp4Box("lpcm", fields)) }
	}
	intensity := splitMP3(t, untagged(t, fixture(t, "mp3-44100-2.mp3")))
	intensity[3][3] = intensity[3][3]&^0xF0 | 0x50
	changing := join(bytes.Repeat(silentFrame(), 10), slices.Concat(intensity[1:11]...)) // 10 · 24 ms and 10 · 1152 / 44100 s
	const whole, sound = 414 * time.Millisecond, 350 * time.Millisecond                  // with and without what the encoder added
	const tenth = 100 * time.Millisecond
	for _, tt := range []struct {
		rule string
		file []byte
		want audio.Info
	}{
		{"fragments", amr, audio.Info{Format: audio.M4A, Codec: "AMR", SampleRate: 44100, Channels: 2, BitRate: 49215, Duration: sound, HeaderDuration: sound}},
		{"AAC in pieces", m4a(func(p *m4aParts) {
			piece := join(be32(100), be32(1024), be32(1<<16))
			p.elst = join(be32(0), be32(2), piece, piece)
		}), audio.Info{Format: audio.M4A, Codec: "AAC-LC", SampleRate: 16000, Channels: 1, BitRate: 58957, Duration: 2 * tenth, HeaderDuration: 2 * tenth}},
		{"HE-AAC", m4a(func(p *m4aParts) { p.stsd = bytes.Replace(p.stsd, []byte("\x14\x08"), []byte("\x2c\x08"), 1) }),
			audio.Info{Format: audio.M4A, Codec: "HE-AAC", SampleRate: 16000, Channels: 2, BitRate: 58957, Duration: whole, HeaderDuration: whole}},
		{"a sample entry of version 1", m4a(entry(1, 32000, 0)), audio.Info{Format: audio.M4A, Codec: "PCM", SampleRate: 32000, Channels: 1, BitRate: 58957, Duration: whole, HeaderDuration: whole}},
		{"a sample entry of version 2", m4a(entry(2, 96000, 4)), audio.Info{Format: audio.M4A, Codec: "PCM", SampleRate: 96000, Channels: 4, BitRate: 58957, Duration: whole, HeaderDuration: whole}},
		{"a rate that is not possible", m4a(entry(2, math.Inf(1), 4)), audio.Info{Format: audio.M4A, Codec: "PCM", BitRate: 58957, Duration: whole, HeaderDuration: whole}},
		{"channels that are not possible", m4a(entry(2, 96000, 1000)), audio.Info{Format: audio.M4A, Codec: "PCM", BitRate: 58957, Duration: whole, HeaderDuration: whole}},
		{"intensity stereo", slices.Concat(intensity...), audio.Info{Format: audio.MP3, Codec: "MP3 (MPEG-1 Layer III)", SampleRate: 44100, Channels: 2, BitRate: 48000, Duration: sound, HeaderDuration: sound}},
		{"MP3 that changes its rate", changing, audio.Info{Format: audio.MP3, Codec: "MP3 (MPEG-2 Layer III)", SampleRate: 24000, Channels: 1, BitRate: 40333, Duration: 501_224_490}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, examine(t, tt.file, anyLength).Info); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// longM4A has the fixture's first unit again and again, each time with bytes of its own.
func longM4A(t testing.TB, name string, units int) []byte {
	t.Helper()
	p := partsOf(t, name)
	at, size := binary.BigEndian.Uint32(p.stco[8:]), binary.BigEndian.Uint32(p.st[12:])
	unit := fixture(t, name)[at : at+size]
	copy(p.mdhd[16:], be32(units*1024))
	p.stts = join(be32(0), be32(1), be32(units), be32(1024))
	p.stsc = join(be32(0), be32(1), be32(1), be32(units), be32(1))
	p.st = join(be32(0), be32(len(unit)), be32(units))
	p.stco = join(be32(0), be32(1), be32(0))
	copy(p.stco[8:], be32(len(p.file())+8))
	return join(p.file(), mp4Box("mdat", bytes.Repeat(unit, units)))
}

// Decoding stops a second after the limit; how long the recording is, the file says.
func TestExamineKnowsHowLongALongRecordingIs(t *testing.T) {
	minute := wavSpec{tag: 1, channels: 1, rate: 8000, align: 2, bits: 16, data: make([]byte, 60*16000)}
	piped := minute
	piped.size = 0xFFFFFFFF
	silence := slices.Concat(slices.Repeat([][]byte{silentFrame()}, 2500)...)
	timeless := mp4File(longM4A(t, "aac-16000-1.m4a", 1000))
	copy(timeless.body(t, "moov", "trak", "mdia", "mdhd")[16:], be32(-1))
	copy(timeless.body(t, in(stbl, "stts")...)[8:], be32(0))
	for _, tt := range []struct {
		rule string
		file []byte
		want audio.Info
	}{
		{"WAV", minute.bytes(), audio.Info{Format: audio.WAV, Codec: "PCM 16-bit", SampleRate: 8000, Channels: 1, BitRate: 128000, Duration: time.Minute, HeaderDuration: time.Minute}},
		{"WAV from a pipe", piped.bytes(), audio.Info{Format: audio.WAV, Codec: "PCM 16-bit", SampleRate: 8000, Channels: 1, BitRate: 128000, Duration: time.Minute}},
		{"MP3", silence, audio.Info{Format: audio.MP3, Codec: "MP3 (MPEG-2 Layer III)", SampleRate: 24000, Channels: 1, BitRate: 32000, Duration: time.Minute}},
		{"M4A", longM4A(t, "aac-16000-1.m4a", 1000), audio.Info{Format: audio.M4A, Codec: "AAC-LC", SampleRate: 16000, Channels: 1, BitRate: 66875, Duration: 64 * time.Second, HeaderDuration: 64 * time.Second}},
		{"M4A that does not say: what was decoded", timeless, audio.Info{Format: audio.M4A, Codec: "AAC-LC", SampleRate: 16000, Channels: 1, Duration: 31 * time.Second}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			got := examine(t, tt.file, audio.DefaultLimits)
			if diff := cmp.Diff(tt.want, got.Info); diff != "" {
				t.Error(diff)
			}
			var long *audio.TooLongError
			if !errors.As(got.Unheard, &long) || got.Quality != (audio.Quality{}) {
				t.Errorf("unheard because of %v, %+v; want too long and no levels", got.Unheard, got.Quality)
			}
		})
	}
}

func TestExamineRefusals(t *testing.T) {
	cut := func(name string) []byte { content := fixture(t, name); return content[:len(content)*3/4] }
	unindexed := mp4File(fixture(t, "refused-alac.m4a"))
	copy(unindexed.body(t, in(stbl, "stco")...)[8:], be32(1<<30))
	halved := fixture(t, "refused-msadpcm.wav")
	binary.LittleEndian.PutUint32(halved[bytes.Index(halved, []byte("data"))+4:], 512)
	minute := wavSpec{tag: 1, channels: 1, rate: 8000, align: 2, bits: 16, data: make([]byte, 60*16000), size: 120 * 16000}
	silence := slices.Concat(slices.Repeat([][]byte{silentFrame()}, 2500)...)
	const damaged = " file is damaged: "
	for _, tt := range []struct {
		rule string
		file []byte
		want string
	}{
		{"an unknown format", []byte("fLaC"), "this is a FLAC file; only MP3, WAV and M4A audio can be used"},
		{"what nobody decodes", fixture(t, "refused-gsm.wav"), "this WAV holds GSM 6.10; only PCM of 8, 16, 24 or 32 bits, float of 32 or 64, A-law and µ-law can be used"},
		{"a video", fixture(t, "refused-video.mp4"), "this M4A holds a video track; only sound can be used"},
		{"damage that the decoder finds", cut("wav-s16le.wav"), "this WAV" + damaged + "its header says 0.35 s, but it holds 0.26 s of sound"},
		{"ADPCM that was cut off", cut("refused-imaadpcm.wav"), "this WAV" + damaged + "its header says 0.26 s, but it holds 0.19 s of sound"},
		{"MPEG-2.5 that was cut off", cut("refused-11025.mp3"), "this MP3" + damaged + "its header says 0.1 s, but it holds 0 s of sound"},
		{"ADPCM of which the header leaves out half", halved, "this WAV" + damaged + "its header says nothing of 512 bytes behind its 512 bytes of sound"},
		{"ALAC that is not there", unindexed, "this M4A" + damaged + "its header says 0.1 s, but it holds 0 s of sound"},
		{"ADPCM without sound", cut("refused-imaadpcm.wav")[:60], "this WAV" + damaged + "it has no data chunk"},
		{"a long WAV that was cut off", minute.bytes(), "this WAV" + damaged + "its header says 120 s, but it holds 60 s of sound"},
		{"a long MP3 with damage in its second half", join(silence, bytes.Repeat([]byte("x"), 2000), silence), "this MP3" + damaged + "frame 2500 is followed by something else"},
		{"a long M4A that was cut off", longM4A(t, "aac-16000-1.m4a", 1000)[:400_000], "this M4A" + damaged + "its header says 64 s, but it holds 47.4 s of sound"},
		{"a long M4A whose pieces overlap", repeatedM4A(t, "aac-16000-1.m4a", 100_000), "this M4A" + damaged + "the pieces of its sound overlap"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			got, err := audio.Examine(t.Context(), audio.BuiltIn{}, tt.file, audio.DefaultLimits)
			if err == nil || err.Error() != tt.want {
				t.Errorf("Examine = %v, want %q", err, tt.want)
			}
			if got != (audio.Examination{}) {
				t.Errorf("%+v beside the error", got)
			}
		})
	}
}

func TestExamineStopsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := audio.Examine(ctx, audio.BuiltIn{}, fixture(t, "mp3-bare.mp3"), anyLength); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the context's error", err)
	}
}
