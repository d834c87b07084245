package ffmpeg

import (
	"time"

	"golang.org/x/sys/unix"
)

// worked returns what tells, also on other threads, for how long the calling thread has worked since now.
func worked() func() time.Duration {
	const clockOfThread = 4 | 2 // CPUCLOCK_PERTHREAD_MASK | CPUCLOCK_SCHED of include/linux/posix-timers_types.h
	clock := int32(^unix.Gettid()<<3 | clockOfThread)
	read := func() (time.Duration, error) {
		var t unix.Timespec
		err := unix.ClockGettime(clock, &t)
		return time.Duration(t.Nano()), err //nolint:wrapcheck // nobody reads it
	}
	began, err := read()
	if err != nil {
		return passed()
	}
	return func() time.Duration {
		now, err := read()
		if err != nil {
			return 0 // the thread has ended, and with it the work
		}
		return now - began
	}
}
