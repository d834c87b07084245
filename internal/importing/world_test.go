package importing_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/paging"
)

// world is the service with surroundings that a test can move and break.
type world struct {
	*importing.Service
	store   *memStore
	objects *memObjects

	mu      sync.Mutex
	at      time.Time
	changed int
	// afterwards is what a row of a table does after the import.
	afterwards func()
}

var (
	start   = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	errDown = errors.New("it is down")
)

func newWorld(t testing.TB, opts ...importing.Option) *world {
	t.Helper()
	w := &world{store: newMemStore(), at: start, afterwards: func() {}}
	w.objects = newMemObjects(w.now)
	opts = append([]importing.Option{importing.WithClock(w.now)}, opts...)
	w.Service = importing.New(w.store, w.objects, w, importing.Config{
		FilesConfig: importing.FilesConfig{Sniff: sniff, Examine: examine, Sheet: sheet},
		SessionTTL:  24 * time.Hour, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}, opts...)
	return w
}

// sniff recognises the recordings of these tests, which say what they are.
func sniff(head []byte) (ext, contentType string, err error) {
	if len(head) > 8<<10 {
		panic("more than 8 KiB")
	}
	kind, _, _ := strings.Cut(string(head), ":")
	switch kind {
	case "mp3", "wav", "m4a":
		return "." + kind, "audio/" + kind, nil
	}
	return "", "", errors.New("a FLAC file")
}

// good is a recording that nothing is wrong with.
var good = importing.Sound{
	Format: "MP3", Codec: "MP3", SampleRate: 44_100, Channels: 1, BitRate: 64_000, Duration: 3 * time.Second,
	Speech: -20, Peak: -3, Leading: 200 * time.Millisecond, Trailing: 300 * time.Millisecond, Sounding: 2500 * time.Millisecond,
}

// examine decodes the recordings of these tests: "mp3:film" is one that nobody can play, "mp3:hush" is silent, and
// "mp3:quiet" is quiet.
func examine(ctx context.Context, content []byte) (importing.Sound, error) {
	if err := ctx.Err(); err != nil {
		return importing.Sound{}, err
	}
	sound := good
	switch _, what, _ := strings.Cut(string(content), ":"); {
	case strings.HasPrefix(what, "film"):
		return importing.Sound{}, errors.New("it holds a video track")
	case strings.HasPrefix(what, "hush"):
		sound.Leading, sound.Trailing, sound.Sounding, sound.Speech = sound.Duration, 0, 0, -120
	case strings.HasPrefix(what, "quiet"):
		sound.Speech = -52
	}
	return sound, nil
}

// sheet reads the workbooks of these tests: after the four bytes that make them one, a row a line with tabs between its
// cells; "!" is a broken one.
func sheet(content []byte) ([]importing.SheetRow, error) {
	text := string(content[4:])
	if text == "!" {
		return nil, fault.Invalid("file", "The workbook is damaged")
	}
	var rows []importing.SheetRow
	for i, line := range strings.Split(text, "\n") {
		rows = append(rows, importing.SheetRow{Number: i + 1, Cells: strings.Split(line, "\t")})
	}
	return rows, nil
}

// Changed counts what the service tells the catalogue.
func (w *world) Changed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changed++
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

// as is a context in which somebody acts.
func as(t testing.TB, actor string) context.Context {
	return audit.WithOrigin(t.Context(), audit.Origin{Actor: actor})
}

// file is a recording to upload.
type file struct{ name, content string }

// each hands out files as a form does.
func each(files ...file) func() (importing.IncomingFile, error) {
	return func() (importing.IncomingFile, error) {
		if len(files) == 0 {
			return importing.IncomingFile{}, io.EOF
		}
		f := files[0]
		files = files[1:]
		return importing.IncomingFile{Name: f.name, Content: strings.NewReader(f.content)}, nil
	}
}

// upload makes a session of alice with recordings of the names, each with content of its own.
func (w *world) upload(t testing.TB, names ...string) uuid.UUID {
	t.Helper()
	var files []file
	for _, name := range names {
		files = append(files, file{name, "mp3:" + name})
	}
	up, err := w.Upload(as(t, "alice"), nil, each(files...))
	if err != nil {
		t.Fatal(err)
	}
	return up.Session.ID
}

// importCSV imports rows as alice; a header is put before them.
func (w *world) importCSV(t testing.TB, session uuid.UUID, onError importing.OnError, rows ...string) (importing.Report, error) {
	t.Helper()
	return w.ImportCSV(as(t, "alice"), request(session, onError, rows...))
}

func request(session uuid.UUID, onError importing.OnError, rows ...string) importing.Request {
	content := "audio_filename,text,level,type,tags\n" + strings.Join(rows, "\n")
	return importing.Request{SessionID: session, FileName: "lessons.csv", Content: strings.NewReader(content), OnError: onError}
}

// speeches returns all live speeches by text.
func (w *world) speeches(t testing.TB) map[string]catalog.Speech {
	t.Helper()
	list, total, err := w.store.cat.Speeches(t.Context(), catalog.SpeechFilter{}, paging.Page{Number: 1, Limit: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	byText := map[string]catalog.Speech{}
	for _, s := range list {
		byText[s.Text] = s
	}
	if len(byText) != total {
		t.Fatalf("%d speeches have only %d texts", total, len(byText))
	}
	return byText
}

// heal lets everything work again.
func (w *world) heal() {
	w.store.cat.Fail(func(string) error { return nil })
	w.objects.on(func(context.Context, string, string) error { return nil })
}

// checkAudio fails unless every speech has its recording.
func (w *world) checkAudio(t testing.TB) {
	t.Helper()
	for text, s := range w.speeches(t) {
		if w.objects.data(s.Audio) == "" {
			t.Errorf("the speech %q has no audio: %s", text, s.Audio)
		}
	}
}

// sweepAll lets time pass and sweeps; afterwards every object must have an owner, and every speech its audio.
func (w *world) sweepAll(t testing.TB) importing.SweepReport {
	t.Helper()
	w.pass(11 * time.Minute)
	report, err := w.Sweep(t.Context())
	if err != nil {
		t.Fatalf("sweep: %v", err)
	}
	w.checkAudio(t)
	used, err := w.store.ReferencedKeys(t.Context(), w.objects.keys())
	if err != nil {
		t.Fatal(err)
	}
	known, err := w.store.UploadKeys(t.Context(), w.objects.keys())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range w.objects.keys() {
		if !used[key] && !known[key] {
			t.Errorf("after the sweep the object %s has no owner", key)
		}
	}
	return report
}

// faultOf returns err's fault, or fails unless it is of the kind.
func faultOf(t testing.TB, err error, kind fault.Kind) *fault.Error {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != kind {
		t.Fatalf("err = %v, want %s", err, kind)
	}
	return f
}

// wantFault fails unless err is of the kind and names exactly the fields as wrong.
func wantFault(t testing.TB, err error, kind fault.Kind, fields ...string) {
	t.Helper()
	var got []string
	for _, field := range faultOf(t, err, kind).Fields {
		got = append(got, field.Name)
	}
	if strings.Join(got, " ") != strings.Join(fields, " ") {
		t.Fatalf("fields = %v (%v), want %v", got, err, fields)
	}
}
