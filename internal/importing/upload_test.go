package importing_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func TestUpload(t *testing.T) {
	w := newWorld(t)
	big := "wav:" + strings.Repeat("x", 10<<20-4)
	up, err := w.Upload(as(t, "alice"), nil, each(
		file{"a.mp3", "mp3:1"}, file{"a_1.mp3", "mp3:2"}, file{"a.mp3", "m4a:3"}, file{"cafe\u0301.wav", big}, file{"caf\u00e9.wav", "mp3:5"}, file{"a.mp3", "mp3:6"},
	))
	if err != nil {
		t.Fatal(err)
	}
	wantSession := importing.UploadSession{
		ID: up.Session.ID, Author: "alice", State: importing.SessionOpen, CreatedAt: start, ExpiresAt: start.Add(24 * time.Hour),
		LeaseUntil: start,
	}
	if diff := cmp.Diff(wantSession, up.Session); diff != "" {
		t.Fatal(diff)
	}
	want := []importing.UploadFile{
		{OriginalName: "a.mp3", Name: "a.mp3", Size: 5, SHA256: digest("mp3:1"), Ext: ".mp3"},
		{OriginalName: "a_1.mp3", Name: "a_1.mp3", Size: 5, SHA256: digest("mp3:2"), Ext: ".mp3"},
		{OriginalName: "a.mp3", Name: "a_2.mp3", Size: 5, SHA256: digest("m4a:3"), Ext: ".m4a"}, // by content, not by name
		{OriginalName: "caf\u00e9.wav", Name: "caf\u00e9.wav", Size: 10 << 20, SHA256: digest(big), Ext: ".wav"},
		{OriginalName: "caf\u00e9.wav", Name: "caf\u00e9_1.wav", Size: 5, SHA256: digest("mp3:5"), Ext: ".mp3"},
		{OriginalName: "a.mp3", Name: "a_3.mp3", Size: 5, SHA256: digest("mp3:6"), Ext: ".mp3"},
	}
	for i, f := range up.Files {
		want[i].ID, want[i].SessionID, want[i].UploadedAt = f.ID, up.Session.ID, start
		want[i].Sound = &good
		want[i].Key = "audio/uploads/" + up.Session.ID.String() + "/" + want[i].Name
		if got := digest(w.objects.data(f.Key)); got != want[i].SHA256 {
			t.Errorf("%s holds other bytes", f.Key)
		}
		if w.store.files[f.ID] != f {
			t.Errorf("the record of %s is %+v", f.Name, w.store.files[f.ID])
		}
	}
	if diff := cmp.Diff(want, up.Files); diff != "" {
		t.Fatal(diff)
	}
	entry := w.store.cat.Audit()[0]
	wantChanges := map[string]audit.Change{"files": {After: 6}, "bytes": {After: int64(10<<20 + 25)}}
	if diff := cmp.Diff(wantChanges, entry.Changes); diff != "" || entry.Action != "import.upload" || entry.ObjectID != up.Session.ID.String() || entry.Origin.Actor != "alice" {
		t.Fatal(entry, diff)
	}

	more, err := w.Upload(as(t, "alice"), &up.Session.ID, each(file{"a.mp3", "mp3:7"}))
	if err != nil || more.Session != up.Session || more.Files[0].Name != "a_4.mp3" {
		t.Fatalf("into the same session: %+v, %v", more, err)
	}
}

// nothingLeft fails if a refused upload has left something.
func (w *world) nothingLeft(t *testing.T) {
	t.Helper()
	if keys := w.objects.keys(); len(keys)+len(w.store.files)+len(w.store.sessions)+len(w.store.cat.Audit()) != 0 {
		t.Errorf("left behind: objects %v, files %v, sessions %v", keys, w.store.files, w.store.sessions)
	}
}

func TestUploadRefuses(t *testing.T) {
	good := file{"good.mp3", "mp3:good"}
	many := make([]file, 501)
	for i := range many {
		many[i] = file{fmt.Sprintf("%d.mp3", i), "mp3:x"}
	}
	tests := []struct {
		name   string
		files  []file
		kind   fault.Kind
		code   string
		detail string
	}{
		{"no file", nil, fault.KindInvalid, "", "No file was sent; at least one is needed"},
		{"501 files", many, fault.KindInvalid, "", "At most 500 files can be sent at once; send the others to the same upload session"},
		{"another format", []file{good, {"song.mp3", "fLaC"}}, fault.KindInvalid, "unsupported_audio", "'song.mp3' is a FLAC file; only MP3, WAV and M4A are allowed"},
		{"an empty file", []file{good, {"none.mp3", ""}}, fault.KindInvalid, "", "'none.mp3' is empty"},
		{"a folder in the name", []file{good, {"../x.mp3", "mp3:x"}}, fault.KindInvalid, "", "The file name '../x.mp3' contains a folder; send the name alone"},
		{"one byte too many", []file{good, {"big.mp3", "mp3:" + strings.Repeat("x", 10<<20-3)}}, fault.KindTooLarge, "", "'big.mp3' is larger than 10 MiB, the limit for a recording"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.Upload(as(t, "alice"), nil, each(tt.files...))
			f, _ := fault.As(err)
			if f == nil || f.Kind != tt.kind || f.Code != tt.code || !strings.Contains(f.Error(), tt.detail) {
				t.Fatalf("err = %v, want %s %s %q", err, tt.kind, tt.code, tt.detail)
			}
			if tt.kind == fault.KindInvalid {
				wantFault(t, err, tt.kind, "files")
			}
			w.nothingLeft(t)
		})
	}
}

func TestUploadTakes500Files(t *testing.T) {
	w := newWorld(t)
	up, err := w.Upload(as(t, "alice"), nil, each(slices500()...))
	if err != nil || len(up.Files) != 500 || up.Files[499].Name != "same_499.mp3" {
		t.Fatalf("%d files, %v", len(up.Files), err)
	}
}

func slices500() []file {
	files := make([]file, 500)
	for i := range files {
		files[i] = file{"same.mp3", "mp3:x"}
	}
	return files
}

func TestUploadKnowsWhoseSessionItIs(t *testing.T) {
	tests := []struct {
		name  string
		actor string
		set   func(w *world, id *uuid.UUID)
		kind  fault.Kind
	}{
		{"somebody else's session", "bob", func(*world, *uuid.UUID) {}, fault.KindNotFound},
		{"no such session", "alice", func(_ *world, id *uuid.UUID) { *id = uuid.Max }, fault.KindNotFound},
		{"an expired session", "alice", func(w *world, _ *uuid.UUID) { w.pass(24 * time.Hour) }, fault.KindNotFound},
		{"a used session", "alice", func(w *world, id *uuid.UUID) { w.setState(*id, importing.SessionUsed) }, fault.KindNotFound},
		{"a session that is being imported", "alice", func(w *world, id *uuid.UUID) { w.setState(*id, importing.SessionImporting) }, fault.KindConflict},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			id := w.upload(t, "a.mp3")
			tt.set(w, &id)
			asked := false
			_, err := w.Upload(as(t, tt.actor), &id, func() (importing.IncomingFile, error) { asked = true; return importing.IncomingFile{}, io.EOF })
			wantFault(t, err, tt.kind)
			if asked {
				t.Error("a file was asked for")
			}
			_, err = w.ImportCSV(as(t, tt.actor), request(id, importing.Abort, "a.mp3,Hi.,A1,,"))
			wantFault(t, err, tt.kind)
		})
	}
}

func (w *world) setState(id uuid.UUID, state importing.SessionState) {
	s := w.store.sessions[id]
	s.State = state
	w.store.sessions[id] = s
}

// TestUploadIntoASessionThatIsTakenMeanwhile imports the session between two files of an upload, or after the last.
func TestUploadIntoASessionThatIsTakenMeanwhile(t *testing.T) {
	for _, at := range []int{1, 2, 3} {
		w := newWorld(t)
		id := w.upload(t, "a.mp3")
		n := 0
		_, err := w.Upload(as(t, "alice"), &id, func() (importing.IncomingFile, error) {
			n++
			if n == at {
				if _, err := w.importCSV(t, id, importing.Abort, "a.mp3,Hi.,A1,,"); err != nil {
					t.Error(err)
				}
			}
			if n == 3 {
				return importing.IncomingFile{}, io.EOF
			}
			return importing.IncomingFile{Name: fmt.Sprint(n, ".mp3"), Content: strings.NewReader("mp3:x")}, nil
		})
		wantFault(t, err, fault.KindNotFound)
		if keys := w.objects.keys(); len(keys) != 1 || !strings.HasPrefix(keys[0], "audio/A1/") {
			t.Errorf("taken before file %d: objects = %v, want that of the imported speech", at, keys)
		}
	}
}

func TestUploadPassesOnReadErrors(t *testing.T) {
	broken := errors.New("the phone is gone")
	tests := []struct {
		name string
		next func() (importing.IncomingFile, error)
	}{
		{"of the form", func() (importing.IncomingFile, error) { return importing.IncomingFile{}, broken }},
		{"of the first bytes", func() (importing.IncomingFile, error) {
			return importing.IncomingFile{Name: "a.mp3", Content: iotest.ErrReader(broken)}, nil
		}},
		{"in the middle of a file", func() (importing.IncomingFile, error) {
			content := io.MultiReader(strings.NewReader("mp3:"+strings.Repeat("x", 20_000)), iotest.ErrReader(broken))
			return importing.IncomingFile{Name: "a.mp3", Content: content}, nil
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			if _, err := w.Upload(as(t, "alice"), nil, tt.next); !errors.Is(err, broken) {
				t.Fatalf("err = %v, want the reader's", err)
			}
			w.nothingLeft(t)
		})
	}
}

// TestUploadsAtTheSameTime lets many uploads bring files of the same names into one session: each gets a name of its
// own, and no bytes are lost.
func TestUploadsAtTheSameTime(t *testing.T) {
	w := newWorld(t)
	id := w.upload(t, "first.mp3")
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[string]string{} // key: digest
	for worker := range 10 {
		wg.Go(func() {
			var files []file
			for i := range 5 {
				files = append(files, file{"same.mp3", fmt.Sprintf("mp3:%d/%d", worker, i)})
			}
			up, err := w.Upload(as(t, "alice"), &id, each(files...))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for i, f := range up.Files {
				if want := digest(files[i].content); f.SHA256 != want {
					t.Errorf("%s has the digest of another file", f.Name)
				}
				got[f.Key] = f.SHA256
			}
		})
	}
	wg.Wait()
	if len(got) != 50 {
		t.Fatalf("50 files got %d different keys", len(got))
	}
	for key, want := range got {
		if digest(w.objects.data(key)) != want {
			t.Errorf("%s holds another upload's bytes", key)
		}
	}
}

// TestUploadSurvivesEveryFailure makes each operation of an upload fail: once, and from there on, as if the process
// had died.
func TestUploadSurvivesEveryFailure(t *testing.T) {
	files := []file{{"a.mp3", "mp3:1"}, {"a.mp3", "mp3:2"}, {"b.mp3", "mp3:3"}}
	for _, intoOld := range []bool{false, true} {
		for _, dies := range []bool{false, true} {
			for n := 1; ; n++ {
				w := newWorld(t)
				var id *uuid.UUID
				if intoOld {
					old := w.upload(t, "a.mp3")
					id = &old
				}
				breaker := w.breakAt(n, dies)
				up, err := w.Upload(as(t, "alice"), id, each(files...))
				w.heal()
				if !breaker.tripped() {
					if n < 10 || err != nil {
						t.Fatalf("an upload has only %d operations: %v", n-1, err)
					}
					break
				}
				name := fmt.Sprintf("old session %v, dies %v, operation %d (%s)", intoOld, dies, n, breaker.op)
				if err == nil {
					t.Fatalf("%s: no error", name)
				}
				for _, f := range up.Files {
					t.Errorf("%s: returned %s", name, f.Name)
				}
				if !dies && breaker.op != "Committed" { // after a lost answer a record may be left, without bytes
					for _, f := range w.store.files {
						if f.Name != "a.mp3" || !intoOld {
							t.Errorf("%s: the name %s is still taken", name, f.Name)
						}
					}
					if _, err := w.Upload(as(t, "alice"), id, each(files...)); err != nil {
						t.Errorf("%s: a second try: %v", name, err)
					}
				}
				w.pass(25 * time.Hour)
				w.sweepAll(t)
				if keys := w.objects.keys(); len(keys) != 0 || len(w.store.sessions) != 0 {
					t.Errorf("%s: a day later there are %v and %v", name, keys, w.store.sessions)
				}
			}
		}
	}
}

// breaker makes one operation fail, or all from it on.
type breaker struct {
	mu       sync.Mutex
	count, n int
	forever  bool
	op       string
}

func (b *breaker) check(op string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count++
	if b.count < b.n || (b.count > b.n && !b.forever) {
		return nil
	}
	if b.count == b.n {
		b.op = op
	}
	return fmt.Errorf("%s: %w", op, errDown)
}

func (b *breaker) tripped() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.op != ""
}

// breakAt makes the n-th operation on the database or the audio store fail, and, if the process dies, all after it.
func (w *world) breakAt(n int, dies bool) *breaker {
	b := &breaker{n: n, forever: dies}
	w.store.cat.Fail(b.check)
	w.objects.on(func(_ context.Context, op, _ string) error { return b.check(op) })
	return b
}
