package audio

import (
	"context"
	"errors"
	"math"
)

// Examination is what can be said about a recording.
type Examination struct {
	// Info is that of the decoded sound. Where Unheard is set it is what the file says about itself, with the Duration of what
	// is in it; what it does not say is 0.
	Info
	// Quality is zero where Unheard is set: levels are not guessed.
	Quality Quality
	// Unheard is why nobody listened to a recording that can be played: *UnsupportedError with FullDecoder, or *TooLongError.
	// It is nil if all of the sound was decoded.
	Unheard error
}

// Examine decodes a whole file and measures it. A file that only the full decoder knows, or that is longer than the limits
// allow, is described without decoding it.
//
// It returns the other errors of Decoder.Decode: the file is damaged, unknown, too large or too short, or nobody decodes what
// it holds. It returns *DamagedError also if a file that was not decoded says that a tenth of its sound is missing.
func Examine(ctx context.Context, decoder Decoder, data []byte, limits Limits) (Examination, error) {
	clip, err := decoder.Decode(ctx, data, limits)
	if err == nil {
		return Examination{Info: clip.Info, Quality: Measure(clip.Samples, clip.SampleRate)}, nil
	}
	var tooLong *TooLongError
	if unknown := forFullDecoder(err); unknown != nil {
		info, wrong := inspect(data)
		if unknown.codec != "" {
			info.Codec = unknown.codec
		}
		return unheard(info, err, wrong)
	}
	if errors.As(err, &tooLong) {
		info, wrong := inspect(data)
		info.Duration = max(info.Duration, tooLong.AtLeast)
		return unheard(info, err, wrong)
	}
	return Examination{}, err
}

func unheard(info Info, why, wrong error) (Examination, error) {
	if wrong != nil {
		return Examination{}, wrong
	}
	return Examination{Info: info, Unheard: why}, nil
}

// inspect describes a file without decoding it.
func inspect(data []byte) (Info, error) {
	format, err := Sniff(data)
	if err != nil {
		return Info{}, err
	}
	info, err := inspectors[format](data)
	if err != nil {
		return Info{}, err
	}
	info.Format = format
	if info.HeaderDuration != 0 && !agree(info.Duration, info.HeaderDuration) {
		return Info{}, damaged(format, "its header says %s, but it holds %s of sound", seconds(info.HeaderDuration), seconds(info.Duration))
	}
	return info, nil
}

// inspectors describe files without decoding them. What a file does not say stays 0.
var inspectors = map[Format]func(data []byte) (Info, error){WAV: inspectWAV, M4A: inspectM4A, MP3: inspectMP3}

// averageBitRate is that of so many bytes for so many seconds; 0 if that is not known.
func averageBitRate(bytes int, seconds float64) int {
	if seconds <= 0 {
		return 0
	}
	return int(math.Round(float64(bytes) * 8 / seconds))
}
