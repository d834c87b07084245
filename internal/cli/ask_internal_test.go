package cli

import (
	"context"
	"errors"
	"testing"
)

func TestAnInterruptEndsAQuestion(t *testing.T) {
	interrupted := make(chan struct{})
	e := &env{interrupted: interrupted}
	waiting := make(chan struct{})
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	go func() {
		<-waiting
		close(interrupted)
	}()
	_, err := e.interruptible(func() (string, error) {
		close(waiting)
		<-never
		return "too late", nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("err = %v, want canceled", err)
	}
}

func TestAnAnswerIsPassedOn(t *testing.T) {
	e := &env{interrupted: make(chan struct{})}
	failed := errors.New("the terminal is gone")
	text, err := e.interruptible(func() (string, error) { return "yes", failed })
	if text != "yes" || !errors.Is(err, failed) {
		t.Fatalf("interruptible = %q, %v; want what was read", text, err)
	}
}
