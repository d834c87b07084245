package audio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/hajimehoshi/go-mp3"
)

// mp3DecoderDelay is how many samples later than they went in a decoder gives them out: one granule's half of the filter
// bank and its overlap (528) and one more. Encoders' delays are counted without it.
const mp3DecoderDelay = 529

func decodeMP3(ctx context.Context, data []byte, limit time.Duration) (Clip, error) {
	s, err := parseMP3(data, limit)
	if err != nil {
		return Clip{}, err
	}
	header := s.xing.frames
	if header == 0 {
		header = len(s.frames)
	}
	out := newMono(ctx, s.rate, 2, limit) // the codec always gives two channels, equal ones for mono
	length, decoded := header*s.perFrame, len(s.frames)*s.perFrame
	if extra := s.xing.delay + s.xing.padding; extra > 0 && extra < min(length, decoded) {
		length -= extra
		out.skip, out.max = s.xing.delay+mp3DecoderDelay, min(out.max, decoded-extra)
	}
	out.expect(decoded)
	if err := s.decode(out); err != nil {
		return Clip{}, err
	}
	return Clip{Samples: out.samples, Info: Info{
		Codec:          s.codec(),
		SampleRate:     s.rate,
		Channels:       s.channels,
		BitRate:        bitRate(s.size, decoded, s.rate),
		HeaderDuration: lasting(length, s.rate),
	}}, nil
}

func (l mp3Layout) codec() string {
	version := map[byte]string{mpeg1: "1", mpeg2: "2", mpeg25: "2.5"}[l.version]
	return "MP3 (MPEG-" + version + " Layer III)"
}

// decode runs the codec over the frames.
func (s *mp3Stream) decode(out *mono) error {
	codec, err := mp3.NewDecoder(&frameReader{frames: s.frames})
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return undecodable(MP3, err)
	}
	buf := make([]byte, 1152*4)
	for {
		got, err := codec.Read(buf)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return undecodable(MP3, err)
		}
		if _, err := out.Write(buf[:got]); errors.Is(err, errEnough) {
			return nil
		} else if err != nil {
			return fmt.Errorf("decode MP3: %w", err)
		}
	}
}

// frameReader reads one frame after the other. It cannot seek on purpose: the codec would go over the file twice.
type frameReader struct {
	frames [][]byte
	rest   []byte // of the frame begun
}

func (r *frameReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if len(r.frames) == 0 {
			return 0, io.EOF
		}
		r.rest, r.frames = r.frames[0], r.frames[1:]
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// bitRate is the average in bits per second of so many bytes for so many samples.
func bitRate(bytes, samples, rate int) int {
	if samples == 0 {
		return 0
	}
	return int(float64(bytes) * 8 * float64(rate) / float64(samples))
}
