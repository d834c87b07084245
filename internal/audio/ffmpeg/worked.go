package ffmpeg

import (
	"runtime"
	"time"
)

// within calls over once the calling goroutine has worked for longer than d since now, until stop is called, by the same goroutine.
// Meanwhile it keeps its thread.
//
// What it waits for a processor does not count where the system tells (see worked): a file costs the same on a busy machine, and
// is no worse.
func within(d time.Duration, over func()) (stop func()) {
	runtime.LockOSThread()
	worked, ended := worked(), make(chan struct{})
	go func() {
		timer := time.NewTimer(d) // no sooner: a thread cannot work for longer than time goes by
		defer timer.Stop()
		for {
			select {
			case <-ended:
				return
			case <-timer.C:
			}
			left := d - worked()
			if left <= 0 {
				over()
				return
			}
			timer.Reset(left)
		}
	}()
	return func() {
		close(ended)
		runtime.UnlockOSThread()
	}
}

// passed returns what tells how much time has gone by since now.
func passed() func() time.Duration {
	began := time.Now()
	return func() time.Duration { return time.Since(began) }
}
