package cli

import (
	"os"
	"slices"
	"syscall"
	"testing"
)

// TestSecondSignal: however soon it comes, and also before anybody has done anything about the first, it is not lost.
func TestSecondSignal(t *testing.T) {
	signals := make(chan os.Signal, 2)
	signals <- os.Interrupt
	signals <- syscall.SIGTERM
	var done []string
	obey(signals, func() { done = append(done, "end in good order") }, func(by os.Signal) { done = append(done, "die by "+by.String()) })
	if want := []string{"end in good order", "die by terminated"}; !slices.Equal(done, want) {
		t.Errorf("two signals: %q, want %q", done, want)
	}
}
