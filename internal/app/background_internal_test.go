package app

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/semaphore"
)

func TestBackgroundDoesTheWork(t *testing.T) {
	did := false
	if err := newBackground().do(t.Context(), func() { did = true }); err != nil || !did {
		t.Errorf("did %t, %v: it came back before the work was done", did, err)
	}
	defer func() {
		if p := recover(); p != "work" {
			t.Errorf("panicked with %v, want the panic of the work", p)
		}
	}()
	_ = newBackground().do(t.Context(), func() { panic("work") })
}

// TestBackgroundHasPlaces: who finds no place waits, and hangs up without the work having begun; a panic gives its place back.
func TestBackgroundHasPlaces(t *testing.T) {
	b := background{semaphore.NewWeighted(1)}
	begun, end := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		first <- b.do(t.Context(), func() {
			close(begun)
			<-end
		})
	}()
	<-begun
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	if err := b.do(gone, func() { t.Error("two at a time where there is one place") }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the context's error", err)
	}
	close(end)
	if err := <-first; err != nil {
		t.Error(err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = b.do(t.Context(), func() { panic("work") })
	}()
	if !b.places.TryAcquire(1) {
		t.Error("a panic keeps its place")
	}
}

// TestSpareProcessors: they are there as long as somebody works in the background, however many do, and never against a wish.
func TestSpareProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	t.Setenv("GOMAXPROCS", "")
	runtime.GOMAXPROCS(processors)
	want := func(when string, n int) {
		t.Helper()
		if got := runtime.GOMAXPROCS(0); got != n {
			t.Errorf("%s: %d processors, want %d", when, got, n)
		}
	}
	b := newBackground()
	if !b.places.TryAcquire(int64(processors)) || b.places.TryAcquire(1) {
		t.Errorf("want %d places", processors)
	}
	b.places.Release(int64(processors))
	giveBack := spareProcessors()
	want("during one's work", sparedFor*processors)
	if err := b.do(t.Context(), func() { want("during two's", sparedFor*processors) }); err != nil {
		t.Error(err)
	}
	want("when one has ended", sparedFor*processors)
	giveBack()
	want("when both have", processors)
	func() {
		defer func() { _ = recover() }()
		_ = b.do(t.Context(), func() { panic("work") })
	}()
	want("after a panic", processors)

	t.Setenv("GOMAXPROCS", "7") // somebody's wish
	runtime.GOMAXPROCS(7)
	b = newBackground()
	if most := int64(max(1, processors-1)); !b.places.TryAcquire(most) || b.places.TryAcquire(1) {
		t.Errorf("want %d places where none is to spare", most)
	}
	b.places.Release(int64(max(1, processors-1)))
	if err := b.do(t.Context(), func() { want("against a wish", 7) }); err != nil {
		t.Error(err)
	}
}

// TestGarbageIsCollectedInTheCalm: after work in the background, once nobody has begun other work for a while.
func TestGarbageIsCollectedInTheCalm(t *testing.T) {
	collections := func() uint32 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.NumForcedGC
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // by the daemon alone
	synctest.Test(t, func(t *testing.T) {
		runtime.GC()
		if got := garbage(); got >= muchGarbage {
			t.Fatalf("%d bytes are garbage after a collection", got)
		}
		before := collections()
		b := newBackground()
		work := func() {
			if err := b.do(t.Context(), func() { wasted = make([]byte, muchGarbage) }); err != nil {
				t.Error(err)
			}
		}
		work()
		time.Sleep(calm / 2)
		work()
		wasted = nil
		time.Sleep(calm - time.Millisecond)
		if got := collections(); got != before {
			t.Errorf("%d collections before it was calm", got-before)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if got := collections(); got == before {
			t.Error("nothing was collected")
		}
	})
}

// wasted is reachable by all, so that it is allocated.
var wasted []byte
