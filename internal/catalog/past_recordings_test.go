package catalog_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// attic has the versions of a bucket.
type attic struct {
	versions map[string][]catalog.ObjectVersion
	content  map[string]string // by id
	err      error
}

func (a *attic) Versions(_ context.Context, key string) ([]catalog.ObjectVersion, error) {
	return a.versions[key], a.err
}

func (a *attic) ReadVersion(_ context.Context, _, id string) (io.ReadCloser, error) {
	content, there := a.content[id]
	if !there {
		return nil, fault.NotFound("no version %s", id)
	}
	return io.NopCloser(strings.NewReader(content)), nil
}

const month = 30 * 24 * time.Hour

// replaced is a studio with a speech that has had three recordings, the first of them replaced an hour before the second.
func replaced(t *testing.T, opts ...catalog.Option) (*world, catalog.Speech, []string) {
	t.Helper()
	w := newWorld(t, append([]catalog.Option{catalog.WithSniffer(sniffRIFF), catalog.WithRecordingsKept(month)}, opts...)...)
	clear(w.recordings.keys)
	s, err := w.CreateSpeech(t.Context(), hello(strings.NewReader("RIFF one")))
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{s.Audio}
	for _, content := range []string{"RIFF two", "RIFF three"} {
		w.pass(time.Hour)
		if s, err = w.UpdateSpeech(t.Context(), s.ID, catalog.SpeechChange{Recording: strings.NewReader(content)}); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, s.Audio)
	}
	return w, s, keys
}

func (w *world) states(t *testing.T, speech uuid.UUID) (states []string) {
	t.Helper()
	all, err := w.Recordings(t.Context(), speech)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		states = append(states, string(r.State)+" "+r.Version)
	}
	return states
}

func wantStates(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("recordings (-want +got):\n%s", diff)
	}
}

func TestRecordings(t *testing.T) {
	w, s, keys := replaced(t)
	wantStates(t, w.states(t, s.ID), "in_use "+keys[2], "kept "+keys[1], "kept "+keys[0])
	all, _ := w.Recordings(t.Context(), s.ID)
	if all[0].SHA256 != digest("RIFF three") || all[0].ReplacedAt != nil || all[2].SHA256 != digest("RIFF one") || !all[2].ReplacedAt.Equal(start.Add(time.Hour)) {
		t.Errorf("recordings = %+v", all)
	}
	delete(w.recordings.keys, keys[1])
	delete(w.recordings.keys, keys[2])
	wantStates(t, w.states(t, s.ID), "missing "+keys[2], "kept "+keys[0])
	if _, err := w.Recordings(t.Context(), uuid.Max); !fault.Is(err, fault.KindNotFound) {
		t.Errorf("of no speech: %v", err)
	}
	elsewhere := w.speech(t, "A1", "answer")
	wantStates(t, w.states(t, elsewhere.ID))
}

// TestRecordingURL: a link leads to what a key stands for now, and to nothing else.
func TestRecordingURL(t *testing.T) {
	w := newStudio(t)
	for state, linked := range map[catalog.RecordingState]bool{
		catalog.RecordingInUse: true, catalog.RecordingKept: true, catalog.RecordingMissing: false, catalog.RecordingRemoved: false,
	} {
		link, err := w.RecordingURL(t.Context(), catalog.Recording{Key: "audio/A1/one.mp3", State: state})
		if err != nil || (link != "") != linked {
			t.Errorf("%s: %q, %v", state, link, err)
		}
	}
	w.recordings.err = errors.New("no key to sign with")
	if _, err := w.RecordingURL(t.Context(), catalog.Recording{Key: "audio/A1/one.mp3", State: catalog.RecordingKept}); err == nil {
		t.Error("a link that cannot be signed is no error")
	}
}

func TestRestoreRecording(t *testing.T) {
	w, s, keys := replaced(t)
	w.pass(time.Minute)
	got, err := w.RestoreRecording(t.Context(), s.ID, catalog.PreviousRecording)
	if err != nil || got.Audio != keys[1] || got.AudioSHA256 != digest("RIFF two") {
		t.Fatalf("previous: %+v, %v", got, err)
	}
	wantStates(t, w.states(t, s.ID), "in_use "+keys[1], "kept "+keys[2], "kept "+keys[0])
	line := w.lastAudit(t)
	if line.Action != "speech.update" || line.ObjectID != s.ID.String() || line.Changes["audio_url"].After != keys[1] {
		t.Errorf("the audit log has %+v", line)
	}
	w.pass(time.Minute)
	if got, err = w.RestoreRecording(t.Context(), s.ID, keys[0]); err != nil || got.Audio != keys[0] {
		t.Fatalf("the first: %+v, %v", got, err)
	}
	wantStates(t, w.states(t, s.ID), "in_use "+keys[0], "kept "+keys[1], "kept "+keys[2])

	_, err = w.RestoreRecording(t.Context(), s.ID, keys[0])
	wantFault(t, err, fault.KindConflict)
	_, err = w.RestoreRecording(t.Context(), s.ID, "audio/A1/one.mp3")
	wantFault(t, err, fault.KindNotFound)
	_, err = w.RestoreRecording(t.Context(), uuid.Max, "previous")
	wantFault(t, err, fault.KindNotFound)
	delete(w.recordings.keys, keys[0])
	_, err = w.RestoreRecording(t.Context(), s.ID, keys[0])
	if f, ok := fault.As(err); !ok || f.Code != "recording_gone" {
		t.Errorf("what a folder has lost: %v", err)
	}
	fresh, err := w.CreateSpeech(t.Context(), hello(strings.NewReader("RIFF one")))
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.RestoreRecording(t.Context(), fresh.ID, "previous")
	wantFault(t, err, fault.KindNotFound)
}

// TestRestoreVersion brings back what was deleted in the bucket, and what was overwritten there.
func TestRestoreVersion(t *testing.T) {
	a := &attic{versions: map[string][]catalog.ObjectVersion{}, content: map[string]string{"v1": "RIFF three", "v2": "a text"}}
	w, s, keys := replaced(t, catalog.WithVersions(a))
	a.versions[keys[2]] = []catalog.ObjectVersion{{ID: "mark", Latest: true, Marker: true}, {ID: "v1", Size: 10}, {ID: "v2", Size: 3}, {ID: "v3"}}
	a.versions[keys[1]] = []catalog.ObjectVersion{{ID: "x", Size: 8, Latest: true}}
	wantStates(t, w.states(t, s.ID), "missing "+keys[2], "kept "+keys[1], "removed "+keys[2]+"@v1", "removed "+keys[2]+"@v2", "removed "+keys[2]+"@v3")

	got, err := w.RestoreRecording(t.Context(), s.ID, keys[2]+"@v1")
	if err != nil || got.AudioSHA256 != digest("RIFF three") || got.Audio == keys[2] || !w.recordings.keys[got.Audio] {
		t.Fatalf("restored: %+v, %v", got, err)
	}
	if w.recordings.put != "audio/wav: RIFF three" {
		t.Errorf("stored %q", w.recordings.put)
	}
	_, err = w.RestoreRecording(t.Context(), s.ID, keys[2]+"@v2")
	wantFault(t, err, fault.KindInvalid, "version")
	_, err = w.RestoreRecording(t.Context(), s.ID, keys[2]+"@v3")
	wantFault(t, err, fault.KindNotFound)
	a.err = errDown
	if _, err = w.RestoreRecording(t.Context(), s.ID, "previous"); !errors.Is(err, errDown) {
		t.Errorf("the store is down: %v", err)
	}
}

func TestReplacedRecordingsAreForgotten(t *testing.T) {
	w, s, keys := replaced(t)
	w.pass(month - time.Hour)
	for _, tt := range []struct {
		pass time.Duration
		want int
		left []string
	}{
		{0, 0, []string{"in_use " + keys[2], "kept " + keys[1], "kept " + keys[0]}},
		{time.Microsecond, 1, []string{"in_use " + keys[2], "kept " + keys[1]}},
		{time.Hour, 1, []string{"in_use " + keys[2]}},
	} {
		w.pass(tt.pass)
		if n, err := w.Sweep(t.Context()); err != nil || n != tt.want {
			t.Errorf("forgotten: %d, %v; want %d", n, err, tt.want)
		}
		wantStates(t, w.states(t, s.ID), tt.left...)
	}
	w.failOn("DropPastRecordings", errDown)
	if _, err := w.Sweep(t.Context()); !errors.Is(err, errDown) {
		t.Errorf("the store is down: %v", err)
	}
}

// TestKeepingMayBeOff, and failing to keep a recording fails the change.
func TestKeepingMayBeOff(t *testing.T) {
	w, s, keys := replaced(t, catalog.WithRecordingsKept(0))
	wantStates(t, w.states(t, s.ID), "in_use "+keys[2])

	w, s, keys = replaced(t)
	for _, op := range []string{"KeepRecording", "DropPastRecording"} {
		w.failOn(op, errDown)
		_, err := w.UpdateSpeech(t.Context(), s.ID, catalog.SpeechChange{Recording: strings.NewReader("RIFF four")})
		if !errors.Is(err, errDown) {
			t.Errorf("%s: %v", op, err)
		}
	}
	w.failOn("PastRecordings", errDown)
	if _, err := w.Recordings(t.Context(), s.ID); !errors.Is(err, errDown) {
		t.Errorf("PastRecordings: %v", err)
	}
	w.failOn("", nil)
	wantStates(t, w.states(t, s.ID), "in_use "+keys[2], "kept "+keys[1], "kept "+keys[0])
}
