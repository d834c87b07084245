package importing_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/catalog/catalogtest"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// memStore is an importing.Store in memory, beside a catalogue's. Transactions cover both.
type memStore struct {
	cat *catalogtest.Store
	*tables
}

type tables struct {
	sessions map[uuid.UUID]importing.UploadSession
	sheets   map[uuid.UUID]importing.Sheet
	rejects  map[uuid.UUID]importing.Sheet // by batch
	files    map[uuid.UUID]importing.UploadFile
	batches  map[uuid.UUID]importing.Batch
	items    map[uuid.UUID][]importing.Item
	// played are the speeches in somebody's history.
	played map[uuid.UUID]bool
}

func newMemStore() *memStore {
	return &memStore{cat: catalogtest.NewStore(), tables: &tables{
		sheets:   map[uuid.UUID]importing.Sheet{},
		rejects:  map[uuid.UUID]importing.Sheet{},
		sessions: map[uuid.UUID]importing.UploadSession{}, files: map[uuid.UUID]importing.UploadFile{},
		batches: map[uuid.UUID]importing.Batch{}, items: map[uuid.UUID][]importing.Item{},
		played: map[uuid.UUID]bool{},
	}}
}

func (m *memStore) InTx(ctx context.Context, fn func(tx importing.Store) error) error {
	return m.cat.Transaction(ctx, func(cat *catalogtest.Store) error {
		before := tables{maps.Clone(m.sessions), maps.Clone(m.sheets), maps.Clone(m.rejects), maps.Clone(m.files), maps.Clone(m.batches), maps.Clone(m.items), m.played}
		cat.OnRollback(func() { *m.tables = before })
		return fn(&memStore{cat: cat, tables: m.tables})
	})
}

func (m *memStore) Catalog() catalog.Store { return m.cat }

// do runs one operation, which may be made to fail.
func (m *memStore) do(ctx context.Context, op string, fn func() error) error {
	leave, err := m.cat.Enter(ctx, op)
	defer leave()
	if err != nil {
		return err
	}
	return fn()
}

func (m *memStore) InsertUploadSession(ctx context.Context, s importing.UploadSession) error {
	return m.do(ctx, "InsertUploadSession", func() error { m.sessions[s.ID] = s; return nil })
}

func (m *memStore) UploadSession(ctx context.Context, id uuid.UUID) (s importing.UploadSession, err error) {
	err = m.do(ctx, "UploadSession", func() error {
		var ok bool
		if s, ok = m.sessions[id]; !ok {
			return fault.NotFound("no upload session has the id %s", id)
		}
		return nil
	})
	return s, err
}

func (m *memStore) MoveUploadSession(ctx context.Context, id uuid.UUID, from, to importing.SessionState) (moved bool, err error) {
	err = m.do(ctx, "MoveUploadSession", func() error {
		s, ok := m.sessions[id]
		if moved = ok && s.State == from; moved {
			s.State = to
			m.sessions[id] = s
		}
		return nil
	})
	return moved, err
}

// LockUploads has nothing to do: one transaction runs at a time.
func (m *memStore) LockUploads(ctx context.Context, _, _ string) error {
	return m.do(ctx, "LockUploads", func() error { return nil })
}

func (m *memStore) UploadSessionsFor(ctx context.Context, author, fileSHA256 string, now time.Time) (found []importing.UploadSession, err error) {
	err = m.do(ctx, "UploadSessionsFor", func() error {
		for _, s := range m.sessions {
			usable := s.State == importing.SessionImporting || s.State == importing.SessionOpen && s.ExpiresAt.After(now)
			if s.Author == author && s.FileSHA256 == fileSHA256 && usable {
				found = append(found, s)
			}
		}
		return nil
	})
	slices.SortFunc(found, func(a, b importing.UploadSession) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return found, err
}

func (m *memStore) LeaseUploadSession(ctx context.Context, id uuid.UUID, until, ifBefore time.Time) (leased bool, err error) {
	err = m.do(ctx, "LeaseUploadSession", func() error {
		s, ok := m.sessions[id]
		if leased = ok && s.State == importing.SessionOpen && s.LeaseUntil.Before(ifBefore); leased {
			s.LeaseUntil = until
			m.sessions[id] = s
		}
		return nil
	})
	return leased, err
}

func (m *memStore) DeleteUploadSession(ctx context.Context, id uuid.UUID) error {
	return m.do(ctx, "DeleteUploadSession", func() error {
		delete(m.sessions, id)
		maps.DeleteFunc(m.files, func(_ uuid.UUID, f importing.UploadFile) bool { return f.SessionID == id })
		return nil
	})
}

func (m *memStore) ExpiredUploadSessions(ctx context.Context, now time.Time, limit int) (found []importing.UploadSession, err error) {
	err = m.do(ctx, "ExpiredUploadSessions", func() error {
		for _, s := range m.sessions {
			expired := s.State == importing.SessionOpen && s.ExpiresAt.Before(now)
			if (s.State == importing.SessionUsed || expired) && len(found) < limit {
				found = append(found, s)
			}
		}
		return nil
	})
	return found, err
}

func (m *memStore) InsertUploadFiles(ctx context.Context, files []importing.UploadFile) error {
	return m.do(ctx, "InsertUploadFiles", func() error {
		for _, f := range files {
			if _, ok := m.sessions[f.SessionID]; !ok {
				return errors.New("foreign key: no such session")
			}
			if len(f.SHA256) != 64 || len(f.Name) > 255 {
				panic("a value that the column does not take")
			}
			for _, other := range m.files {
				if other.SessionID == f.SessionID && other.Name == f.Name {
					return fault.Conflict("%s is taken", f.Name)
				}
			}
			m.files[f.ID] = f
		}
		return nil
	})
}

func (m *memStore) PutUploadSheet(ctx context.Context, session uuid.UUID, sheet importing.Sheet) error {
	return m.do(ctx, "PutUploadSheet", func() error {
		if _, ok := m.sessions[session]; !ok {
			return fault.NotFound("no such session")
		}
		m.sheets[session] = sheet
		return nil
	})
}

func (m *memStore) UploadSheet(ctx context.Context, session uuid.UUID) (sheet importing.Sheet, err error) {
	err = m.do(ctx, "UploadSheet", func() error {
		var ok bool
		if sheet, ok = m.sheets[session]; !ok {
			return fault.NotFound("no sheet")
		}
		return nil
	})
	return sheet, err
}

func (m *memStore) UploadFiles(ctx context.Context, session uuid.UUID) (found []importing.UploadFile, err error) {
	err = m.do(ctx, "UploadFiles", func() error {
		for _, f := range m.files {
			if f.SessionID == session {
				found = append(found, f)
			}
		}
		return nil
	})
	slices.SortFunc(found, func(a, b importing.UploadFile) int { return strings.Compare(a.Name, b.Name) })
	return found, err
}

func (m *memStore) DeleteUploadFiles(ctx context.Context, ids []uuid.UUID) (n int, err error) {
	err = m.do(ctx, "DeleteUploadFiles", func() error {
		for _, id := range ids {
			if _, there := m.files[id]; there {
				n++
			}
			delete(m.files, id)
		}
		return nil
	})
	return n, err
}

func (m *memStore) UploadKeys(ctx context.Context, keys []string) (known map[string]bool, err error) {
	err = m.do(ctx, "UploadKeys", func() error {
		known = map[string]bool{}
		for _, f := range m.files {
			if slices.Contains(keys, f.Key) {
				known[f.Key] = true
			}
		}
		return nil
	})
	return known, err
}

func (m *memStore) InsertBatch(ctx context.Context, b importing.Batch, items []importing.Item) error {
	return m.do(ctx, "InsertBatch", func() error {
		m.batches[b.ID], m.items[b.ID] = b, slices.Clone(items)
		return nil
	})
}

func (m *memStore) Batch(ctx context.Context, id uuid.UUID) (b importing.Batch, err error) {
	err = m.do(ctx, "Batch", func() error {
		var ok bool
		if b, ok = m.batches[id]; !ok {
			return fault.NotFound("no import batch has the id %s", id)
		}
		return nil
	})
	return b, err
}

func (m *memStore) BatchItems(ctx context.Context, id uuid.UUID) (items []importing.Item, err error) {
	err = m.do(ctx, "BatchItems", func() error { items = slices.Clone(m.items[id]); return nil })
	return items, err
}

func (m *memStore) RenewLease(ctx context.Context, id uuid.UUID, until time.Time) (running bool, err error) {
	err = m.do(ctx, "RenewLease", func() error {
		b := m.batches[id]
		if running = b.State == importing.BatchRunning; running {
			b.LeaseUntil = until
			m.batches[id] = b
		}
		return nil
	})
	return running, err
}

func (m *memStore) FinishBatch(ctx context.Context, b importing.Batch) (running bool, err error) {
	err = m.do(ctx, "FinishBatch", func() error {
		if b.FinishedAt == nil || (b.State != importing.BatchDone && b.State != importing.BatchFailed) {
			panic("a batch is finished without a state or a time")
		}
		if running = m.batches[b.ID].State == importing.BatchRunning; running {
			m.batches[b.ID] = b
		}
		return nil
	})
	return running, err
}

func (m *memStore) SetOutcomes(ctx context.Context, batch uuid.UUID, items []importing.Item) error {
	return m.do(ctx, "SetOutcomes", func() error {
		stored := slices.Clone(m.items[batch])
		for _, item := range items {
			i := slices.IndexFunc(stored, func(s importing.Item) bool { return s.Row == item.Row })
			stored[i].Outcome, stored[i].SpeechID = item.Outcome, item.SpeechID
		}
		m.items[batch] = stored
		return nil
	})
}

func (m *memStore) DeadBatches(ctx context.Context, now time.Time) (dead []importing.Batch, err error) {
	err = m.do(ctx, "DeadBatches", func() error {
		for _, b := range m.batches {
			if b.State == importing.BatchRunning && b.LeaseUntil.Before(now) {
				dead = append(dead, b)
			}
		}
		return nil
	})
	return dead, err
}

func (m *memStore) LiveSpeechesLike(ctx context.Context, digests, texts []string) ([]catalog.Speech, error) {
	return m.cat.LiveSpeechesLike(ctx, digests, texts)
}

func (m *memStore) AddTags(ctx context.Context, links []importing.TagLink) (int, error) {
	bySpeech := map[uuid.UUID][]uuid.UUID{}
	for _, l := range links {
		bySpeech[l.SpeechID] = append(bySpeech[l.SpeechID], l.TagID)
	}
	return m.cat.AddTags(ctx, bySpeech)
}

func (m *memStore) ReferencedKeys(ctx context.Context, keys []string) (used map[string]bool, err error) {
	err = m.do(ctx, "ReferencedKeys", func() error {
		used = map[string]bool{}
		for _, key := range keys {
			if m.cat.AudioInUse(key) || m.planned(key) || m.uploaded(key) {
				used[key] = true
			}
		}
		return nil
	})
	return used, err
}

// planned reports whether an item of a running batch has the key.
func (m *memStore) planned(key string) bool {
	for id, items := range m.items {
		if m.batches[id].State == importing.BatchRunning && slices.ContainsFunc(items, func(i importing.Item) bool { return i.Key == key }) {
			return true
		}
	}
	return false
}

// uploaded reports whether an uploaded file has the key.
func (m *memStore) uploaded(key string) bool {
	for _, f := range m.files {
		if f.Key == key {
			return true
		}
	}
	return false
}

// memObjects is an audio store in memory.
type memObjects struct {
	now func() time.Time

	mu      sync.Mutex
	objects map[string]memObject
	// before is asked before each operation ("Put", "Copy", "Delete", "List") on each key. It is not called under mu.
	before func(ctx context.Context, op, key string) error
}

type memObject struct {
	data []byte
	at   time.Time
}

func newMemObjects(now func() time.Time) *memObjects {
	return &memObjects{now: now, objects: map[string]memObject{}, before: func(context.Context, string, string) error { return nil }}
}

// on makes before be asked.
func (m *memObjects) on(before func(ctx context.Context, op, key string) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.before = before
}

func (m *memObjects) enter(ctx context.Context, op, key string) error {
	m.mu.Lock()
	before := m.before
	m.mu.Unlock()
	return cmp.Or(ctx.Err(), before(ctx, op, key))
}

func (m *memObjects) Put(ctx context.Context, key string, r io.Reader, _ string) (int64, error) {
	if err := m.enter(ctx, "Put", key); err != nil {
		return 0, err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.objects[key] = memObject{data, m.now()}
	return int64(len(data)), nil
}

func (m *memObjects) Copy(ctx context.Context, from, to string) error {
	if err := m.enter(ctx, "Copy", from); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	object, ok := m.objects[from]
	if !ok {
		return fault.NotFound("no audio object has the key %q", from)
	}
	m.objects[to] = memObject{bytes.Clone(object.data), m.now()}
	return nil
}

func (m *memObjects) Delete(ctx context.Context, keys ...string) error {
	if len(keys) > 500 {
		panic("more than 500 keys at once")
	}
	for _, key := range keys {
		if err := m.enter(ctx, "Delete", key); err != nil {
			return err
		}
		m.mu.Lock()
		delete(m.objects, key)
		m.mu.Unlock()
	}
	return nil
}

func (m *memObjects) List(ctx context.Context, prefix string) iter.Seq2[importing.Object, error] {
	return func(yield func(importing.Object, error) bool) {
		if err := m.enter(ctx, "List", prefix); err != nil {
			yield(importing.Object{}, err)
			return
		}
		m.mu.Lock()
		listed := maps.Clone(m.objects)
		m.mu.Unlock()
		for key, o := range listed {
			if strings.HasPrefix(key, prefix) && !yield(importing.Object{Key: key, Size: int64(len(o.data)), ModTime: o.at}, nil) {
				return
			}
		}
	}
}

// keys returns all keys, sorted.
func (m *memObjects) keys() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.objects))
}

func (m *memObjects) data(key string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return string(m.objects[key].data)
}
