package seeding_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/catalog/catalogtest"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/seeding"
)

var errDown = errors.New("it is down")

// world is the service with surroundings that a test can break.
type world struct {
	*seeding.Service
	store   *memStore
	objects *memObjects
	// hashed are the passwords that were hashed.
	hashed []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		store:   &memStore{cat: catalogtest.NewStore(), tables: &tables{map[uuid.UUID]account.User{}, map[uuid.UUID]practice.Session{}, 0, map[string]bool{}}},
		objects: &memObjects{content: map[string][]byte{}, before: func(string, string) error { return nil }},
	}
	w.Service = seeding.New(w.store, w.objects, w, smallPack())
	w.InPiecesOf(50)
	return w
}

// smallPack has two recordings of each level and type.
func smallPack() fstest.MapFS {
	list := "audio_filename,text,level,type\n"
	files := fstest.MapFS{}
	for _, level := range catalog.Levels {
		for _, typ := range catalog.SentenceTypes {
			for _, name := range []string{"one", "two"} {
				name += string(level) + string(typ) + ".mp3"
				list += name + ",Hello.," + string(level) + "," + string(typ) + "\n"
				files["audio/"+name] = &fstest.MapFile{Data: []byte(name)}
			}
		}
	}
	files["lessons.csv"] = &fstest.MapFile{Data: []byte(list)}
	return files
}

// HashPassword hashes nothing, and takes no weak one.
func (w *world) HashPassword(_ context.Context, password string) (string, error) {
	if password == "weak" {
		return "", fault.Invalid("password", "it is weak")
	}
	w.hashed = append(w.hashed, password)
	return "hash of " + password, nil
}

// seed plans and applies, and fails the test on an error.
func (w *world) seed(t *testing.T, r seeding.Request) seeding.Report {
	t.Helper()
	report, err := w.trySeed(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func (w *world) trySeed(ctx context.Context, r seeding.Request) (seeding.Report, error) {
	plan, err := w.Plan(ctx, r)
	if err != nil {
		return nil, err
	}
	return w.Apply(ctx, plan, func(seeding.Kind, int, int) {})
}

// speeches returns all speeches, deleted ones included.
func (w *world) speeches(t *testing.T) map[uuid.UUID]catalog.Speech {
	t.Helper()
	all := map[uuid.UUID]catalog.Speech{}
	if err := w.store.cat.EachSpeech(t.Context(), "", func(s catalog.Speech) { all[s.ID] = s }); err != nil {
		t.Fatal(err)
	}
	return all
}

// memStore is a seeding.Store in memory, beside a catalogue's. Transactions cover both.
type memStore struct {
	practice.Store // what is not needed
	cat            *catalogtest.Store
	*tables
}

type tables struct {
	users    map[uuid.UUID]account.User
	sessions map[uuid.UUID]practice.Session
	analyzed int
	noted    map[string]bool
}

func (m *memStore) InTx(ctx context.Context, fn func(tx seeding.Store) error) error {
	return m.cat.Transaction(ctx, func(cat *catalogtest.Store) error {
		before := tables{maps.Clone(m.users), maps.Clone(m.sessions), m.analyzed, maps.Clone(m.noted)}
		cat.OnRollback(func() { *m.tables = before })
		return fn(&memStore{cat: cat, tables: m.tables})
	})
}

func (m *memStore) Catalog() catalog.Store { return m.cat }

func (m *memStore) Practice() practice.Store { return m }

// do runs one operation, which may be made to fail.
func (m *memStore) do(ctx context.Context, op string, fn func() error) error {
	leave, err := m.cat.Enter(ctx, op)
	defer leave()
	if err != nil {
		return err
	}
	return fn()
}

func (m *memStore) Lock(ctx context.Context) error {
	return m.do(ctx, "Lock", func() error { return nil })
}

func (m *memStore) Analyze(ctx context.Context) error {
	return m.do(ctx, "Analyze", func() error { m.analyzed++; return nil })
}

func (m *memStore) NoteDays(ctx context.Context, times []time.Time) error {
	return m.do(ctx, "NoteDays", func() error {
		for _, t := range times {
			m.noted[t.UTC().Format(time.DateOnly)] = true
		}
		return nil
	})
}

func (m *memStore) EachID(ctx context.Context, kind seeding.Kind, from, end uuid.UUID, row func(uuid.UUID, bool)) error {
	within := func(id uuid.UUID, live bool) {
		if bytes.Compare(from[:], id[:]) <= 0 && bytes.Compare(id[:], end[:]) < 0 {
			row(id, live)
		}
	}
	if kind == seeding.Speeches {
		return m.cat.EachSpeech(ctx, "EachID", func(s catalog.Speech) { within(s.ID, s.DeletedAt == nil) })
	}
	return m.do(ctx, "EachID", func() error {
		for id := range m.users {
			if kind == seeding.Users {
				within(id, true)
			}
		}
		for id := range m.sessions {
			if kind == seeding.Sessions {
				within(id, true)
			}
		}
		return nil
	})
}

func (m *memStore) InsertUsers(ctx context.Context, users []account.User) error {
	return m.do(ctx, "InsertUsers", func() error {
		for _, u := range users {
			for _, known := range m.users {
				if known.ID == u.ID || known.Email == u.Email {
					return fault.Conflict("this exists already")
				}
			}
			m.users[u.ID] = u
		}
		return nil
	})
}

func (m *memStore) InsertSessions(ctx context.Context, sessions []practice.Session, claim *practice.Claim) (practice.Outcome, error) {
	if claim != nil {
		panic("a seed has no idempotency key")
	}
	var outcome practice.Outcome
	err := m.do(ctx, "InsertSessions", func() error {
		for _, s := range sessions {
			if _, known := m.users[s.UserID]; !known {
				return errors.New("foreign key: no such user")
			}
			if _, taken := m.sessions[s.ID]; taken {
				return fault.Conflict("this exists already")
			}
			m.sessions[s.ID] = s
		}
		return nil
	})
	return outcome, err
}

// memObjects is an audio store in memory.
type memObjects struct {
	mu      sync.Mutex
	content map[string][]byte
	puts    int
	// before is asked before each operation ("Exists", "Put") on each key.
	before func(op, key string) error
}

func (m *memObjects) Exists(_ context.Context, key string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, there := m.content[key]
	return there, m.before("Exists", key)
}

func (m *memObjects) Put(_ context.Context, key string, r io.Reader, contentType string) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.before("Put", key); err != nil {
		return 0, err
	}
	if contentType != "audio/mpeg" {
		return 0, errors.New("it is no MP3")
	}
	content, err := io.ReadAll(r)
	m.content[key] = content
	m.puts++
	return int64(len(content)), err
}

// now is a time at which people do things to what a seed has made.
var now = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
