package sqlstore_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// freezer passes bytes on to a server until it is frozen: then it takes everything and answers nothing.
type freezer struct {
	frozen atomic.Bool
	thawed chan struct{}
	held   chan struct{} // hears of each answer that is held back; nil where nobody asks
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
			if f.held != nil {
				f.held <- struct{}{}
			}
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
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: u.String(), Silence: 2 * time.Second})
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

// A save that is answered after its time is not acknowledged: whoever asked is gone or was told so, and PostgreSQL may not have waited for its
// replica.
func TestLateAnswerIsNoAcknowledgement(t *testing.T) {
	address := sqltest.PostgresURL(t)
	open := func(address string) following {
		db, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: address, PoolSize: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return following{DB: db, t: t}
	}
	straight := open(address)
	speech := catalog.Speech{ID: uuid.New(), Audio: "a", Text: "Where?", Level: "A1", Type: catalog.Question, CreatedAt: time.Now(), UpdatedAt: time.Now()}
	if err := straight.Catalog().InsertSpeeches(t.Context(), []catalog.Speech{speech}); err != nil {
		t.Fatal(err)
	}
	user := straight.user("ann@example.com")
	for range 10 { // whether the driver notices by itself is a matter of luck
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		f := &freezer{thawed: make(chan struct{}), held: make(chan struct{}, 10)}
		u.Host = f.listen(t, u.Host)
		slow := open(u.String())
		f.frozen.Store(true)
		ctx, end := context.WithCancel(t.Context())
		saved := make(chan error, 1)
		go func() {
			_, err := slow.Practice().InsertSessions(ctx, []practice.Session{game(user, speech)}, nil)
			saved <- err
		}()
		<-f.held
		end()
		close(f.thawed)
		if err := <-saved; !errors.Is(err, context.Canceled) {
			t.Errorf("a save that was answered too late: %v, want that its time is over", err)
		}
	}
}
