package app

import "golang.org/x/sys/unix"

const (
	// lowPriority is the nice value of work behind everything else: it gets a tenth of a processor that others want as well. With less (19, a
	// 68th) others would wait for it: the runtime stops everybody until each of its threads has noticed that garbage is to be collected, and
	// one without a turn notices nothing.
	lowPriority = 10
	// shortTurn is how many nanoseconds batch work keeps a processor at least when others wake up: the least that Linux takes. It has some
	// milliseconds otherwise, and gets them more seldom.
	shortTurn = 100_000
)

// lowerPriority is for the calling thread: Linux has a nice value, and since 6.12 the length of a turn, for each. That they cannot be
// changed is no reason not to work.
func lowerPriority() {
	const self = 0
	_ = unix.SchedSetAttr(self, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL, Nice: lowPriority, Runtime: shortTurn}, 0)
}
