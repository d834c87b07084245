package testenv

// Sparing is n, or one in sixteen of n with the race detector.
func Sparing(n int) int {
	if RaceDetector {
		return n / 16
	}
	return n
}
