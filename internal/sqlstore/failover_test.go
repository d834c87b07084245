package sqlstore_test

import (
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// A server that has become read-only under an open connection, as a primary that was told to make room for another: the connection is not
// used again.
func TestReadOnlyConnectionIsLeft(t *testing.T) {
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: sqltest.PostgresURL(t), PoolSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Raw().ExecContext(t.Context(), `SET SESSION default_transaction_read_only = on`); err != nil {
		t.Fatal(err)
	}
	register := func() error {
		return db.Accounts().InsertUser(t.Context(), account.User{
			ID: uuid.New(), Email: "ann@example.com", Provider: account.Email, Role: account.Learner, CreatedAt: time.Now(), UpdatedAt: time.Now(),
		})
	}
	if err := register(); !fault.Is(err, fault.KindUnavailable) {
		t.Errorf("a write to a server that takes none: %v, want unavailable", err)
	}
	if err := register(); err != nil {
		t.Errorf("the next write: %v", err)
	}
}

// Of several servers, one that is not there and one that says nothing keep nobody from the third.
func TestServersThatDoNotAnswerArePassed(t *testing.T) {
	var lc net.ListenConfig
	silent, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0") // the kernel takes connections
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	u, err := url.Parse(sqltest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(silent.Addr().String())
	query := u.Query()
	query.Set("host", strings.Repeat("127.0.0.1,", 2)+"127.0.0.1")
	query.Set("port", "1,"+port+","+u.Port())
	query.Set("target_session_attrs", "read-write")
	query.Set("connect_timeout", "3")
	u.Host, u.RawQuery = "", query.Encode()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: u.String(), Silence: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
}
