//go:build unix

package app

import (
	"math"
	"net"
	"net/http"
	"sync"
	"syscall"
)

// seats bound how many clients are connected at a time. Without a bound the last file that the process may open goes to some client, and there is
// none left for the database, the store or a recording: nobody is served any longer, those neither who were there before. Whoever finds no seat
// waits in the kernel's queue.
type seats struct {
	limit int

	mu    sync.Mutex
	free  *sync.Cond
	taken int
	open  bool // for everybody: the door closes
}

func newSeats(limit int) *seats {
	s := &seats{limit: limit}
	s.free = sync.NewCond(&s.mu)
	return s
}

// take waits for a seat.
func (s *seats) take() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.taken >= s.limit && !s.open {
		s.free.Wait()
	}
	s.taken++
}

func (s *seats) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	s.free.Signal()
}

// letAllIn ends the waiting of those who wait, and of all who come.
func (s *seats) letAllIn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = true
	s.free.Broadcast()
}

// now is how many are taken.
func (s *seats) now() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

// connState is an http.Server's ConnState: whoever has gone leaves a seat.
func (s *seats) connState(_ net.Conn, state http.ConnState) {
	if state == http.StateClosed || state == http.StateHijacked {
		s.leave()
	}
}

// ownFiles is how many of the files that a process may open are kept for what the daemon itself needs: 30 connections to each of two
// databases, hundreds to the store and to a provider of scores, recordings on their way. Of a low limit it is a quarter.
const ownFiles = 512

// clientsOf is how many clients may be connected in a process that may open so many files.
func clientsOf(files int) int { return max(files-ownFiles, files*3/4, 1) }

// openFiles is how many files this process may open. Go has raised the limit to the highest that is allowed (package os).
func openFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1024 // as a rule, where nobody has set it
	}
	return int(min(uint64(limit.Cur), math.MaxInt32)) //nolint:gosec,unconvert // a signed number elsewhere
}
