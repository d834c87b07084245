package app

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// processors is how many the runtime had when the program started: as many as the machine gives it, or as GOMAXPROCS says.
var processors = runtime.GOMAXPROCS(0)

// processorsWished reports whether somebody has said how many processors the runtime shall use.
func processorsWished() bool { return os.Getenv("GOMAXPROCS") != "" }

// sparedFor is how many processors the runtime gets for each that there is: one that a thread of background may keep, and two for all
// others.
const sparedFor = 3

// spared counts who needs processors to spare, and who ever has: the runtime belongs to the whole process.
var spared struct {
	sync.Mutex
	users, ever int
}

// spareProcessors gives the runtime more processors than there are until all who have asked for them have given them back, unless GOMAXPROCS
// says how many it shall use. Each thread of background keeps one of them, also while the system lets other threads go before it. With
// none but those, players waited for the runtime to take one away, which it does after 10 ms. Without such threads more of
// them do no good: collecting garbage would take them.
func spareProcessors() (giveBack func()) {
	if processorsWished() {
		return func() {}
	}
	spared.Lock()
	defer spared.Unlock()
	spared.ever++
	if spared.users++; spared.users == 1 {
		runtime.GOMAXPROCS(sparedFor * processors)
	}
	return func() {
		spared.Lock()
		defer spared.Unlock()
		if spared.users--; spared.users == 0 {
			runtime.GOMAXPROCS(processors)
			last := spared.ever
			time.AfterFunc(calm, func() { tidyAfter(last) })
		}
	}
}

const (
	// calm is how long nobody works in the background until garbage is collected.
	calm = time.Second / 2
	// muchGarbage is worth that, in bytes: half of what the headroom lets come together before the runtime collects it anyway.
	muchGarbage = headroomBytes * gcPercent / 100 / 2
)

// tidyAfter collects garbage if nobody has worked in the background since. Else the runtime would do it in the middle of
// the next hundred recordings, where it takes longest: all stand still until each thread has noticed that, and those of the background
// may have to wait for a turn first.
func tidyAfter(last int) {
	spared.Lock()
	since := spared.ever - last
	spared.Unlock()
	if since == 0 && garbage() >= muchGarbage {
		runtime.GC()
	}
}

// garbage is how many bytes have been allocated since the last collection.
func garbage() uint64 {
	sizes := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(sizes)
	all, live := sizes[0].Value.Uint64(), sizes[1].Value.Uint64()
	return all - min(all, live)
}

// background does work that takes a whole processor for a while, such as decoding and judging recordings, behind everything else: each
// on a thread of its own, which all other threads of the machine go before, where the system knows priorities. It is safe for
// concurrent use.
type background struct{ places *semaphore.Weighted }

// newBackground makes one with a place for each processor; where nobody may spare any, for all but one.
func newBackground() background {
	places := processors
	if processorsWished() {
		places = max(1, places-1)
	}
	return background{semaphore.NewWeighted(int64(places))}
}

// do waits for a place, and returns once the work is done, or the context's error. A panic of the work is one of the caller.
func (b background) do(ctx context.Context, work func()) error {
	defer spareProcessors()()
	if err := b.places.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("wait for a processor: %w", err)
	}
	defer b.places.Release(1)
	onQuietThread(work)
	return nil
}

// onQuietThread does the work on a thread of low priority. A panic of the work is one of the caller.
func onQuietThread(work func()) {
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
