package audio

import (
	"context"
	"encoding/binary"
	"sync"
	"time"
)

// mono collects interleaved frames, mixed to one channel.
type mono struct {
	ctx      context.Context // asked at every write, since codecs take none
	channels int
	skip     int // frames to drop before the first one kept: what the encoder put there to warm up
	max      int // frames to keep; the next write returns errEnough
	samples  []int16
}

// newMono makes one that holds at most limit of sound at the rate.
func newMono(ctx context.Context, rate, channels int, limit time.Duration) *mono {
	return &mono{ctx: ctx, channels: channels, max: framesIn(limit, rate)}
}

// expect makes room for so many frames, as far as they may be kept.
func (m *mono) expect(frames int) { m.samples = roomFor(min(frames, m.max)) }

// spare is the memory of clips that were released (*[]int16). It is more than half of what decoding a recording allocates: of many at
// once it makes the runtime collect garbage, for which everybody has to stop.
var spare sync.Pool

// roomFor is empty, with room for so many samples.
func roomFor(samples int) []int16 {
	if s, ok := spare.Get().(*[]int16); ok && cap(*s) >= samples {
		return (*s)[:0]
	}
	return make([]int16, 0, samples)
}

// framesIn is how many frames last so long.
func framesIn(d time.Duration, rate int) int { return int(d.Seconds() * float64(rate)) }

// Write takes whole frames of interleaved 16-bit little-endian samples. It implements io.Writer for codecs that want one.
func (m *mono) Write(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	size := 2 * m.channels
	frames := len(p) / size
	skipped := min(m.skip, frames)
	m.skip -= skipped
	kept := min(frames-skipped, m.max-len(m.samples))
	end := (skipped + kept) * size
	m.samples = m.mix(m.samples, p[skipped*size:end])
	if skipped+kept < frames {
		return end, errEnough
	}
	return len(p), nil
}

// mix appends the frames to samples. Nearly all recordings have one channel or two: these are loops of their own.
func (m *mono) mix(samples []int16, frames []byte) []int16 {
	switch m.channels {
	case 1:
		for ; len(frames) >= 2; frames = frames[2:] {
			samples = append(samples, int16(binary.LittleEndian.Uint16(frames)))
		}
	case 2:
		for ; len(frames) >= 4; frames = frames[4:] {
			left, right := int16(binary.LittleEndian.Uint16(frames)), int16(binary.LittleEndian.Uint16(frames[2:]))
			samples = append(samples, int16((int(left)+int(right))/2))
		}
	default:
		for size := 2 * m.channels; len(frames) >= size; frames = frames[size:] {
			sum := 0
			for c := range m.channels {
				sum += int(int16(binary.LittleEndian.Uint16(frames[2*c:])))
			}
			samples = append(samples, int16(sum/m.channels))
		}
	}
	return samples
}

// add keeps one mixed sample. It reports false if there is room for no more.
func (m *mono) add(s int16) bool {
	if m.skip > 0 {
		m.skip--
		return true
	}
	if len(m.samples) >= m.max {
		return false
	}
	m.samples = append(m.samples, s)
	return true
}
