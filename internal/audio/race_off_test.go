//go:build !race

package audio_test

// starterPackStep: all of them.
const starterPackStep = 1
