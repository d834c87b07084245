package audio

import (
	"math"
	"time"
)

// Levels are in dBFS: 0 is the loudest that 16 bits can say.
const (
	// SilenceFloor is given for digital silence, whose level would be minus infinity. 16 bits end at -96.
	SilenceFloor = -120.0

	// inaudible is the level in dBFS up to which a frame is silence in any clip: a quiet room beside a microphone.
	inaudible = -60.0
	// belowPeak is how far below the loudest frame of a clip the others are silence: speech spans about 30 dB, so what is
	// 40 below is the room.
	belowPeak = 40.0
	// flat is how far below the loudest sample a frame is at most, in dB, whose tops are cut off: a sine is 3 below it, a voice 6 to 12. Of
	// 2,623 recordings of speechocean762 none has a twentieth of such frames; 20 dB too loud all have a sixth, also through codecs.
	flat = 4.0
)

// frameLength is the resolution at which silence is found: shorter than the shortest speech sound.
const frameLength = 10 * time.Millisecond

// Quality says how well a recording can be heard. It judges nothing: whoever asks has the thresholds.
type Quality struct {
	RMS  float64 // level of the whole clip in dBFS; SilenceFloor for digital silence
	Peak float64 // of the loudest sample, in dBFS
	// Clipped is the share of the samples between the silences at the ends that are within 0.1 dB of full scale, 0 to 1.
	Clipped float64
	// Flat is the share of the time between them in which the tops are cut off, wherever they now end, 0 to 1: behind a codec that is seldom
	// at full scale.
	Flat float64

	// Speech is the level of what is between the silences at the ends, in dBFS.
	Speech float64
	// Leading and Trailing are the silences at the ends. A clip that is silent throughout is all leading.
	Leading, Trailing time.Duration
	// Sounding is the time between them.
	Sounding time.Duration
}

// Measure analyses mono samples at the rate in Hz. Of no samples, all levels are SilenceFloor. Levels are those of what sounds: around the
// mean of all samples, which a cheap microphone moves.
func Measure(samples []int16, rate int) Quality {
	size := max(1, framesIn(frameLength, rate))
	frames := make([]frame, 0, len(samples)/size+1)
	var all frame
	for rest := samples; len(rest) > 0; {
		f := measureFrame(rest[:min(size, len(rest))])
		frames, rest = append(frames, f), rest[f.samples:]
		all.add(f)
	}
	offset := all.mean()
	first, last := sounding(frames, offset)
	var silence, sound frame
	for _, f := range frames[:first] {
		silence.add(f)
	}
	for _, f := range frames[first:last] {
		sound.add(f)
	}
	q := Quality{RMS: all.level(offset), Peak: decibels(float64(all.peak)), Speech: sound.level(offset)}
	q.Leading = lasting(silence.samples, rate)
	q.Sounding = lasting(sound.samples, rate)
	q.Trailing = lasting(all.samples-sound.samples-silence.samples, rate)
	if sound.samples > 0 {
		q.Clipped = float64(sound.clipped) / float64(sound.samples)
		q.Flat = share(frames[first:last], func(f frame) bool { return f.level(offset) > q.Peak-flat })
	}
	return q
}

// share is how many of the frames are so, 0 to 1.
func share(frames []frame, so func(frame) bool) float64 {
	n := 0
	for _, f := range frames {
		if so(f) {
			n++
		}
	}
	return float64(n) / float64(len(frames))
}

// frame is what is known of some samples in a row.
type frame struct {
	samples int
	sum     int64
	squares int64 // their sum; 30 s at 192 kHz have 2^53 at most
	peak    int
	clipped int
}

// nearFull is 0.1 dB below full scale: lossy codecs do not keep the exact top.
const nearFull = 32392

func measureFrame(samples []int16) frame {
	f := frame{samples: len(samples)}
	lowest, highest := 0, 0
	for _, s := range samples {
		v := int(s)
		f.sum += int64(v)
		f.squares += int64(v * v)
		lowest, highest = min(lowest, v), max(highest, v)
	}
	if f.peak = max(-lowest, highest); f.peak >= nearFull { // seldom
		for _, s := range samples {
			if s >= nearFull || s <= -nearFull {
				f.clipped++
			}
		}
	}
	return f
}

func (f *frame) add(other frame) {
	f.samples += other.samples
	f.sum += other.sum
	f.squares += other.squares
	f.peak = max(f.peak, other.peak)
	f.clipped += other.clipped
}

// mean is that of the samples; 0 of none.
func (f frame) mean() float64 { return float64(f.sum) / float64(max(f.samples, 1)) }

// level is the root of the mean square around an offset, in dBFS.
func (f frame) level(offset float64) float64 {
	if f.samples == 0 {
		return SilenceFloor
	}
	square := float64(f.squares)/float64(f.samples) + offset*(offset-2*f.mean())
	return decibels(math.Sqrt(max(square, 0)))
}

// sounding finds the frames between the silences at the ends. Where all are silent, it is none, at the end.
func sounding(frames []frame, offset float64) (first, last int) {
	loudest := SilenceFloor
	for _, f := range frames {
		loudest = max(loudest, f.level(offset))
	}
	threshold := max(inaudible, loudest-belowPeak)
	first, last = len(frames), len(frames)
	for i, f := range frames {
		if f.level(offset) <= threshold {
			continue
		}
		if first == len(frames) {
			first = i
		}
		last = i + 1
	}
	return first, last
}

// decibels of an amplitude, full scale being 32768.
func decibels(amplitude float64) float64 {
	if amplitude == 0 {
		return SilenceFloor
	}
	return max(SilenceFloor, 20*math.Log10(amplitude/(1<<15)))
}
