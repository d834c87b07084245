package main

import (
	"database/sql"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
	"github.com/englishapp/englishctl/internal/testenv"
)

// TestDatabaseFailsOverWhileSaving kills a PostgreSQL with a synchronous replica, and promotes that. One daemon has both servers in
// DATABASE_URL, the other one has a proxy that is turned. Both go on by themselves, and nothing that they have acknowledged is lost.
func TestDatabaseFailsOverWhileSaving(t *testing.T) {
	t.Parallel()
	testenv.Required(t, "TEST_POSTGRES_URL") // says how to get one where there is none
	c := newCluster(t)
	c.stack.must(t, "", "seed", "--speeches", "1000")

	naming := stack{env: append(c.stack.env, "DATABASE_REPLICA_URL="+c.replica.URL(c.database))}
	_, replace := naming.setting(t, "DATABASE_URL")
	replace(c.both())
	proxied := stack{env: append([]string{}, c.stack.env...)}
	proxy := proxied.behindWire(t, "DATABASE_URL")
	both := map[string]*phones{}
	for name, s := range map[string]stack{"both servers are named": naming, "a proxy is turned": proxied} {
		both[name] = s.serve(t).learner().startSaving(2*time.Second/savesPerSecond, &http.Client{Timeout: patience})
	}
	for _, p := range both {
		p.goOn(50)
	}
	c.primary.stop("KILL")
	for _, p := range both {
		p.meet(http.StatusServiceUnavailable, 10)
	}
	c.replica.Promote()
	promoted := time.Now()
	proxy.turn(c.replica.URL(c.database))
	for name, p := range both {
		p.goOn(1)
		took := time.Since(promoted)
		t.Logf("%s: the first save %s after the promotion", name, took.Round(time.Millisecond))
		if took > 10*time.Second { // a busy machine has its moments
			t.Errorf("%s: that is too long", name)
		}
		p.learner.want(http.StatusOK, "GET", "/api/v1/game/sessions", nil)
		p.learner.want(http.StatusOK, "GET", "/readyz", nil)
	}
	for name, p := range both {
		p.goOn(50)
		t.Log(name)
		p.wantAllOnce()
		p.refusedOnly("database_unavailable", "timeout", "") // on a busy machine patience may end
	}
}

// cluster is a PostgreSQL of the test's own, whose commits wait until its replica has them, too.
type cluster struct {
	primary  *service
	replica  *sqltest.Replica
	stack    stack
	database string // its address at the primary
}

func newCluster(t *testing.T) cluster {
	t.Helper()
	c := cluster{primary: newService(t, "postgres"), stack: production(t)}
	admin, err := sql.Open("postgres", c.primary.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	c.database = databaseAt(t, c.primary.url, createDatabase(t, admin)) // gone with its server
	_, replace := c.stack.setting(t, "DATABASE_URL")
	replace(c.database)
	c.replica = sqltest.NewReplicaOf(t, c.primary.url) // before it is told to wait for others, which it would do for ever once it is alone
	for _, statement := range []string{`ALTER SYSTEM SET synchronous_standby_names = '*'`, `SELECT pg_reload_conf()`} {
		if _, err := admin.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, time.Minute, "commits wait for the replica", func() bool {
		var n int
		err := admin.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'`).Scan(&n)
		return err == nil && n == 1
	})
	return c
}

// both is the address of the database at both servers, as DATABASE_URL takes it.
func (c cluster) both() string {
	at, err := url.Parse(c.database)
	if err != nil {
		c.primary.t.Fatal(err)
	}
	other, err := url.Parse(c.replica.URL(c.database))
	if err != nil {
		c.primary.t.Fatal(err)
	}
	at.Host += "," + other.Host
	return at.String()
}
