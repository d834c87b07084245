package catalog_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/catalog/catalogtest"
	"github.com/englishapp/englishctl/internal/fault"
)

// world is a catalogue whose surroundings a test can move.
type world struct {
	*catalog.Service
	store      *catalogtest.Store
	recordings *shelf

	mu  sync.Mutex
	at  time.Time
	ids uint64
	ops map[string]int
}

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func newWorld(t *testing.T, opts ...catalog.Option) *world {
	t.Helper()
	w := &world{
		store:      catalogtest.NewStore(),
		recordings: &shelf{keys: map[string]bool{"audio/A1/one.mp3": true, "audio/B2/two.mp3": true, "audio/uploads/s/a.mp3": true}},
		at:         start,
		ops:        map[string]int{},
	}
	w.failOn("", nil)
	opts = append([]catalog.Option{catalog.WithClock(w.now), catalog.WithIDs(w.newID)}, opts...)
	w.Service = catalog.New(w.store, w.recordings, opts...)
	return w
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

func (w *world) newID() uuid.UUID {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[8:], w.ids)
	return id
}

// failOn makes the store fail in op ("" in none, "*" in all) and counts operations.
func (w *world) failOn(op string, err error) {
	w.store.Fail(func(now string) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.ops[now]++
		if op == now || op == "*" {
			return err
		}
		return nil
	})
}

func (w *world) count(op string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ops[op]
}

func (w *world) tag(t *testing.T, name string) uuid.UUID {
	t.Helper()
	tag, err := w.CreateTag(t.Context(), catalog.NewTag{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return tag.ID
}

func (w *world) speech(t *testing.T, level catalog.Level, typ catalog.SentenceType, tags ...uuid.UUID) catalog.Speech {
	t.Helper()
	speech, err := w.CreateSpeech(t.Context(), catalog.NewSpeech{
		AudioURL: "https://media.example.com/a.mp3", Text: "Hello.", Level: level, Type: typ, TagIDs: tags,
	})
	if err != nil {
		t.Fatal(err)
	}
	return speech
}

// lastAudit returns the newest line of the audit log.
func (w *world) lastAudit(t *testing.T) audit.Entry {
	t.Helper()
	entries := w.store.Audit()
	if len(entries) == 0 {
		t.Fatal("nothing was recorded")
	}
	return entries[len(entries)-1]
}

// shelf is an audio store that has keys only, and remembers what was put there last.
type shelf struct {
	keys map[string]bool
	err  error
	// put is the content that was stored last, and putErr what storing ends with although the object is there.
	put    string
	putErr error
	// deleteErr is what deleting ends with.
	deleteErr error
}

func (s *shelf) Put(_ context.Context, key string, r io.Reader, contentType string) (int64, error) {
	content, err := io.ReadAll(r)
	s.put = contentType + ": " + string(content)
	s.keys[key] = true
	return int64(len(content)), errors.Join(err, s.putErr)
}

func (s *shelf) Read(_ context.Context, key string) (io.ReadCloser, error) {
	if !s.keys[key] {
		return nil, fault.NotFound("no object has the key %s", key)
	}
	return io.NopCloser(strings.NewReader("the bytes of " + key)), s.err
}

func (s *shelf) Delete(_ context.Context, keys ...string) error {
	for _, key := range keys {
		delete(s.keys, key)
	}
	return s.deleteErr
}

const ours = "https://audio.example.org/bucket/"

func (s *shelf) SignedURL(_ context.Context, key string) (string, error) {
	return ours + key + "?signature=1", s.err
}

func (s *shelf) KeyOf(audioURL string) (string, bool) {
	rest, ok := strings.CutPrefix(audioURL, ours)
	key, _, _ := strings.Cut(rest, "?")
	return key, ok
}

func (s *shelf) Exists(_ context.Context, key string) (bool, error) {
	if strings.Contains(key, "..") {
		return false, fault.Invalid("key", "a bad key")
	}
	return maps.Clone(s.keys)[key], s.err
}

var errDown = errors.New("the store is down")

// wantFault fails unless err is of the kind and, for broken rules, names exactly the fields.
func wantFault(t *testing.T, err error, kind fault.Kind, fields ...string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != kind {
		t.Fatalf("err = %v, want %s", err, kind)
	}
	var got []string
	for _, field := range f.Fields {
		got = append(got, field.Name)
	}
	if strings.Join(got, " ") != strings.Join(fields, " ") {
		t.Fatalf("fields = %v (%v), want %v", got, err, fields)
	}
}
