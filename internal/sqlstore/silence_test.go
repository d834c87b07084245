package sqlstore_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// freezer passes bytes on to a server until it is frozen: then it takes everything and answers nothing.
type freezer struct {
	frozen atomic.Bool
	thawed chan struct{}
}

func (f *freezer) listen(t *testing.T, target string) (address string) {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			var d net.Dialer
			far, err := d.DialContext(context.Background(), "tcp", target)
			if err != nil {
				_ = near.Close()
				continue
			}
			go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
			go func() { _, _ = io.Copy(near, f.through(far)); _ = near.Close() }()
		}
	}()
	return l.Addr().String()
}

// through holds the server's answers back while frozen.
func (f *freezer) through(r io.Reader) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		n, err := r.Read(p)
		if f.frozen.Load() {
			<-f.thawed
		}
		return n, err
	})
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestFrozenServerIsGivenUp(t *testing.T) {
	address := sqltest.PostgresURL(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	f := &freezer{thawed: make(chan struct{})}
	u.Host = f.listen(t, u.Host)
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: u.String(), Silence: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })

	f.frozen.Store(true)
	if _, err := db.Catalog().Tags(t.Context()); !fault.Is(err, fault.KindUnavailable) {
		t.Errorf("a query to a frozen server: %v, want unavailable", err)
	}
	f.frozen.Store(false)
	close(f.thawed)
	if _, err := db.Catalog().Tags(t.Context()); err != nil {
		t.Errorf("a query after the thaw: %v", err)
	}
}
