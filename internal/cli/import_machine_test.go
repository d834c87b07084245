package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
	"github.com/englishapp/englishctl/internal/testenv"
)

// machine is what outlives a run of the command: a real database, a real audio store, and the time.
type machine struct {
	t       *testing.T
	db      *sqlstore.DB
	objects audioStore
	// later is by how much its clock is ahead of the real one.
	later time.Duration
}

// embedded is SQLite and a folder.
func embedded(t *testing.T) *machine {
	t.Helper()
	return &machine{t: t, db: sqltest.SQLite(t), objects: newDisk(t, t.TempDir())}
}

func newDisk(t *testing.T, dir string) *blob.Disk {
	t.Helper()
	disk, err := blob.NewDisk(blob.DiskConfig{Dir: dir, SigningKey: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = disk.Close() })
	return disk
}

// production is PostgreSQL and MinIO.
func production(t *testing.T) *machine {
	t.Helper()
	bucket, err := blob.NewMinIO(blob.MinIOConfig{
		Endpoint: testenv.Required(t, "TEST_S3_ENDPOINT"), AccessKey: testenv.Required(t, "TEST_S3_ACCESS_KEY"),
		SecretKey: testenv.Required(t, "TEST_S3_SECRET_KEY"), Bucket: "faults-" + uuid.NewString(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := bucket.EnsureBucket(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bucket.Close() })
	return &machine{t: t, db: sqltest.Postgres(t), objects: bucket}
}

// onBoth runs a test on a machine of each kind.
func onBoth(t *testing.T, test func(t *testing.T, newMachine func(t *testing.T) *machine)) {
	t.Run("embedded", func(t *testing.T) { t.Parallel(); test(t, embedded) })
	t.Run("production", func(t *testing.T) { t.Parallel(); test(t, production) })
}

// service is the machine's importing as a process has it that lives so long.
func (m *machine) service(l *life) (*importing.Service, *mortalObjects) {
	objects := &mortalObjects{audioStore: m.objects, life: l}
	return importing.New(&mortalStore{m.db.Importing(), l}, objects, nobody{}, importing.Config{
		FilesConfig: importing.FilesConfig{Sniff: sniffTest, Examine: examineTest}, SessionTTL: 24 * time.Hour,
	}, importing.WithClock(func() time.Time { return time.Now().Add(m.later) })), objects
}

// nobody is who hears of changes of the catalogue.
type nobody struct{}

func (nobody) Changed() {}

// sniffTest and examineTest take everything for a recording without fault: here it matters where bytes go.
func sniffTest([]byte) (ext, contentType string, err error) { return ".mp3", "audio/mpeg", nil }

func examineTest(context.Context, []byte) (importing.Sound, error) {
	return importing.Sound{
		Format: "MP3", Codec: "MP3", SampleRate: 44_100, Channels: 1, BitRate: 64_000, Duration: 3 * time.Second,
		Speech: -20, Peak: -3, Sounding: 3 * time.Second,
	}, nil
}

// outcome is what a run of the command has left in the terminal.
type outcome struct {
	err  error
	talk string
	puts int // recordings that it stored
}

// runImport is one run of "englishctl import", as far as its life goes.
func (m *machine) runImport(ctx context.Context, l *life, o importOptions) outcome {
	m.t.Helper()
	src, err := openSource(o)
	if err != nil {
		m.t.Fatal(err)
	}
	var talk bytes.Buffer
	e := &env{Program: Program{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.MultiWriter(&talk, l)}}
	service, objects := m.service(l)
	o.format = "table"
	r := &importRun{e: e, o: o, src: src, s: services{Imports: service, PrepareAudio: func(context.Context) error { return nil }}}
	err = r.run(ctx)
	report(&talk, err)
	return outcome{err, talk.String(), objects.puts}
}

// as is a context in which somebody acts.
func as(t *testing.T, actor string) context.Context {
	return audit.WithOrigin(t.Context(), audit.Origin{Actor: actor})
}

// lessonsOf writes a folder of rows from one number up to another, at two levels and of two types, with tags and a
// recording each, and returns what imports it.
func lessonsOf(t *testing.T, from, to int) importOptions {
	t.Helper()
	dir := t.TempDir()
	rows := "audio_filename,text,level,type,tags\n"
	for i := from; i < to; i++ {
		rows += fmt.Sprintf("%d.mp3,Text %d.,%s,%s,\"Food,Tag %d\"\n", i, i, []string{"A1", "B2"}[i%2], []string{"answer", "question", ""}[i%3], i%4)
		write(t, dir, fmt.Sprintf("%d.mp3", i), fmt.Sprintf("recording %d", i))
	}
	write(t, dir, "lessons.csv", rows)
	return importOptions{source: dir}
}

func (m *machine) speeches() []catalog.Speech {
	m.t.Helper()
	list, _, err := m.db.Catalog().Speeches(m.t.Context(), catalog.SpeechFilter{}, paging.Page{Number: 1, Limit: 10_000})
	if err != nil {
		m.t.Fatal(err)
	}
	return list
}

// catalogue is what everybody sees of the live speeches, sorted, with the digest of what is played.
func (m *machine) catalogue() []string {
	m.t.Helper()
	var all []string
	for _, s := range m.speeches() {
		var tags []string
		for _, tag := range s.Tags {
			tags = append(tags, tag.Name)
		}
		played := m.digest(s.Audio)
		if played != s.AudioSHA256 {
			m.t.Errorf("the recording of %q is another one", s.Text)
		}
		all = append(all, fmt.Sprint(s.Text, s.Level, s.Type, tags, played))
	}
	slices.Sort(all)
	return all
}

func (m *machine) digest(key string) string {
	m.t.Helper()
	object, _, err := m.objects.Open(m.t.Context(), key)
	if err != nil {
		m.t.Errorf("a speech without audio: %v", err)
		return ""
	}
	hash := sha256.New()
	_, err = io.Copy(hash, object)
	if err := errors.Join(err, object.Close()); err != nil {
		m.t.Error(err)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func (m *machine) keys() []string {
	m.t.Helper()
	var keys []string
	for object, err := range m.objects.List(m.t.Context(), "") {
		if err != nil {
			m.t.Fatal(err)
		}
		keys = append(keys, object.Key)
	}
	slices.Sort(keys)
	return keys
}

// arrived is how many recordings wait in upload sessions.
func (m *machine) arrived() (n int) {
	m.t.Helper()
	if err := m.db.Raw().GetContext(m.t.Context(), &n, `SELECT count(*) FROM upload_files WHERE size_bytes > 0`); err != nil {
		m.t.Fatal(err)
	}
	return n
}

// checkOwners fails if an object belongs to nothing.
func (m *machine) checkOwners() {
	m.t.Helper()
	keys := m.keys()
	owned, err := m.db.Importing().ReferencedKeys(m.t.Context(), keys)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, key := range keys {
		if !owned[key] {
			m.t.Errorf("the object %s belongs to nothing", key)
		}
	}
}

// checkEnd lets a day pass, and fails if anything is left then but the speeches and their recordings.
func (m *machine) checkEnd() {
	m.t.Helper()
	m.later += 25 * time.Hour
	service, _ := m.service(&life{})
	if _, err := service.Sweep(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
	var recordings []string
	for _, s := range m.speeches() {
		recordings = append(recordings, s.Audio)
	}
	slices.Sort(recordings)
	if keys := m.keys(); !slices.Equal(keys, recordings) {
		m.t.Errorf("a day later the objects are %v, those of the speeches are %v", keys, recordings)
	}
	for _, table := range []string{"upload_sessions", "upload_files"} {
		if n := sqltest.Count(m.t, m.db, table); n != 0 {
			m.t.Errorf("a day later %s has %d rows", table, n)
		}
	}
	var running int
	if err := m.db.Raw().GetContext(m.t.Context(), &running, `SELECT count(*) FROM import_batches WHERE state = 'running'`); err != nil {
		m.t.Fatal(err)
	}
	if running > 0 {
		m.t.Errorf("a day later %d imports are running", running)
	}
}
