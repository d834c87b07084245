package backup_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/backup"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// memory is a place, or a store of recordings, in memory, which fails as it is told.
type memory struct {
	mu    sync.Mutex
	files map[string][]byte
	ages  map[string]time.Time
	now   func() time.Time
	// fail is asked before each operation, "put NAME" for example.
	fail func(op string) error
	// puts counts what was stored.
	puts int
}

func newMemory(now func() time.Time) *memory {
	return &memory{files: map[string][]byte{}, ages: map[string]time.Time{}, now: now, fail: func(string) error { return nil }}
}

func (m *memory) Put(_ context.Context, name string, r io.Reader) error {
	content, err := io.ReadAll(r)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err = errors.Join(err, m.fail("put "+name)); err != nil {
		return err
	}
	m.files[name], m.ages[name] = content, m.now()
	m.puts++
	return nil
}

func (m *memory) Open(_ context.Context, name string) (io.ReadCloser, int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.fail("open " + name); err != nil {
		return nil, 0, err
	}
	content, there := m.files[name]
	if !there {
		return nil, 0, fault.NotFound("there is no %s", name)
	}
	return io.NopCloser(bytes.NewReader(content)), int64(len(content)), nil
}

func (m *memory) Delete(_ context.Context, names ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range names {
		if err := m.fail("delete " + name); err != nil {
			return err
		}
		delete(m.files, name)
	}
	return nil
}

func (m *memory) List(_ context.Context, prefix string) iter.Seq2[backup.File, error] {
	return func(yield func(backup.File, error) bool) {
		if err := m.fail("list " + prefix); err != nil {
			yield(backup.File{}, err)
			return
		}
		for _, name := range m.names(prefix) {
			m.mu.Lock()
			file := backup.File{Name: name, Size: int64(len(m.files[name])), ModTime: m.ages[name]}
			m.mu.Unlock()
			if !yield(file, nil) {
				return
			}
		}
	}
}

func (m *memory) names(prefix string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for name := range m.files {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// audio is memory as a store of recordings.
type audio struct{ *memory }

func (a audio) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	content, _, err := a.memory.Open(ctx, key)
	return content, err
}

// world is a place with a service, a full database and its recordings.
type world struct {
	*backup.Service
	clock      time.Time
	place      *memory
	recordings audio
	db         *sqlstore.DB
	scratches  string // where scratch databases are
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{clock: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC), db: sqltest.SQLite(t), scratches: t.TempDir()}
	now := func() time.Time { return w.clock }
	w.place, w.recordings = newMemory(now), audio{newMemory(now)}
	sqltest.Fill(t, w.db)
	w.recordings.files[sqltest.FilledKey] = []byte(sqltest.FilledAudio)
	w.recordings.files[sqltest.FilledOther] = []byte("other bytes")
	w.Service = backup.New(w.place, backup.Config{Program: "test", Scratch: w.scratch, Known: known(t), Now: now})
	return w
}

func known(t *testing.T) int64 {
	t.Helper()
	version, err := sqlstore.KnownVersion("sqlite")
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// scratch is a SQLite database whose files go when it is closed.
type scratch struct {
	*sqlstore.Backup
	db  *sqlstore.DB
	dir string
}

func (w *world) scratch(ctx context.Context, version int64) (backup.Scratch, error) {
	dir, err := os.MkdirTemp(w.scratches, "*")
	if err != nil {
		return nil, err
	}
	db, err := sqlstore.Open(ctx, sqlstore.Config{SQLitePath: filepath.Join(dir, "scratch.db")})
	if err != nil {
		return nil, err
	}
	_, err = db.MigrateTo(ctx, version)
	return &scratch{db.Backup(), db, dir}, err
}

func (s *scratch) Migrate(ctx context.Context) error {
	_, err := s.db.Migrate(ctx)
	return err
}

func (s *scratch) Close() error { return errors.Join(s.db.Close(), os.RemoveAll(s.dir)) }

// create makes a snapshot.
func (w *world) create(t *testing.T) backup.Report {
	t.Helper()
	report, err := w.Create(t.Context(), w.db.Backup(), w.recordings)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// digests are those of a snapshot's rows, by table.
func digests(m backup.Manifest) map[string]string {
	sums := map[string]string{"recordings": m.Recordings.RowsSHA256}
	for _, t := range m.Tables {
		sums[t.Name] = t.RowsSHA256
	}
	return sums
}

func (w *world) exec(t *testing.T, db *sqlstore.DB, statement string) {
	t.Helper()
	if _, err := db.Raw().ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// damagedFile demands an error that names the file.
func damagedFile(t *testing.T, err error, file string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Code != "backup_damaged" || !strings.Contains(f.Message, file) {
		t.Errorf("the error is %v, want one that names %s", err, file)
	}
}
