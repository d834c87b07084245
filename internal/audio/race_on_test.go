//go:build race

package audio_test

// starterPackStep: the race detector makes the codecs more than ten times slower, and they share nothing between calls. One recording in
// eight keeps that run short; without the detector all are decoded.
const starterPackStep = 8
