//go:build race

package audio_test

// sparing: the race detector makes the codecs more than ten times slower, and they share nothing between calls. One case in
// sixteen keeps that run short; without the detector all are tried.
const sparing = 16
