package app

import (
	"os"
	"runtime"
)

// addProcessor lets the runtime use one processor more than there are, unless GOMAXPROCS says how many it shall use. The
// runtime looks at the network when a processor has nothing else to do, or after 10 ms: with one to spare there is always one that
// looks, however many recordings are being decoded on the others: players waited for a third of a second beside two decoders on
// two processors. Calling it twice changes nothing.
func addProcessor() {
	if os.Getenv("GOMAXPROCS") != "" {
		return
	}
	runtime.SetDefaultGOMAXPROCS()
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
}

// decoding is how many recordings are decoded at a time: one for each processor but the spare one.
func decoding() int64 { return int64(max(1, runtime.GOMAXPROCS(0)-1)) }

// inBackground does work that takes a whole processor for a while on a thread of its own, which all other threads of the machine
// go before, where the system knows priorities; and returns once it is done. A panic of the work is one of the caller.
func inBackground(work func()) {
	var panicked any
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		runtime.LockOSThread() // and no unlocking: the thread ends with the goroutine, since its priority cannot be raised again
		lowerPriority()
		work()
	}()
	<-done
	if panicked != nil {
		panic(panicked)
	}
}
