//go:build !race

package testenv

// RaceDetector says whether the race detector is on. It makes computation up to ten times slower, and finds nothing where
// nothing is shared: tests that compute for long take fewer cases then, and all of them without it.
const RaceDetector = false
