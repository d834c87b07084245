package sqlstore

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// A server whose machine is gone says nothing, not even that it is gone. What it does not take is given up after vanished, whatever it is
// asked; where nothing is on its way, it is looked for after as long, and found missing after three more questions, a second apart. A
// server that is there and works for long is not mistaken for one that is gone: its machine takes what it is sent.
const vanished = 5 * time.Second

// impatient opens connections that are given up when the server keeps silent for too long in the middle of a
// conversation. lib/pq asks the server to cancel a statement whose context has ended and then goes on waiting for it: a
// server that is frozen, or behind a link that swallows everything, would hold the caller for ever.
type impatient struct{ silence time.Duration }

// Dial implements pq.Dialer.
func (i impatient) Dial(network, address string) (net.Conn, error) {
	return i.DialContext(context.Background(), network, address)
}

// DialTimeout implements pq.Dialer.
func (i impatient) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return i.DialContext(ctx, network, address)
}

// DialContext implements pq.DialerContext.
func (i impatient) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{
		Timeout: i.silence, Control: giveUpAfter(vanished),
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: vanished, Interval: time.Second, Count: 3},
	}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &impatientConn{Conn: conn, silence: i.silence}, nil
}

// impatientConn bounds each read. An idle connection in the pool is not read from, and so may be silent as long as it
// likes.
type impatientConn struct {
	net.Conn
	silence time.Duration
	// end is the deadline of whoever uses the connection: lib/pq's connect_timeout while it is opened. nil or zero is none.
	end atomic.Pointer[time.Time]
}

// SetDeadline implements net.Conn.
func (c *impatientConn) SetDeadline(t time.Time) error {
	c.end.Store(&t)
	return c.Conn.SetDeadline(t)
}

// Read implements net.Conn.
func (c *impatientConn) Read(p []byte) (int, error) {
	deadline := time.Now().Add(c.silence)
	if end := c.end.Load(); end != nil && !end.IsZero() && end.Before(deadline) {
		deadline = *end
	}
	if err := c.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}
