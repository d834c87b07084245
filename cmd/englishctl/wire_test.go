package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// wire is a network connection to a service that can be cut and mended. The service itself does not notice.
type wire struct {
	t    *testing.T
	addr string

	// delay is how long each message takes to the service, in nanoseconds.
	delay atomic.Int64

	mu       sync.Mutex
	target   string
	listener net.Listener
	conns    []net.Conn
	traps    []*trap
}

// trap watches for messages to the service that hold a text.
type trap struct {
	text string
	// nth is which of them is caught: it gets to the service only once it is let go, and nothing behind it on that
	// connection does. 0 catches none.
	nth int
	// after is a trap that must have seen a message first; nil for none.
	after  *trap
	seen   int // guarded by the wire's mutex
	caught chan struct{}
	letGo  chan struct{}
	once   sync.Once
}

// release lets the message go.
func (tr *trap) release() { tr.once.Do(func() { close(tr.letGo) }) }

// watch counts messages that hold the text, and catches the nth of them.
func (l *wire) watch(text string, nth int) *trap { return l.watchAfter(nil, text, nth) }

// watchAfter is watch for messages that come after one that another trap has seen.
func (l *wire) watchAfter(first *trap, text string, nth int) *trap {
	tr := &trap{text: text, nth: nth, after: first, caught: make(chan struct{}), letGo: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.traps = append(l.traps, tr)
	l.t.Cleanup(tr.release)
	return tr
}

// count is how many messages with the trap's text there were.
func (l *wire) count(tr *trap) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return tr.seen
}

// inspect returns the trap that has caught the message, or nil.
func (l *wire) inspect(message []byte) (caught *trap) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, tr := range l.traps {
		if bytes.Contains(message, []byte(tr.text)) && (tr.after == nil || tr.after.seen > 0) {
			if tr.seen++; tr.seen == tr.nth {
				caught = tr
			}
		}
	}
	return caught
}

// newWire returns a working wire to the service at the address of the URL.
func newWire(t *testing.T, service string) *wire {
	t.Helper()
	u, err := url.Parse(service)
	if err != nil {
		t.Fatal(err)
	}
	l := &wire{t: t, target: u.Host, addr: "127.0.0.1:0"}
	l.mend()
	t.Cleanup(l.cut)
	return l
}

// through returns the URL with the wire's address in place of the service's.
func (l *wire) through(service string) string {
	u, err := url.Parse(service)
	if err != nil {
		l.t.Fatal(err)
	}
	u.Host = l.addr
	return u.String()
}

// mend lets connections through again, at the same address.
func (l *wire) mend() {
	l.t.Helper()
	var lc net.ListenConfig
	listener, err := lc.Listen(context.Background(), "tcp", l.addr)
	if err != nil {
		l.t.Fatal(err)
	}
	l.mu.Lock()
	l.listener, l.addr = listener, listener.Addr().String()
	l.mu.Unlock()
	go l.accept(listener)
}

func (l *wire) accept(listener net.Listener) {
	for {
		near, err := listener.Accept()
		if err != nil {
			return // cut
		}
		l.mu.Lock()
		target := l.target
		l.mu.Unlock()
		var d net.Dialer
		far, err := d.DialContext(context.Background(), "tcp", target)
		if err != nil {
			_ = near.Close()
			continue
		}
		l.mu.Lock()
		l.conns = append(l.conns, near, far)
		l.mu.Unlock()
		go pipe(near, far)
		go pipe(far, &inspected{near, l})
	}
}

func pipe(to io.WriteCloser, from io.Reader) {
	_, _ = io.Copy(to, struct{ io.Reader }{from}) // without WriteTo, which would go past an inspection
	_ = to.Close()
}

// inspected is the program's end of a connection. What is written at once is taken for a message.
type inspected struct {
	net.Conn
	wire *wire
}

func (c *inspected) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if tr := c.wire.inspect(p[:n]); tr != nil {
		close(tr.caught)
		<-tr.letGo
	}
	time.Sleep(time.Duration(c.wire.delay.Load()))
	return n, err
}

// slow lets each message to the service take so long; 0 ends it.
func (l *wire) slow(delay time.Duration) { l.delay.Store(int64(delay)) }

// cut ends all connections and refuses new ones.
func (l *wire) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.listener.Close()
	for _, c := range l.conns {
		_ = c.Close()
	}
	l.conns = nil
}

// turn leads new connections to another service, and ends those that there are.
func (l *wire) turn(service string) {
	l.t.Helper()
	u, err := url.Parse(service)
	if err != nil {
		l.t.Fatal(err)
	}
	l.cut()
	l.mu.Lock()
	l.target = u.Host
	l.mu.Unlock()
	l.mend()
}

// setting returns the stack's value of a setting and how to replace it.
func (s *stack) setting(t *testing.T, name string) (value string, replace func(string)) {
	t.Helper()
	i := slices.IndexFunc(s.env, func(line string) bool { return strings.HasPrefix(line, name+"=") })
	if i < 0 {
		t.Fatalf("the stack has no %s", name)
	}
	return strings.TrimPrefix(s.env[i], name+"="), func(v string) { s.env[i] = name + "=" + v }
}

// behindWire puts a wire between the stack and the service that the setting names, for which it has no more patience than usual.
func (s *stack) behindWire(t *testing.T, name string) *wire {
	t.Helper()
	value, replace := s.setting(t, name)
	l := newWire(t, value)
	replace(strings.TrimSuffix(l.through(value), redisPatience)) // what is left is an empty query
	return l
}
