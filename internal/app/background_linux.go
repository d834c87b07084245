package app

import "golang.org/x/sys/unix"

const (
	// lowestPriority is the nice value of batch work: it gets a 68th of a processor that others want as well.
	lowestPriority = 19
	// shortTurn is how many nanoseconds batch work keeps a processor at least when others wake up: the least that Linux takes. It has some
	// milliseconds otherwise, and gets them more seldom.
	shortTurn = 100_000
)

// lowerPriority is for the calling thread: Linux has a nice value, and since 6.12 the length of a turn, for each. That they cannot be
// changed is no reason not to work.
func lowerPriority() {
	const self = 0
	_ = unix.SchedSetAttr(self, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL, Nice: lowestPriority, Runtime: shortTurn}, 0)
}
