package telemetry

import (
	"io"
	"sync"
	"time"
)

const (
	// lineDelay is how long a line may wait for others to be written with.
	lineDelay = 100 * time.Millisecond
	// maxWaiting is how many bytes may wait.
	maxWaiting = 64 << 10
)

// lines writes log lines to one place, each whole and in their order. Those of requests may wait a moment, so that one write holds many:
// writing each by itself would cost a busy daemon more than all the rest of the line. Any other line is written at once, with what
// waits before it. It is safe for concurrent use.
type lines struct {
	to io.Writer

	mu      sync.Mutex
	waiting []byte
}

// Write writes what waits and the line.
func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		return l.to.Write(line)
	}
	l.waiting = append(l.waiting, line...)
	return len(line), l.write()
}

// later writes the line within lineDelay.
func (l *lines) later(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		time.AfterFunc(lineDelay, l.flush)
	}
	l.waiting = append(l.waiting, line...)
	if len(l.waiting) >= maxWaiting {
		_ = l.write() // there is nobody to tell, as with any log
	}
}

// flush writes what waits.
func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.write()
}

// write is flush for whoever holds the lock.
func (l *lines) write() error {
	if len(l.waiting) == 0 {
		return nil
	}
	_, err := l.to.Write(l.waiting)
	l.waiting = l.waiting[:0]
	return err
}
