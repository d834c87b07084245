package audio

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/englishapp/englishctl/internal/audio/ffmpeg"
)

// Full is the full decoder: BuiltIn, which starts no sandbox, and FFmpeg for what that refuses.
type Full struct{ FFmpeg FFmpeg }

// Decode implements Decoder.
func (f Full) Decode(ctx context.Context, data []byte, limits Limits) (Clip, error) {
	clip, err := BuiltIn{}.Decode(ctx, data, limits)
	var unknown *UnknownFormatError
	if forFullDecoder(err) == nil && !errors.As(err, &unknown) {
		return clip, err
	}
	return f.FFmpeg.Decode(ctx, data, limits)
}

// FFmpeg decodes what BuiltIn decodes, and also MP3 at all rates, MP3 and ADPCM in WAV, AAC of other kinds, ALAC, AMR, MP3, Opus
// and PCM in M4A, and the formats OGG, WebM (both with Opus or Vorbis) and AMR.
//
// Whatever the file claims, a call takes at most ffmpeg.MaxMemory, and works for ffmpeg.Patience, and beside that what BuiltIn takes for
// samples. A file on which FFmpeg crashes, or that takes more, is a *DamagedError like any other. Where the module itself
// cannot be used, the error is ffmpeg.ErrModule.
type FFmpeg struct{ Module *ffmpeg.Module }

// containers are how FFmpeg is told to read the formats.
var containers = map[Format]ffmpeg.Container{
	MP3: ffmpeg.MP3, WAV: ffmpeg.WAV, M4A: ffmpeg.MP4, OGG: ffmpeg.Ogg, WebM: ffmpeg.Matroska, AMR: ffmpeg.AMR,
}

// Decode implements Decoder.
func (f FFmpeg) Decode(ctx context.Context, data []byte, limits Limits) (Clip, error) {
	limits = limits.withDefaults()
	if len(data) > limits.MaxBytes {
		return Clip{}, &TooLargeError{Bytes: len(data), Limit: limits.MaxBytes}
	}
	format, err := sniffAll(data)
	if err != nil {
		return Clip{}, err
	}
	said, lead, err := outline(format, data)
	if err != nil {
		return Clip{}, err
	}
	switch format { // FFmpeg works for seconds on tags of a million frames
	case MP3:
		data = skipTags(data)
	case WAV:
		data = withoutTags(data)
	}
	out := &collector{mono: mono{ctx: ctx}, format: format, lead: lead, limit: limits.MaxDuration + time.Second}
	sound, err := f.Module.Decode(ctx, containers[format], data, out.take)
	if err != nil && !errors.Is(err, errEnough) {
		return Clip{}, out.failure(sound, err)
	}
	clip := out.clip(said, sound)
	if err := clip.check(limits); err != nil {
		return Clip{}, err
	}
	return clip, nil
}

// outline is what a file says about itself, and how much at its beginning is not to be heard although FFmpeg decodes it. It
// refuses what BuiltIn refuses for good, such as videos and files that were cut off. What it does not know is 0.
func outline(format Format, data []byte) (said Info, lead time.Duration, err error) {
	if inspectors[format] == nil {
		return Info{Format: format}, 0, ends[format](data)
	}
	if said, err = inspect(data); err != nil || format != M4A {
		return said, 0, err
	}
	track, err := parseMP4(data)
	if unknown := forFullDecoder(err); unknown != nil {
		said.Codec = unknown.codec
	} else if err != nil {
		return said, 0, err
	}
	if track.fragments && track.sizes().count == 0 { // FFmpeg heeds the edits of tables only
		lead = asDuration(float64(track.edit.start) / float64(track.timescale))
	}
	return said, lead, nil
}

// collector takes the sound from FFmpeg.
type collector struct {
	mono
	format Format
	rate   int
	lead   time.Duration // not to be heard, at the beginning
	limit  time.Duration
}

// take implements ffmpeg.Sink. The rate and the channels come from the file: nothing is sized by them before they are checked.
func (c *collector) take(rate, channels int, samples []int16) error {
	if err := c.ctx.Err(); err != nil {
		return err //nolint:wrapcheck // the caller's own
	}
	if c.rate == 0 {
		if err := checkLayout(c.format, rate, channels); err != nil {
			return err
		}
		c.rate, c.channels = rate, channels
		c.skip, c.max = framesIn(c.lead, rate), framesIn(c.limit, rate)
	}
	if rate != c.rate || channels != c.channels {
		return cannotUse(c.format, "sound that changes its sample rate or its channels", "the same ones throughout")
	}
	for _, s := range samples {
		if !c.add(s) {
			return errEnough
		}
	}
	return nil
}

// clip is what was collected, described by the file's own words and by what FFmpeg has found.
func (c *collector) clip(said Info, sound ffmpeg.Sound) Clip {
	clip := Clip{Info: said, Samples: c.samples}
	clip.Format, clip.SampleRate, clip.Channels = c.format, c.rate, c.channels
	clip.Codec = codecName(said.Codec, sound)
	if inspectors[c.format] == nil {
		clip.HeaderDuration = sound.Length
		clip.BitRate = averageBitRate(sound.Bytes, lasting(len(c.samples), c.rate).Seconds())
	}
	if c.format == M4A {
		clip.trimTail()
	}
	clip.Duration = lasting(len(clip.Samples), clip.SampleRate)
	return clip
}

// trimTail drops what the last piece of coded sound holds beyond the end. More than that is a contradiction, for check to find.
func (c *Clip) trimTail() {
	const longestPiece = 4096 // samples: ALAC; AAC has at most 2048
	said := framesIn(c.HeaderDuration, c.SampleRate)
	if beyond := len(c.Samples) - said; said > 0 && beyond > 0 && beyond <= longestPiece {
		c.Samples = c.Samples[:said]
	}
}

// codecNames are what people call FFmpeg's codecs.
var codecNames = map[string]string{
	"aac": onlyAAC, "alac": "ALAC", "amr_nb": "AMR", "amr_wb": "AMR wideband", "mp3": "MP3", "opus": "Opus", "vorbis": "Vorbis",
	"adpcm_ms": "Microsoft ADPCM", "adpcm_ima_wav": "IMA ADPCM", "flac": "FLAC", "speex": "Speex", "ac3": "AC-3",
}

// aacProfiles by FFmpeg's numbers: the object types of MPEG-4 less one.
const highEfficiency, highEfficiencyV2 = 4, 28

// codecName prefers what the file says, except that AAC may turn out to be more than it says.
func codecName(said string, sound ffmpeg.Sound) string {
	switch {
	case sound.Codec == "aac" && sound.Profile == highEfficiency:
		return "HE-AAC"
	case sound.Codec == "aac" && sound.Profile == highEfficiencyV2:
		return "HE-AAC v2"
	case said != "":
		return said
	case codecNames[sound.Codec] != "":
		return codecNames[sound.Codec]
	case len(sound.Codec) > 4 && sound.Codec[:4] == "pcm_":
		return "PCM"
	}
	return "an unknown codec"
}

// failure is what to tell the person who chose the file.
func (c *collector) failure(sound ffmpeg.Sound, err error) error {
	var unsupported *UnsupportedError
	switch {
	case errors.As(err, &unsupported), errors.Is(err, ffmpeg.ErrModule),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, ffmpeg.ErrUnknown):
		return c.unknownKind(sound)
	case errors.Is(err, ffmpeg.ErrVideo):
		return cannotUse(c.format, "a video track", "sound")
	case errors.Is(err, ffmpeg.ErrSoundless):
		return cannotUse(c.format, "no sound track", "a file with one")
	case errors.Is(err, ffmpeg.ErrMemory):
		return &DamagedError{Format: c.format, Why: "decoding it takes too much memory", cause: err}
	case errors.Is(err, ffmpeg.ErrPatience):
		return &DamagedError{Format: c.format, Why: "decoding it takes too long", cause: err}
	}
	return undecodable(c.format, err)
}

// usable is what FFmpeg is built for.
var usable = map[Format][]string{
	MP3: {"MP3"}, WAV: {"PCM", "float", "A-law", "µ-law", "ADPCM", "MP3", "AAC"}, M4A: {"AAC", "ALAC", "AMR", "MP3", "Opus", "PCM"},
	OGG: {"Opus", "Vorbis"}, WebM: {"Opus", "Vorbis"}, AMR: {"AMR"},
}

// unknownKind says that FFmpeg does not know the codec, or this kind of it.
func (c *collector) unknownKind(sound ffmpeg.Sound) error {
	found, known := codecName("", sound), usable[c.format]
	if slices.Contains(known, found) {
		return cannotUse(c.format, found+" of an unusual kind", "the usual one")
	}
	return cannotUse(c.format, found, strings.Join(known, ", "))
}
