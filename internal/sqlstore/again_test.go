package sqlstore

import (
	"context"
	"io"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
)

// TestSavesWhileConnectionsAreKilled saves games, half of them with a key, and reads histories, while somebody ends the server's side of one
// connection after the other. Nothing that was acknowledged is lost or there twice, and what was cut once is done again.
func TestSavesWhileConnectionsAreKilled(t *testing.T) {
	address := postgresTestURL(t)
	db, err := Open(t.Context(), Config{URL: address, PoolSize: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := newWorld(t, db, 3)
	killer, err := Open(t.Context(), Config{URL: address, PoolSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = killer.Close() })

	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var workers sync.WaitGroup
	var mu sync.Mutex
	acknowledged, refused, killed := map[uuid.UUID]bool{}, 0, 0
	so := func() (far, enough bool) { // one connection for each second save, however fast the machine is
		mu.Lock()
		defer mu.Unlock()
		return len(acknowledged)+refused >= 2*killed, len(acknowledged) >= 100 && killed >= 40
	}
	for n := range 8 {
		workers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				s := w.session()
				var claim *practice.Claim
				if i%2 == 0 {
					claim = w.claim(strconv.Itoa(n) + "-" + strconv.Itoa(i))
				}
				outcome, err := db.Practice().InsertSessions(t.Context(), []practice.Session{s}, claim)
				_, _, readErr := db.Practice().Sessions(t.Context(), w.user.ID, practice.HistoryFilter{}, paging.Page{Number: 1, Limit: 5})
				mu.Lock()
				if err == nil && (outcome.Earlier == nil || outcome.Earlier.SessionIDs[0] == s.ID) {
					acknowledged[s.ID] = true
				} else {
					refused++
				}
				if readErr != nil {
					refused++
				}
				mu.Unlock()
			}
		})
	}
	for ctx.Err() == nil {
		far, enough := so()
		if enough {
			break
		}
		if far {
			var n int
			const kill = `SELECT count(pg_terminate_backend(pid)) FROM (
				SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1) AS one`
			if err := killer.Raw().GetContext(t.Context(), &n, kill); err != nil {
				t.Fatal(err)
			}
			killed += n
		}
		_ = wait(ctx, 10*time.Millisecond)
	}
	stop()
	workers.Wait()

	var stored []uuid.UUID
	if err := db.Raw().SelectContext(t.Context(), &stored, `SELECT id FROM game_sessions`); err != nil {
		t.Fatal(err)
	}
	there := map[uuid.UUID]bool{}
	for _, id := range stored {
		there[id] = true
	}
	for id := range acknowledged {
		if !there[id] {
			t.Errorf("game %s was acknowledged, and is not there", id)
		}
	}
	t.Logf("%d games acknowledged, %d there, %d connections killed, %d calls refused", len(acknowledged), len(stored), killed, refused)
	if killed < 40 || len(acknowledged) < 100 {
		t.Fatal("too little has happened within a minute to show anything")
	}
	if limit := killed / 10; refused > limit {
		t.Errorf("%d calls were refused, want at most %d: most are done again", refused, limit)
	}
	var total int
	if err := db.Raw().GetContext(t.Context(), &total, `SELECT COALESCE(sum(sessions), 0) FROM game_session_counts`); err != nil || total != len(stored) {
		t.Errorf("%d games are counted, %d are there: %v", total, len(stored), err)
	}
}

// TestSaveThatWasCommittedAndCut: the answer to a committed save is lost on the way, with a key and without.
func TestSaveThatWasCommittedAndCut(t *testing.T) {
	db, err := Open(t.Context(), Config{URL: postgresTestURL(t), PoolSize: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := newWorld(t, db, 1)
	real := db.dialect.insertSessions
	for name, claim := range map[string]*practice.Claim{"with a key": w.claim("k"), "without one": nil} {
		t.Run(name, func(t *testing.T) {
			cut, calls := *db.dialect, 0
			cut.insertSessions = func(ctx context.Context, c conn, s []practice.Session, claim *practice.Claim) (bool, []uuid.UUID, error) {
				written, missing, err := real(ctx, c, s, claim)
				if calls++; calls == 1 {
					return false, nil, c.db.fault(ctx, io.ErrUnexpectedEOF)
				}
				return written, missing, err
			}
			cutting := &DB{dialect: &cut, write: db.write, read: db.read}
			s := w.session()
			outcome, err := cutting.Practice().InsertSessions(t.Context(), []practice.Session{s}, claim)
			if err != nil || calls != 2 || len(outcome.Missing)+len(outcome.Used) > 0 {
				t.Fatalf("%+v, %v after %d attempts", outcome, err, calls)
			}
			if claim != nil && (outcome.Earlier == nil || outcome.Earlier.SessionIDs[0] != s.ID) {
				t.Errorf("with a key the first attempt is the earlier one: %+v", outcome.Earlier)
			}
			var n int
			if err := db.Raw().GetContext(t.Context(), &n, `SELECT count(*) FROM game_sessions WHERE id = $1`, s.ID); err != nil || n != 1 {
				t.Errorf("it is there %d times: %v", n, err)
			}
		})
	}
}
