//go:build !race

package audio_test

// sparing: all of them.
const sparing = 1
