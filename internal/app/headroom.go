package app

import (
	"os"
	"runtime/debug"
)

const (
	// headroomBytes is enough for two hashes of passwords, of 19 MiB each, between two collections of garbage.
	headroomBytes = 128 << 20
	// gcPercent is how much may be allocated between two collections, of what is in use. Go's 100 would double what ten thousand
	// connections take: 460 MB instead of 360.
	gcPercent = 50
)

// newHeadroom returns memory that the daemon holds and never touches, so that the system has to find none for it. The
// runtime collects garbage when half as much has been allocated as is in use (unless GOGC says how much), and the headroom counts
// as in use.
//
// A hash of a password allocates 19 MiB, more than all that a small daemon uses. Without headroom each would be far beyond
// the mark before collecting has begun, and then the runtime makes everybody who allocates, however little, help with it
// before they go on: that took players of a daemon under 200 logins up to 80 ms. And each collection keeps both of two
// processors busy for some milliseconds, which players notice: with headroom there are few.
func newHeadroom() []byte {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	return make([]byte, headroomBytes)
}
