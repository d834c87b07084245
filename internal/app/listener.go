package app

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
)

// lastCallListener closes its port without hurting anybody. The kernel takes connections before Accept does; closing the port
// resets those that still wait, though their client may have sent its request already, and a balancer may not repeat it
// elsewhere. So whoever waits at the moment of closing is let in; who comes later is refused, and nothing of his is lost.
//
// It lets in as many clients at a time as there are seats; whose connection has ended leaves one (see seats.connState).
type lastCallListener struct {
	net.Listener
	seats   *seats
	once    sync.Once
	closing atomic.Bool
	closed  chan struct{} // after that late and err are final
	late    chan net.Conn
	err     error
}

func newLastCallListener(l net.Listener, s *seats) *lastCallListener {
	return &lastCallListener{Listener: l, seats: s, closed: make(chan struct{})}
}

// Accept returns the next connection; after Close those that had waited, and then net.ErrClosed.
func (l *lastCallListener) Accept() (net.Conn, error) {
	l.seats.take()
	conn, err := l.accept()
	if err != nil {
		l.seats.leave()
	}
	return conn, err
}

func (l *lastCallListener) accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil || !l.closing.Load() {
		return conn, err
	}
	<-l.closed
	if conn, ok := <-l.late; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

// Close frees the port. The second call returns net.ErrClosed, as that of other listeners does.
func (l *lastCallListener) Close() error {
	first := false
	l.once.Do(func() {
		first = true
		l.closing.Store(true)
		l.seats.letAllIn()
		waiting, err := lastCall(l.Listener)
		l.late = make(chan net.Conn, len(waiting))
		for _, conn := range waiting {
			l.late <- conn
		}
		close(l.late)
		l.err = errors.Join(err, l.Listener.Close())
		close(l.closed)
	})
	if !first {
		return net.ErrClosed
	}
	return l.err
}
