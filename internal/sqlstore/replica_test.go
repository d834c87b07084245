package sqlstore_test

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// shared are notes in memory, as several daemons share them in Redis. Lives are not kept: a test is over before.
type shared struct{ users sync.Map }

func (s *shared) Saved(_ context.Context, user uuid.UUID, _ time.Duration) { s.users.Store(user, true) }

func (s *shared) Recent(_ context.Context, user uuid.UUID) bool {
	_, noted := s.users.Load(user)
	return noted
}

// lines is a log that is read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(part string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), part)
}

// following is a database whose histories are read from a real replica.
type following struct {
	*sqlstore.DB
	t   *testing.T
	log *lines
}

const testLag = 1500 * time.Millisecond

// TestReplicaIsWatched: whoever wants to see the primary's statements sees the replica's.
func TestReplicaIsWatched(t *testing.T) {
	address := sqltest.PostgresURL(t)
	var opened []string
	watched := func(system string, connector driver.Connector) *sql.DB {
		opened = append(opened, system)
		return sql.OpenDB(connector)
	}
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: address, PoolSize: 1, OpenDB: watched})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.FollowReplica(sqlstore.ReplicaConfig{URL: address, PoolSize: 1, OpenDB: watched}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"postgresql", "postgresql"}; !slices.Equal(opened, want) {
		t.Errorf("opened are %q, want %q", opened, want)
	}
}

func follow(t *testing.T, address string, r *sqltest.Replica, saves sqlstore.Saves) following {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: address, PoolSize: 4})
	if err != nil {
		t.Fatal(err)
	}
	f := following{db, t, &lines{}}
	err = db.FollowReplica(sqlstore.ReplicaConfig{
		URL: r.URL(address), PoolSize: 4, MaxLag: testLag, Saves: saves, Log: slog.New(slog.NewTextHandler(f.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// eventually waits until something holds.
func (f following) eventually(what string, holds func() bool) {
	f.t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			f.t.Fatalf("it never came that %s", what)
		}
	}
}

// history reads the user's history and says whether the replica has answered.
func (f following) history(user uuid.UUID) (total int, byReplica bool) {
	f.t.Helper()
	before, _ := f.Replica()
	_, total, err := f.Practice().Sessions(f.t.Context(), user, practice.HistoryFilter{}, paging.Page{Number: 1, Limit: 10})
	if err != nil {
		f.t.Fatal(err)
	}
	after, _ := f.Replica()
	return total, after.Reads > before.Reads
}

func (f following) save(user uuid.UUID, speech catalog.Speech) practice.Session {
	f.t.Helper()
	s := game(user, speech)
	if outcome, err := f.Practice().InsertSessions(f.t.Context(), []practice.Session{s}, nil); err != nil || len(outcome.Missing) > 0 {
		f.t.Fatal(outcome, err)
	}
	return s
}

// game is one that can be saved.
func game(user uuid.UUID, speech catalog.Speech) practice.Session {
	s := practice.Session{ID: uuid.New(), UserID: user, SavedAt: time.Now()}
	s.Draft = practice.Draft{
		Mode: practice.ListenOnly, Level: "A1", SentenceType: catalog.Question, TotalSentences: 1, DurationSeconds: 1, StartedAt: time.Now(), CompletedAt: time.Now(),
		Results: []practice.Result{{ID: uuid.New(), SpeechID: speech.ID, SequenceNumber: 1, UserResponse: practice.Correct, ResponseTimeMS: 1}},
	}
	return s
}

func (f following) user(email string) uuid.UUID {
	f.t.Helper()
	u := account.User{ID: uuid.New(), Email: email, Provider: account.Email, Role: account.Learner, CreatedAt: time.Now(), UpdatedAt: time.Now()}
	if err := f.Accounts().InsertUser(f.t.Context(), u); err != nil {
		f.t.Fatal(err)
	}
	return u.ID
}

func TestHistoryFromAReplica(t *testing.T) {
	address := sqltest.PostgresURL(t)
	r := sqltest.NewReplica(t)
	notes := &shared{}
	here, there := follow(t, address, r, notes), follow(t, address, r, notes)
	speech := catalog.Speech{ID: uuid.New(), Audio: "a", Text: "Where?", Level: "A1", Type: catalog.Question, CreatedAt: time.Now(), UpdatedAt: time.Now()}
	if err := here.Catalog().InsertSpeeches(t.Context(), []catalog.Speech{speech}); err != nil {
		t.Fatal(err)
	}
	ann, bob := here.user("ann@example.com"), here.user("bob@example.com")

	t.Run("it answers once it has caught up", func(t *testing.T) {
		here.eventually("the replica answers", func() bool { total, by := here.history(bob); return by && total == 0 })
		there.eventually("the replica answers the other daemon", func() bool { _, by := there.history(bob); return by })
	})
	r.Pause()
	t.Run("whoever has just saved sees it, at every daemon, while the replica stands still", func(t *testing.T) {
		saved := here.save(ann, speech)
		for name, daemon := range map[string]following{"the same daemon": here, "another daemon": there} {
			if total, by := daemon.history(ann); total != 1 || by {
				t.Errorf("%s shows %d games, by the replica: %v", name, total, by)
			}
			if s, err := daemon.Practice().Session(t.Context(), saved.ID); err != nil || len(s.Results) != 1 {
				t.Errorf("%s does not show the game: %v", name, err)
			}
			if found, err := daemon.Practice().SessionsAfter(t.Context(), ann, time.Time{}, uuid.Nil, 10); err != nil || len(found) != 1 {
				t.Errorf("%s exports %d games: %v", name, len(found), err)
			}
		}
	})
	t.Run("one that is too far behind is not read from, which is logged once", func(t *testing.T) {
		here.eventually("the primary answers", func() bool {
			here.save(bob, speech) // a primary at rest leaves no replica behind
			_, by := here.history(uuid.New())
			return !by
		})
		here.eventually("it is logged", func() bool { return here.log.count("the replica is behind") == 1 })
		if counts, ok := here.Replica(); !ok || counts.Passed == 0 || counts.Lag < testLag {
			t.Errorf("counted %+v", counts)
		}
	})
	r.Resume()
	t.Run("it is read from again when it has caught up, and has all", func(t *testing.T) {
		here.eventually("the replica answers", func() bool { total, by := here.history(uuid.New()); return by && total == 0 })
		here.eventually("it is logged", func() bool { return here.log.count("read from the replica again") == 1 })
		alone := follow(t, address, r, nil) // it knows of no saves
		alone.eventually("the replica has the game", func() bool { total, by := alone.history(ann); return by && total == 1 })
	})
	t.Run("where servers that take writes are looked for, it is none, as if it did not answer", func(t *testing.T) {
		_, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: r.URL(address) + "&target_session_attrs=read-write"})
		if !fault.Is(err, fault.KindUnavailable) {
			t.Errorf("a replica instead of a primary: %v, want unavailable", err)
		}
	})
	t.Run("taken for the primary, in the middle of a failover, it is as if it did not answer", func(t *testing.T) {
		mistaken, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: r.URL(address), PoolSize: 2})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = mistaken.Close() })
		user := account.User{ID: uuid.New(), Email: "eve@example.com", Provider: account.Email, Role: account.Learner, CreatedAt: time.Now(), UpdatedAt: time.Now()}
		for what, err := range map[string]error{
			"a statement":   mistaken.Accounts().InsertUser(t.Context(), user),
			"a transaction": mistaken.Catalog().InsertTag(t.Context(), catalog.Tag{ID: uuid.New(), Name: "Travel", CreatedAt: time.Now()}),
		} {
			if !fault.Is(err, fault.KindUnavailable) {
				t.Errorf("%s that writes: %v, want unavailable", what, err)
			}
		}
	})
	r.Kill()
	t.Run("when it is dead the primary answers, which is logged once", func(t *testing.T) {
		for range 20 {
			if total, _ := here.history(ann); total != 1 {
				t.Fatalf("%d games", total)
			}
		}
		here.eventually("it is logged", func() bool { return here.log.count("the replica cannot be used") >= 1 })
		if total, by := here.history(ann); total != 1 || by {
			t.Errorf("%d games, by the replica: %v", total, by)
		}
		if n := here.log.count("the replica cannot be used"); n != 1 {
			t.Errorf("logged %d times", n)
		}
	})
}

func TestReplicaThatIsNone(t *testing.T) {
	address := sqltest.PostgresURL(t)
	db := sqltest.Postgres(t)
	log := &lines{}
	if err := db.FollowReplica(sqlstore.ReplicaConfig{URL: address, PoolSize: 1, MaxLag: testLag, Log: slog.New(slog.NewTextHandler(log, nil))}); err != nil {
		t.Fatal(err)
	}
	f := following{db, t, log}
	f.eventually("it is logged", func() bool { return log.count("it follows no primary") == 1 })
	if total, by := f.history(uuid.New()); total != 0 || by {
		t.Errorf("a primary was read from as a replica: %d, %v", total, by)
	}
}
