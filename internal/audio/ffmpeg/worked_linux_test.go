package ffmpeg

import (
	"errors"
	"testing"
	"time"
)

// A thread that waits, be it for a processor or for the sink, does not use up the patience: on a busy machine honest files would be refused.
func TestWaitingIsNoWork(t *testing.T) {
	m := real(t)
	m.patience = time.Second
	waiting := func(int, int, []int16) error {
		<-time.After(2 * m.patience) // that time goes by is what is tested
		return nil
	}
	if _, err := m.Decode(t.Context(), WAV, fixture(t, "wav-piped.wav"), waiting); err != nil {
		t.Errorf("%v, want the sound", err)
	}
}

// What the thread does meanwhile counts, also in Go.
func TestWorkIsBounded(t *testing.T) {
	m := real(t)
	m.patience = 50 * time.Millisecond
	working := func(int, int, []int16) error {
		for worked := worked(); worked() < 2*m.patience; {
		}
		return nil
	}
	if _, err := m.Decode(t.Context(), WAV, fixture(t, "wav-s16le.wav"), working); !errors.Is(err, ErrPatience) {
		t.Errorf("%v, want the end of patience", err)
	}
}

// The clock is the thread's own: others that work meanwhile do not count.
func TestWorkedIsOfTheThread(t *testing.T) {
	ended, over := make(chan struct{}), make(chan struct{})
	stop := within(100*time.Millisecond, func() { close(over) })
	go func() {
		defer close(ended)
		defer within(time.Hour, func() {})() // on a thread of its own
		for worked := worked(); worked() < 200*time.Millisecond; {
		}
	}()
	<-ended
	stop()
	select {
	case <-over:
		t.Error("the work of another thread counted")
	default:
	}
}
