package app

// headroomBytes is enough for four hashes of passwords, of 19 MiB each, between two collections of garbage.
const headroomBytes = 128 << 20

// newHeadroom returns memory that the daemon holds and never touches, so that the system has to find none for it. The
// runtime collects garbage when as much has been allocated as is in use, and the headroom counts as in use.
//
// A hash of a password allocates 19 MiB, more than all that a small daemon uses. Without headroom each would be far beyond
// the mark before collecting has begun, and then the runtime makes everybody who allocates, however little, help with it
// before they go on: that took players of a daemon under 200 logins up to 80 ms. And each collection keeps both of two
// processors busy for some milliseconds, which players notice: with headroom there are few.
func newHeadroom() []byte { return make([]byte, headroomBytes) }
