package app

import "syscall"

// lowestPriority is the nice value of batch work: it gets a 68th of a processor that others want as well.
const lowestPriority = 19

// lowerPriority is for the calling thread: Linux has a nice value for each. That it cannot be lowered is no reason not to work.
func lowerPriority() { _ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), lowestPriority) }
