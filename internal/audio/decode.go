package audio

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Rates and channel counts outside these are refused before anything is sized by them: a header may claim 4 GHz.
const (
	MinSampleRate = 8_000   // Hz, telephone
	MaxSampleRate = 192_000 // Hz, the highest that recorders offer
	MaxChannels   = 8
)

// SpeechRate is the sample rate in Hz that speech recognition wants (decisions, "Pronunciation").
const SpeechRate = 16_000

// Decoder turns an audio file into sound. Implementations are safe for concurrent use.
type Decoder interface {
	// Decode decodes the whole file, whose content is data, without changing or keeping it.
	//
	// It returns *UnknownFormatError, *UnsupportedError, *DamagedError, *TooLargeError, *TooLongError or
	// *TooShortError, each a sentence for the person who chose the file; or the context's error.
	Decode(ctx context.Context, data []byte, limits Limits) (Clip, error)
}

// Limits bound what is decoded. A zero field means the value of DefaultLimits, except MinDuration, where it means none.
type Limits struct {
	MaxBytes    int           // of the file
	MinDuration time.Duration // of the sound
	MaxDuration time.Duration // of the sound; decoding stops one second later, whatever follows
}

// DefaultLimits are those of recordings and of what learners say (decisions, "Pronunciation" and "Small decisions").
var DefaultLimits = Limits{MaxBytes: 10 << 20, MinDuration: 300 * time.Millisecond, MaxDuration: 30 * time.Second}

func (l Limits) withDefaults() Limits {
	if l.MaxBytes <= 0 {
		l.MaxBytes = DefaultLimits.MaxBytes
	}
	if l.MaxDuration <= 0 {
		l.MaxDuration = DefaultLimits.MaxDuration
	}
	return l
}

// Info describes a decoded file.
type Info struct {
	Format     Format
	Codec      string        // as people call it: "PCM 16-bit", "AAC-LC", "MP3 (MPEG-1 Layer III)"
	SampleRate int           // Hz
	Channels   int           // in the file; the samples are mixed to one
	BitRate    int           // bits per second of coded sound, without tags and pictures; an average
	Duration   time.Duration // of the samples

	// HeaderDuration is how long the file says it is; 0 if it does not say.
	HeaderDuration time.Duration
}

// Clip is decoded sound.
type Clip struct {
	Info
	// Samples are mono, signed 16-bit, at Info.SampleRate: the average of all channels, each counted alike. A channel that is
	// silent therefore costs loudness, 6 dB where it is one of two.
	Samples []int16
}

// At returns the samples at another rate (Hz), for example SpeechRate. See Resample.
func (c Clip) At(rate int) ([]int16, error) { return Resample(c.Samples, c.SampleRate, rate) }

// Release silences Samples and gives their memory to a recording that is decoded later. Nobody may use them afterwards, nor what At has
// returned at Info.SampleRate.
func (c Clip) Release() {
	clear(c.Samples) // nothing of what somebody has said stays there
	spare.Put(&c.Samples)
}

// BuiltIn decodes in pure Go: WAV (PCM of 8 to 32 bits, float, A-law, µ-law), M4A with AAC-LC, and MP3 at 16, 22.05, 24, 32,
// 44.1 and 48 kHz.
//
// Whatever the file claims, a call allocates at most a few times MaxDuration (plus a second) of samples at the rate of
// the file, besides small tables. The zero value is ready to use.
type BuiltIn struct{}

// Decode implements Decoder.
func (BuiltIn) Decode(ctx context.Context, data []byte, limits Limits) (Clip, error) {
	limits = limits.withDefaults()
	if len(data) > limits.MaxBytes {
		return Clip{}, &TooLargeError{Bytes: len(data), Limit: limits.MaxBytes}
	}
	format, err := Sniff(data)
	if err != nil {
		return Clip{}, withHint(data, err)
	}
	clip, err := guarded(format, func() (Clip, error) {
		return decoders[format](ctx, data, limits.MaxDuration+time.Second)
	})
	if err != nil {
		return Clip{}, err
	}
	clip.Format = format
	clip.Duration = lasting(len(clip.Samples), clip.SampleRate)
	if err := clip.check(limits); err != nil {
		return Clip{}, err
	}
	return clip, nil
}

// decoders are the built-in ones. Each stops where it has decoded so much.
var decoders = map[Format]func(ctx context.Context, data []byte, enough time.Duration) (Clip, error){
	WAV: decodeWAV, M4A: decodeM4A, MP3: decodeMP3,
}

// guarded turns a panic of a codec, which is other people's code on strangers' input, into an error.
func guarded(format Format, decode func() (Clip, error)) (clip Clip, err error) {
	defer func() {
		if p := recover(); p != nil {
			clip, err = Clip{}, undecodable(format, fmt.Errorf("the codec panicked: %v", p))
		}
	}()
	return decode()
}

// check holds the decoded clip against the limits and against what its own header says.
func (c Clip) check(limits Limits) error {
	switch {
	case len(c.Samples) == 0:
		return damaged(c.Format, "there is no sound in it")
	case c.Duration > limits.MaxDuration:
		return &TooLongError{AtLeast: c.Duration, Limit: limits.MaxDuration}
	case c.HeaderDuration != 0 && !agree(c.Duration, c.HeaderDuration):
		return damaged(c.Format, "its header says %s, but it holds %s of sound", seconds(c.HeaderDuration), seconds(c.Duration))
	case c.Duration < limits.MinDuration:
		return &TooShortError{Duration: c.Duration, Limit: limits.MinDuration}
	}
	return nil
}

// agree reports whether the decoded length is within a tenth of the header's. A file that was cut off while it was sent often
// decodes without any other sign of it.
func agree(decoded, header time.Duration) bool {
	const tolerance = 0.1
	return (decoded - header).Abs().Seconds() <= tolerance*header.Seconds()
}

// lasting is how long so many samples last. It saturates where a header claims ages.
func lasting(samples, rate int) time.Duration {
	if rate <= 0 {
		return 0
	}
	whole := time.Duration(samples / rate)
	if whole > time.Duration(1<<62)/time.Second {
		return 1 << 62
	}
	return whole*time.Second + time.Duration(samples%rate)*time.Second/time.Duration(rate)
}

// checkLayout refuses rates and channel counts that no table may be sized by.
func checkLayout(format Format, rate, channels int) error {
	if rate < MinSampleRate || rate > MaxSampleRate {
		return cannotUse(format, "sound at "+trim(float64(rate), 0)+" Hz", "8 kHz to 192 kHz")
	}
	if channels < 1 || channels > MaxChannels {
		return cannotUse(format, fmt.Sprintf("%d channels", channels), fmt.Sprintf("1 to %d", MaxChannels))
	}
	return nil
}

// errEnough stops a decoder that has decoded as much as anybody will use.
var errEnough = errors.New("enough was decoded")
