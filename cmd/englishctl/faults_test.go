package main

import (
	"database/sql"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/testenv"
)

// Each story lets something fail while a hundred games a second are saved, and counts what was acknowledged: nothing of it is
// lost, and what is repeated under its key is stored once.

// TestDaemonIsKilledWhileSaving kills the daemon three times (kill -9) and starts it again.
func TestDaemonIsKilledWhileSaving(t *testing.T) {
	onEachStack(t, func(t *testing.T, s stack) {
		s.must(t, "", starterPack(t)...)
		d := s.serve(t)
		p := d.startSaving()
		for range 3 {
			p.goOn(50)
			d.kill()
			d = s.serve(t)
			p.at(d)
		}
		p.goOn(50)
		p.wantAllOnce()
		p.refusedOnly("")
	})
}

// TestDatabaseFailsWhileSaving slows down, cuts off, restarts, stops, kills and freezes a real PostgreSQL, one after the other.
func TestDatabaseFailsWhileSaving(t *testing.T) {
	t.Parallel()
	testenv.Required(t, "TEST_POSTGRES_URL") // says how to get one where there is none
	postgres := newService(t, "postgres")
	s := production(t)
	s.on(t, postgres)
	database := s.behindWire(t, "DATABASE_URL")
	s.must(t, "", "seed", "--speeches", "1000")
	d := s.serve(t)
	p := d.startSaving()
	for _, failure := range []struct {
		name    string
		happens func()
	}{
		{"connections are slow", func() {
			database.slow(200 * time.Millisecond)
			p.goOn(50)
			database.slow(0)
		}},
		{"connections are cut, again and again", func() {
			for range 5 {
				database.cut()
				database.mend()
				p.goOn(5) // over new ones
			}
		}},
		{"it is restarted in good order", func() { postgres.restart("INT") }},
		{"it is stopped for a while", func() {
			postgres.stop("QUIT")
			p.meet(http.StatusServiceUnavailable, 50)
			postgres.begin()
		}},
		{"it is killed", func() { postgres.restart("KILL") }},
		{"statements kill their servers, and with them all others", func() {
			for range 3 {
				crashBackend(t, postgres.url)
				p.goOn(5)
			}
		}},
		{"it is frozen", func() {
			postgres.freeze()
			p.giveUp(20)
			postgres.thaw()
		}},
	} {
		p.goOn(50)
		failure.happens()
		t.Logf("%s: %s", failure.name, p)
	}
	p.goOn(50)
	p.wantAllOnce()
	p.refusedOnly("database_unavailable", "timeout", "")
	p.learner.want(http.StatusOK, "GET", "/readyz", nil)
}

// crashBackend is what a query of death does that meets a fault of PostgreSQL's: the process that works on it dies by SIGSEGV, PostgreSQL ends all
// connections, and recovers as after a loss of power.
func crashBackend(t *testing.T, server string) {
	t.Helper()
	admin, err := sql.Open("postgres", server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close() }()
	var pid int
	const busy = `SELECT pid FROM pg_stat_activity WHERE application_name = 'englishctl' AND datname LIKE 'story%' ORDER BY query_start DESC LIMIT 1`
	eventually(t, time.Minute, "a connection of the daemon's has crashed", func() bool { // it may end by itself between the two
		return admin.QueryRowContext(t.Context(), busy).Scan(&pid) == nil && syscall.Kill(pid, syscall.SIGSEGV) == nil
	})
}

// TestStoreAndRedisFailWhileSaving freezes and kills a real MinIO and a real Redis, both at once: neither saves nor draws
// notice.
func TestStoreAndRedisFailWhileSaving(t *testing.T) {
	t.Parallel()
	testenv.Required(t, "TEST_S3_ENDPOINT")
	services := []*service{newService(t, "redis"), newService(t, "minio")}
	s := production(t)
	s.on(t, services...)
	s.must(t, "", "seed", "--speeches", "1000")
	d := s.serve(t)
	p := d.startSaving()
	for _, both := range []struct{ fail, mend func(*service) }{
		{(*service).freeze, (*service).thaw},
		{func(s *service) { s.stop("KILL") }, (*service).begin},
	} {
		p.goOn(50)
		for _, service := range services {
			both.fail(service)
		}
		p.goOn(100)
		for range 20 {
			p.learner.drawAll("B1", "question", 5)
		}
		for _, service := range services {
			both.mend(service)
		}
		t.Log(p)
		eventually(t, time.Minute, "the daemon is ready again", func() bool {
			a, err := p.learner.try("GET", "/readyz", nil)
			return err == nil && a.status == http.StatusOK
		})
	}
	p.wantAllOnce()
	p.refusedOnly() // nothing
}

// TestDiskFillsWhileSaving lets the disk of the embedded database run full, and makes it larger after a while.
func TestDiskFillsWhileSaving(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := stack{env: []string{"DATA_DIR=" + data}, disk: testenv.NewSmallDisk(t, 64<<20, data)}
	s.must(t, "", starterPack(t)...)
	d := s.serve(t)
	p := d.startSaving()
	p.goOn(20)
	s.disk.Leave(data, 64<<10)
	eventually(t, time.Minute, "the disk is full", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.problems["storage_full"] > 20
	})
	p.learner.drawAll("B1", "question", 5) // what needs no room goes on
	p.learner.want(http.StatusOK, "GET", "/api/v1/game/sessions", nil)
	s.disk.Resize(data, 64<<20)
	p.goOn(50)
	p.wantAllOnce()
	p.refusedOnly("storage_full")
}
