package app

import (
	"runtime"
	"testing"
)

func TestInBackground(t *testing.T) {
	did := false
	inBackground(func() { did = true })
	if !did {
		t.Error("it came back before the work was done")
	}
	defer func() {
		if p := recover(); p != "work" {
			t.Errorf("panicked with %v, want the panic of the work", p)
		}
	}()
	inBackground(func() { panic("work") })
}

func TestAddProcessor(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	t.Setenv("GOMAXPROCS", "")
	runtime.SetDefaultGOMAXPROCS()
	usual := runtime.GOMAXPROCS(0)
	for range 2 {
		addProcessor()
		if got := runtime.GOMAXPROCS(0); got != usual+1 {
			t.Errorf("%d processors, want one more than %d", got, usual)
		}
	}
	if got := decoding(); got != int64(usual) {
		t.Errorf("%d decoders, want %d", got, usual)
	}
	t.Setenv("GOMAXPROCS", "7") // somebody's wish
	runtime.GOMAXPROCS(7)
	addProcessor()
	if got := runtime.GOMAXPROCS(0); got != 7 {
		t.Errorf("%d processors, want 7", got)
	}
}
