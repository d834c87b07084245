package account

import (
	"runtime"
	"runtime/metrics"
)

// heap is what the runtime says about the memory in use, in bytes.
type heap struct {
	objects uint64 // with garbage
	live    uint64 // what the last collection has left
	goal    uint64 // where the next one has to be done
}

// readHeap takes some microseconds and stops nobody.
func readHeap() heap {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/goal:bytes"},
	}
	metrics.Read(samples)
	return heap{samples[0].Value.Uint64(), samples[1].Value.Uint64(), samples[2].Value.Uint64()}
}

// heapMargin is for what everybody else allocates while a password is hashed, be it at the beginning of 200 requests.
const heapMargin = 4 << 20

// roomFor reports whether so many bytes can be allocated before the runtime begins to collect garbage: at the earliest when
// seven tenths of the way from what is live to the goal are gone (minTriggerRatioNum in runtime/mgcpacer.go).
func (h heap) roomFor(bytes uint64) bool {
	if h.goal <= h.live {
		return false
	}
	begins := h.live + (h.goal-h.live)/10*7
	return h.objects+bytes+heapMargin < begins
}

// makeRoom collects garbage if the runtime would begin to because of so many bytes. It costs no more than that would have, but
// whoever asks waits for it. Otherwise they would go on, and allocate all that is left until the goal, and the runtime would
// make everybody who allocates, however little, do the work of collecting first: up to 30 ms for those who only play.
func makeRoom(bytes uint64) {
	if !readHeap().roomFor(bytes) {
		runtime.GC()
	}
}
