package audio

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"time"

	aac "github.com/tphakala/go-aac/pcm"
)

// samplesPerUnit is what one access unit of AAC-LC decodes to. The codec refuses the rare kind with 960.
const samplesPerUnit = 1024

// maxUnit is the size in bytes of the largest access unit: what the length field of ADTS can say.
const maxUnit = 1<<13 - 1

func decodeM4A(ctx context.Context, data []byte, limit time.Duration) (Clip, error) {
	track, err := parseMP4(data)
	if err != nil {
		return Clip{}, err
	}
	rate := track.codec.rate
	out := newMono(ctx, rate, track.codec.channels, limit)
	there, size, err := track.measure(ctx, out.max)
	if err != nil {
		return Clip{}, err
	}
	heard, err := track.trim(out, there)
	if err != nil {
		return Clip{}, err
	}
	out.expect(there)
	if err := track.decode(out); err != nil {
		return Clip{}, err
	}
	return Clip{Samples: out.samples, Info: Info{
		Codec:          "AAC-LC",
		SampleRate:     rate,
		Channels:       track.codec.channels,
		BitRate:        bitRate(size, there, rate),
		HeaderDuration: heard,
	}}, nil
}

// trim tells out what the edit list leaves out, such as the encoder's priming, and what the last unit holds beyond the end.
// It returns how long the rest is by the file's own word, and an error where that does not go with the samples there are.
func (t mp4Track) trim(out *mono, there int) (heard time.Duration, err error) {
	rate := float64(t.codec.rate)
	start, length := float64(t.edit.start)/float64(t.timescale), t.seconds()
	found := float64(there) / rate
	beyond := found - length // at most a unit, if nobody lies
	oneUnit := samplesPerUnit / rate
	if there <= out.max && math.Abs(beyond) > oneUnit && !agree(asDuration(found), asDuration(length)) {
		return 0, damaged(M4A, "its header says %s, but it holds %s of sound", seconds(asDuration(length)), seconds(asDuration(found)))
	}
	out.skip = int(min(start*rate, float64(there)))
	left := t.audible()
	if t.edit.duration > 0 || beyond <= oneUnit {
		out.max = int(min(math.Round(left*rate), float64(out.max)))
	}
	return asDuration(left), nil
}

// asDuration saturates where a header claims ages.
func asDuration(seconds float64) time.Duration {
	return time.Duration(min(math.Round(seconds*float64(time.Second)), 1<<62))
}

// seconds is how long the track says it is, with what its edits leave out; 0 if it does not say.
func (t mp4Track) seconds() float64 {
	units := float64(t.duration)
	if t.fragments || units == 0 { // fragments are written after the header
		units = t.tableDuration() + t.fragmentsDuration()
	}
	return units / float64(t.timescale)
}

// audible is how many seconds of the track are to be heard by its own word; 0 if it does not say.
func (t mp4Track) audible() float64 {
	if t.edit.duration > 0 {
		return t.edit.duration
	}
	return max(0, t.seconds()-float64(t.edit.start)/float64(t.timescale))
}

// measure counts the samples that are in the file, up to somewhat more than enough, and the bytes that hold them.
func (t mp4Track) measure(ctx context.Context, enough int) (samples, size int, err error) {
	for unit := range t.units {
		if len(unit) > maxUnit {
			return 0, 0, damaged(M4A, "a piece of its sound is %d bytes long; the longest possible has %d", len(unit), maxUnit)
		}
		if samples, size = samples+samplesPerUnit, size+len(unit); samples > enough {
			break
		}
	}
	return samples, size, ctx.Err()
}

// decode runs the codec over the units.
func (t mp4Track) decode(out *mono) error {
	next, stop := iter.Pull(t.units)
	defer stop()
	codec, err := aac.NewDecoder(&unitReader{next: next}, aac.WithRawStream(t.codec.asc))
	if err == nil {
		_, err = codec.WriteTo(out)
	}
	switch {
	case err == nil, errors.Is(err, errEnough):
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("decode M4A: %w", err)
	case errors.Is(err, aac.ErrUnsupported):
		return holds(M4A, "HE-AAC or another extension of AAC-LC")
	}
	return undecodable(M4A, err)
}

// unitReader gives the codec its units, each behind its length in two bytes, which is how it wants them.
type unitReader struct {
	next func() ([]byte, bool)
	head [2]byte
	rest [2][]byte // of the length and of the unit
}

func (r *unitReader) Read(p []byte) (int, error) {
	for len(r.rest[0]) == 0 && len(r.rest[1]) == 0 {
		unit, ok := r.next()
		if !ok {
			return 0, io.EOF
		}
		if len(unit) > maxUnit {
			return 0, damaged(M4A, "a piece of its sound is too long")
		}
		if len(unit) > 0 {
			binary.BigEndian.PutUint16(r.head[:], uint16(len(unit)))
			r.rest = [2][]byte{r.head[:], unit}
		}
	}
	part := &r.rest[0]
	if len(*part) == 0 {
		part = &r.rest[1]
	}
	n := copy(p, *part)
	*part = (*part)[n:]
	return n, nil
}
