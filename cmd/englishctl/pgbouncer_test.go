package main

import (
	"database/sql"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
	"github.com/englishapp/englishctl/internal/testenv"
)

// TestBehindPgBouncer plays by way of PgBouncer in transaction mode, whose connections to the server are replaced in good order, and then ended
// in the middle of what they do: every game that was acknowledged is there, once.
func TestBehindPgBouncer(t *testing.T) {
	t.Parallel()
	pool := testenv.Required(t, "TEST_PGBOUNCER_URL")
	s := production(t)
	s.must(t, "", "migrate", "up") // past the pool
	s.must(t, "", "seed", "--speeches", "1000")
	direct := s.value("DATABASE_URL")
	name := strings.TrimPrefix(addressOf(t, direct).Path, "/")
	s.env = append(s.env, "DATABASE_URL="+sqltest.Through(t, pool, direct), "AUTO_MIGRATE=false")
	d := s.serve(t)
	at := addressOf(t, pool)
	at.Path = "/pgbouncer"
	console := openRaw(t, at.String())
	server := openRaw(t, direct)
	// Each lost connection is two new ones through the pool, which takes long on a busy machine: these phones wait until the daemon gives up.
	p := d.learner().startSaving(50*time.Millisecond, &http.Client{Timeout: time.Minute})
	for range 3 {
		p.goOn(30)
		if _, err := console.ExecContext(t.Context(), `RECONNECT `+name); err != nil {
			t.Fatal(err)
		}
	}
	p.goOn(30)
	p.refusedOnly()
	for range 3 {
		const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()`
		if _, err := server.ExecContext(t.Context(), end, name); err != nil {
			t.Fatal(err)
		}
		p.goOn(30)
	}
	p.wantAllOnce()
	p.refusedOnly("database_unavailable")
	var prepared int
	if err := openRaw(t, sqltest.Through(t, pool, direct)).QueryRowContext(t.Context(), `SELECT count(*) FROM pg_prepared_statements`).Scan(&prepared); err != nil || prepared > 0 {
		t.Errorf("behind PgBouncer %d statements are prepared (%v)", prepared, err)
	}
}

func addressOf(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func openRaw(t *testing.T, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
