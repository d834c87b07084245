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
)

// frameLength is the resolution at which silence is found: shorter than the shortest speech sound.
const frameLength = 10 * time.Millisecond

// Quality says how well a recording can be heard. It judges nothing: whoever asks has the thresholds.
type Quality struct {
	RMS     float64 // level of the whole clip in dBFS; SilenceFloor for digital silence
	Peak    float64 // of the loudest sample, in dBFS
	Clipped float64 // share of samples within 0.1 dB of full scale, 0 to 1

	// Speech is the level of what is between the silences at the ends, in dBFS.
	Speech float64
	// Leading and Trailing are the silences at the ends. A clip that is silent throughout is all leading.
	Leading, Trailing time.Duration
	// Sounding is the time between them.
	Sounding time.Duration
}

// Measure analyses mono samples at the rate in Hz. Of no samples, all levels are SilenceFloor.
func Measure(samples []int16, rate int) Quality {
	q := Quality{RMS: level(samples), Clipped: clipped(samples)}
	q.Peak = decibels(float64(peak(samples)))
	size := max(1, framesIn(frameLength, rate))
	begin, end := sounding(samples, size)
	q.Leading = lasting(begin, rate)
	q.Trailing = lasting(len(samples)-end, rate)
	q.Sounding = lasting(end-begin, rate)
	q.Speech = level(samples[begin:end])
	return q
}

// sounding finds the samples between the silences at the ends, in steps of size samples.
func sounding(samples []int16, size int) (begin, end int) {
	loudest := SilenceFloor
	for at := 0; at < len(samples); at += size {
		loudest = max(loudest, level(samples[at:min(at+size, len(samples))]))
	}
	threshold := max(inaudible, loudest-belowPeak)
	begin, end = len(samples), len(samples)
	for at := 0; at < len(samples); at += size {
		next := min(at+size, len(samples))
		if level(samples[at:next]) <= threshold {
			continue
		}
		if begin == len(samples) {
			begin = at
		}
		end = next
	}
	return begin, end
}

// level is the root of the mean square in dBFS.
func level(samples []int16) float64 {
	if len(samples) == 0 {
		return SilenceFloor
	}
	sum := int64(0)
	for _, s := range samples {
		sum += int64(s) * int64(s)
	}
	return decibels(math.Sqrt(float64(sum) / float64(len(samples))))
}

// decibels of an amplitude, full scale being 32768.
func decibels(amplitude float64) float64 {
	if amplitude == 0 {
		return SilenceFloor
	}
	return 20 * math.Log10(amplitude/(1<<15))
}

func peak(samples []int16) int {
	loudest := 0
	for _, s := range samples {
		loudest = max(loudest, abs(int(s)))
	}
	return loudest
}

func clipped(samples []int16) float64 {
	const nearFull = 32392 // 0.1 dB below full scale: lossy codecs do not keep the exact top
	if len(samples) == 0 {
		return 0
	}
	n := 0
	for _, s := range samples {
		if abs(int(s)) >= nearFull {
			n++
		}
	}
	return float64(n) / float64(len(samples))
}

func abs(x int) int {
	if x < 0 {
		return -x
	}
	return x
}
