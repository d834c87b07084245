package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// outgoing is a file whose digest is its name's, as the fake daemon makes it.
func outgoing(name string, size int64) importing.Outgoing {
	return importing.Outgoing{
		PlannedFile: importing.PlannedFile{LocalFile: importing.LocalFile{Name: name, Size: size, SHA256: "sha of " + name}, Level: "A1"},
		Open:        func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("content of " + name)), nil },
	}
}

// taker is a daemon that takes uploads; what it does with a request is up to the test.
type taker struct {
	*daemon
	mu    sync.Mutex
	forms []string
}

func newTaker(t *testing.T, answer func(w http.ResponseWriter, form string)) *taker {
	t.Helper()
	taken := &taker{}
	taken.daemon = newDaemon(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/sessions") {
			answerJSON(w, 200, map[string]any{
				"upload_session_id": speechID, "expires_at": "2026-01-01T00:00:00Z",
				"uploaded_files": []any{map[string]any{"filename": "there.mp3", "size_bytes": 3, "sha256": "sha of there.mp3"}, map[string]any{"filename": "other.mp3", "size_bytes": 3, "sha256": "x"}},
			})
			return
		}
		form := formOf(t, r)
		taken.mu.Lock()
		taken.forms = append(taken.forms, form)
		taken.mu.Unlock()
		answer(w, form)
	})
	return taken
}

// takeAll answers as if all files of the form had arrived.
func takeAll(w http.ResponseWriter, form string) {
	var files []any
	for part := range strings.SplitSeq(form, "|") {
		if rest, ok := strings.CutPrefix(part, "files("); ok {
			name, _, _ := strings.Cut(rest, ")")
			files = append(files, map[string]any{"filename": name, "sha256": "sha of " + name})
		}
	}
	answerJSON(w, 200, map[string]any{"upload_session_id": speechID, "uploaded_files": files})
}

// TestUploadAll: what has arrived is not sent again; the others go in parts, each with its level.
func TestUploadAll(t *testing.T) {
	d := newTaker(t, takeAll)
	s := d.services().Imports
	session, arrived, err := s.Continue(t.Context(), "digest")
	must(t, err)
	if len(arrived) != 2 || session.ID != speechID {
		t.Fatalf("%v %v", session, arrived)
	}
	files := []importing.Outgoing{outgoing("there.mp3", 3), outgoing("other.mp3", 3), outgoing("large.mp3", 10<<20), outgoing(`a "b" é.mp3`, 1)}
	var done []string
	must(t, s.UploadAll(t.Context(), session.ID, files, func(f importing.PlannedFile) { done = append(done, f.Name) }))
	slices.Sort(done)
	if diff := cmp.Diff([]string{`a "b" é.mp3`, "large.mp3", "other.mp3", "there.mp3"}, done); diff != "" {
		t.Errorf("done (-want +got):\n%s", diff)
	}
	part := func(names ...string) string {
		form := "upload_session_id=" + speechID.String()
		for _, name := range names {
			form += "|level=A1|files(" + name + ")=content of " + name
		}
		return form
	}
	slices.Sort(d.forms)
	want := []string{part(`a "b" é.mp3`), part("large.mp3"), part("other.mp3")}
	slices.Sort(want)
	if diff := cmp.Diff(want, d.forms); diff != "" {
		t.Errorf("the forms (-want +got):\n%s", diff)
	}
}

// TestParts bound what one request carries.
func TestParts(t *testing.T) {
	for name, tc := range map[string]struct{ files, size, want int }{
		"few": {3, 1, 3}, "many small ones": {40, 1, partFiles}, "large ones": {40, 1 << 20, 4}, "one larger than a part": {2, 10 << 20, 1},
	} {
		var files []importing.Outgoing
		for i := range tc.files {
			files = append(files, outgoing(fmt.Sprint(i), int64(tc.size)))
		}
		if got := len(firstPart(files)); got != tc.want {
			t.Errorf("%s: %d files in a part, want %d", name, got, tc.want)
		}
	}
}

// TestUploadsThatFail: only what is there for good counts as done.
func TestUploadsThatFail(t *testing.T) {
	broken := outgoing("broken.mp3", partBytes)
	broken.Open = func() (io.ReadCloser, error) { return nil, errAny }
	for name, tc := range map[string]struct {
		file   importing.Outgoing
		answer func(http.ResponseWriter, string)
		holds  func(error) bool
	}{
		"a file that is gone": {broken, takeAll, func(err error) bool { return errors.Is(err, errAny) }},
		"a daemon that refuses": {outgoing("bad.mp3", partBytes), func(w http.ResponseWriter, form string) {
			if strings.Contains(form, "bad.mp3") {
				sendProblem(w, 400, "unsupported_audio", "'bad.mp3' is silent")
				return
			}
			takeAll(w, form)
		}, func(err error) bool { f, ok := fault.As(err); return ok && f.Code == "unsupported_audio" }},
		"a file that has changed": {outgoing("bad.mp3", partBytes), func(w http.ResponseWriter, form string) {
			if strings.Contains(form, "bad.mp3") {
				answerJSON(w, 200, map[string]any{"uploaded_files": []any{map[string]any{"filename": "bad.mp3", "sha256": "another"}}})
				return
			}
			takeAll(w, form)
		}, func(err error) bool { f, ok := fault.As(err); return ok && f.Code == "recording_changed" }},
	} {
		t.Run(name, func(t *testing.T) {
			d := newTaker(t, tc.answer)
			var done []string
			err := d.services().Imports.UploadAll(t.Context(), speechID, []importing.Outgoing{tc.file}, func(f importing.PlannedFile) { done = append(done, f.Name) })
			if !tc.holds(err) || len(done) > 0 {
				t.Errorf("err = %v, done %v", err, done)
			}
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		d := newTaker(t, takeAll)
		err := d.services().Imports.UploadAll(ctx, speechID, []importing.Outgoing{outgoing("a.mp3", 1)}, func(importing.PlannedFile) { t.Error("done") })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
	})
}

// TestAfterwards: an interrupted import still tells the daemon that it has ended.
func TestAfterwards(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := newDaemon(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	s := d.services().Imports
	must(t, s.Release(ctx, speechID))
	must(t, s.Discard(ctx, speechID))
	want := []string{"POST " + sessionPath(speechID) + "/release", "DELETE " + sessionPath(speechID)}
	if diff := cmp.Diff(want, d.requests()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// TestPlan: the plan's files are those that were described; the daemon cannot ask for others.
func TestPlan(t *testing.T) {
	upload := "a.mp3"
	d := newDaemon(t, func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, 200, map[string]any{
			"rows": 2, "new": 1, "unchanged": 0, "rejected": 1, "missing_audio": []string{"x.mp3"},
			"errors":   []any{map[string]any{"row": 2, "line": 3, "field": "level", "value": "D1", "error": "Invalid level"}},
			"warnings": []any{map[string]any{"row": 1, "line": 2, "code": "quiet", "value": "a.mp3", "warning": "It is quiet"}},
			"new_tags": []any{map[string]any{"name": "Fod", "did_you_mean": "Food"}, map[string]any{"name": "New", "did_you_mean": nil}},
			"upload":   []any{map[string]any{"name": upload, "level": "A1"}}, "known": []any{},
		})
	})
	local := importing.LocalFile{Name: "a.mp3", Size: 5, SHA256: "d", Ext: ".mp3", Sound: &importing.Sound{Codec: "MP3"}}
	request := importing.PlanRequest{Content: []byte("x"), Recordings: []importing.LocalFile{local}}
	got, err := d.services().Imports.Plan(t.Context(), request)
	must(t, err)
	want := importing.Plan{
		Rows: 2, New: 1, Rejected: 1, Missing: []string{"x.mp3"},
		Errors:   []importing.PlanError{{RowError: importing.RowError{Row: 2, Line: 3, Field: "level", Message: "Invalid level"}, Value: "D1"}},
		Warnings: []importing.PlanWarning{{RowWarning: importing.RowWarning{Row: 1, Line: 2, Code: "quiet", Message: "It is quiet"}, Value: "a.mp3"}},
		NewTags:  []importing.NewTag{{Name: "Fod", DidYouMean: "Food"}, {Name: "New"}},
		Upload:   []importing.PlannedFile{{LocalFile: local, Level: catalog.Level("A1")}}, Known: []importing.PlannedFile{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	upload = "../../.ssh/id_ed25519"
	if _, err := d.services().Imports.Plan(t.Context(), request); err == nil || !strings.Contains(err.Error(), "which it was not told of") {
		t.Errorf("a file that nobody has offered: %v", err)
	}
}

// TestImportRefused: bad rows are the fault that they are elsewhere, and a lost answer is not repeated.
func TestImportRefused(t *testing.T) {
	d := newDaemon(t, func(w http.ResponseWriter, _ *http.Request) {
		sendProblem(w, 422, "import_rejected", "1 of 2 rows are invalid; nothing was imported")
	})
	_, err := d.services().Imports.ImportCSV(t.Context(), importing.Request{SessionID: uuid.Nil, Content: strings.NewReader("x")})
	if f, ok := fault.As(err); !ok || f.Kind != fault.KindUnsuitable || f.Code != "import_rejected" || len(d.requests()) != 1 {
		t.Errorf("err = %v, asked %v", err, d.requests())
	}
}
