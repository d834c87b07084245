package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/config"
)

// TestLastCall: whoever has been connected by the kernel before the port closes is let in, also where there is no seat, and who comes later is refused.
func TestLastCall(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells who waits")
	}
	port, err := listen(t.Context(), "127.0.0.1:0", "TEST")
	if err != nil {
		t.Fatal(err)
	}
	l := newLastCallListener(port, newSeats(2))
	var dialer net.Dialer
	const waiting = 5
	for range waiting {
		client, err := dialer.DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close() //nolint:errcheck // the test is over
		if _, err := client.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for range waiting {
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		said := make([]byte, 5)
		if _, err := conn.Read(said); err != nil || string(said) != "hello" {
			t.Errorf("read %q, %v", said, err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("nobody is left, but Accept returns %v", err)
	}
	if _, err := dialer.DialContext(t.Context(), "tcp", l.Addr().String()); err == nil {
		t.Error("the port still takes connections")
	}
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the second Close returns %v", err)
	}
}

// TestStopInGoodOrder: a daemon that is told to stop says so at /readyz, goes on answering, on kept connections and on new ones, lets go of
// each connection with an answer, and then ends without an error.
func TestStopInGoodOrder(t *testing.T) {
	t.Parallel() // most of it is waiting
	cfg, _, err := config.Load(config.Options{Dir: t.TempDir(), Environ: []string{"DATA_DIR=" + t.TempDir(), "API_PORT=0", "SHUTDOWN_DELAY=10s"}})
	if err != nil {
		t.Fatal(err)
	}
	stopping := &signalWhen{says: "sending everybody elsewhere", said: make(chan struct{})}
	run := startDaemon(t, cfg, slog.New(slog.NewTextHandler(stopping, nil)))
	kept, fresh := newClient(t), newClient(t)
	if got := kept(run.d.address + "/readyz"); got != (reply{200, false}) {
		t.Fatalf("before the stop: %+v", got)
	}
	run.stop()
	<-stopping.said
	// The line comes before the change, which no client can see from outside but by its effect.
	for got := fresh(run.d.address + "/readyz"); got.status != 503; got = fresh(run.d.address + "/readyz") {
		if got.status != 200 {
			t.Fatalf("told to stop, it was gone before it had said so: %+v", got)
		}
	}
	for name, client := range map[string]func(string) reply{"kept": kept, "new": newClient(t)} {
		if got := client(run.d.address + "/api/v1/tags"); got != (reply{200, true}) {
			t.Errorf("over a %s connection: %+v, want an answer that is the connection's last", name, got)
		}
	}
	if got := fresh(run.d.address + "/healthz"); got.status != 200 {
		t.Errorf("/healthz: %+v: an orchestrator would kill a daemon that is ending well", got)
	}
	if err := <-run.served; err != nil {
		t.Error(err)
	}
	if got := fresh(run.d.address + "/healthz"); got.status != 0 {
		t.Errorf("after the end: %+v", got)
	}
}

type running struct {
	d      *Daemon
	stop   func()
	served chan error // what Serve returns
}

// startDaemon serves until stop is called, or the test ends.
func startDaemon(t *testing.T, cfg *config.Config, log *slog.Logger) running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	d, err := OpenDaemon(ctx, cfg, log)
	if err != nil {
		stop()
		t.Fatal(err)
	}
	served := make(chan error, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		served <- d.Serve(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return running{d, stop, served}
}

type reply struct {
	status int // 0: no answer at all
	last   bool
}

// newClient returns one that keeps its connection.
func newClient(t *testing.T) func(address string) reply {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return func(address string) reply {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := transport.RoundTrip(req)
		if err != nil {
			return reply{}
		}
		if err := errors.Join(drained(res.Body), res.Body.Close()); err != nil {
			t.Error(err)
		}
		return reply{res.StatusCode, res.Close}
	}
}

func drained(body io.Reader) error {
	_, err := io.Copy(io.Discard, body)
	return err
}

// signalWhen closes said when a line of a log has been written.
type signalWhen struct {
	says string
	said chan struct{}
	done bool
}

// Write is called by one goroutine at a time: the log's handler sees to that.
func (s *signalWhen) Write(line []byte) (int, error) {
	if !s.done && strings.Contains(string(line), s.says) {
		s.done = true
		close(s.said)
	}
	return len(line), nil
}
