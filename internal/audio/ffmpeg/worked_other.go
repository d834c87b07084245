//go:build !linux

package ffmpeg

import "time"

// worked returns what tells for how long the calling thread has worked since now, at most.
func worked() func() time.Duration { return passed() }
