package app

import "golang.org/x/sys/unix"

const (
	// lowPriority is the nice value of work behind everything else: it gets a tenth of a processor that others want as well. With less (19, a
	// 68th) others would wait for it: the runtime stops everybody until each of its threads has noticed that garbage is to be collected, and
	// one without a turn notices nothing.
	lowPriority = 10
	// longTurn is how many nanoseconds this work may keep a processor until others who want one as well get it: the most that Linux takes. Whoever
	// wakes up and has shorter turns, as all others do, goes before it at once. Where turns are as short as theirs, or shorter, they wait until a
	// turn is over, and then until the system looks again: at its next tick, after 4 ms at the usual 250 a second.
	longTurn = 100_000_000
)

// lowerPriority is for the calling thread: Linux has a nice value, and since 6.12 the length of a turn, for each. That they cannot be
// changed is no reason not to work. Whoever started the program behind others finds it there.
func lowerPriority() {
	const self = 0
	nice := int32(lowPriority)
	if now, err := unix.SchedGetAttr(self, 0); err == nil {
		nice = max(nice, now.Nice)
	}
	_ = unix.SchedSetAttr(self, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL, Nice: nice, Runtime: longTurn}, 0)
}
