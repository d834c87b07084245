package sqlstore

import (
	"context"
	"net"
	"time"
)

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
	d := net.Dialer{Timeout: i.silence}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &impatientConn{conn, i.silence}, nil
}

// impatientConn bounds each read. An idle connection in the pool is not read from, and so may be silent as long as it
// likes.
type impatientConn struct {
	net.Conn
	silence time.Duration
}

func (c *impatientConn) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.silence)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}
