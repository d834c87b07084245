package importing_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

func TestTwoImportsOfOneSession(t *testing.T) {
	w := newWorld(t)
	id := w.upload(t, "a.mp3")
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { _, errs[i] = w.importCSV(t, id, importing.Abort, "a.mp3,Hi.,A1,,") })
	}
	wg.Wait()
	succeeded := 0
	for _, err := range errs {
		switch {
		case err == nil:
			succeeded++
		case !fault.Is(err, fault.KindConflict) && !fault.Is(err, fault.KindNotFound) && !fault.Is(err, fault.KindUnsuitable):
			t.Errorf("err = %v", err)
		}
	}
	if succeeded != 1 || len(w.speeches(t)) != 1 {
		t.Fatalf("%d of 8 succeeded, there are %d speeches", succeeded, len(w.speeches(t)))
	}
	w.checkAudio(t)
}

// duringFirstCopy runs something in the middle of an import.
func (w *world) duringFirstCopy(fn func()) {
	var begun atomic.Bool // not a sync.Once: fn may copy too
	w.objects.on(func(_ context.Context, op, _ string) error {
		if op == "Copy" && !begun.Swap(true) {
			fn()
		}
		return nil
	})
}

func TestAnotherImportOfTheSameIsFaster(t *testing.T) {
	w := newWorld(t)
	slow, fast := w.upload(t, "a.mp3", "b.mp3"), w.upload(t, "a.mp3")
	w.duringFirstCopy(func() {
		if _, err := w.importCSV(t, fast, importing.Abort, "a.mp3,Hi.,A1,,Food"); err != nil {
			t.Error(err)
		}
	})
	report, err := w.importCSV(t, slow, importing.Abort, "a.mp3,Hi.,A1,,Travel", "b.mp3,Bye.,A1,,")
	if err != nil || report.SuccessCount != 1 || report.UnchangedCount != 1 {
		t.Fatalf("report = %+v, %v", report, err)
	}
	if got := tagNames(w.speeches(t)["Hi."]); got != "Food,Travel" {
		t.Fatalf("tags = %s", got)
	}
	if keys := w.objects.keys(); len(keys) != 2 {
		t.Fatalf("objects = %v, want one for each speech: the copy that was not needed is gone", keys)
	}
	w.checkAudio(t)
}

func TestAnEqualSpeechIsDeletedMeanwhile(t *testing.T) {
	w := newWorld(t)
	first, err := w.importCSV(t, w.upload(t, "a.mp3"), importing.Abort, "a.mp3,Hi.,A1,,")
	if err != nil {
		t.Fatal(err)
	}
	w.duringFirstCopy(func() {
		if err := w.store.cat.DeleteSpeech(t.Context(), first.Created[0].SpeechID, start); err != nil {
			t.Error(err)
		}
	})
	report, err := w.importCSV(t, w.upload(t, "a.mp3", "b.mp3"), importing.Abort, "a.mp3,Hi.,A1,,", "b.mp3,Bye.,A1,,")
	if err != nil || report.SuccessCount != 2 || report.UnchangedCount != 0 {
		t.Fatalf("report = %+v, %v; want a new speech in place of the deleted one", report, err)
	}
	w.checkAudio(t)
}

func TestACatalogueThatNeverStandsStill(t *testing.T) {
	w := newWorld(t)
	names := []string{"a.mp3", "b.mp3", "c.mp3", "d.mp3", "e.mp3"}
	rows := make([]string, len(names))
	for i, name := range names {
		rows[i] = name + ",Text " + name + ",A1,,"
	}
	first, err := w.importCSV(t, w.upload(t, names[:4]...), importing.Abort, rows[:4]...)
	if err != nil {
		t.Fatal(err)
	}
	gone := 0
	w.objects.on(func(_ context.Context, op, _ string) error { // each copy makes another one necessary
		if op == "Copy" && gone < 4 {
			gone++
			return w.store.cat.DeleteSpeech(t.Context(), first.Created[gone-1].SpeechID, start)
		}
		return nil
	})
	id := w.upload(t, names...)
	_, err = w.importCSV(t, id, importing.Abort, rows...)
	if f := faultOf(t, err, fault.KindConflict); f.Code != "catalogue_busy" {
		t.Fatalf("err = %v", err)
	}
	if w.store.sessions[id].State != importing.SessionOpen {
		t.Fatal("the session is not open again")
	}
	w.heal()
	w.sweepAll(t)
}

func TestAFileIsUsedByAnotherImportMeanwhile(t *testing.T) {
	w := newWorld(t)
	id := w.upload(t, "a.mp3", "b.mp3", "c.mp3")
	files := 0
	var once sync.Once
	w.store.cat.Fail(func(op string) error {
		if op == "UploadFiles" { // read by the slow import's judgement: the next transaction is its claim
			files++
		}
		if op == "InTx" && files == 1 {
			once.Do(func() {
				for fid, f := range w.store.files {
					if f.Name == "a.mp3" {
						delete(w.store.files, fid)
					}
				}
			})
		}
		return nil
	})
	_, err := w.importCSV(t, id, importing.Skip, "a.mp3,Hi.,A1,,", "b.mp3,Bye.,A1,,")
	if f := faultOf(t, err, fault.KindConflict); f.Code != "upload_session_busy" {
		t.Fatalf("err = %v", err)
	}
	if w.store.sessions[id].State != importing.SessionOpen || len(w.store.batches) != 0 {
		t.Fatal("the import has begun")
	}
}

func TestAnUploadedFileIsGone(t *testing.T) {
	w := newWorld(t)
	id := w.upload(t, "a.mp3")
	if err := w.objects.Delete(t.Context(), w.objects.keys()...); err != nil {
		t.Fatal(err)
	}
	_, err := w.importCSV(t, id, importing.Abort, "a.mp3,Hi.,A1,,")
	if f := faultOf(t, err, fault.KindConflict); f.Code != "upload_missing" || !strings.Contains(f.Message, "Row 1: the audio file 'a.mp3' is gone") {
		t.Fatalf("err = %v", err)
	}
}

// TestFilesStillArrivingAreNoFiles imports a session while an upload has only reserved a name.
func TestFilesStillArrivingAreNoFiles(t *testing.T) {
	w := newWorld(t)
	id := w.upload(t, "a.mp3")
	asked := 0
	w.objects.on(func(_ context.Context, op, _ string) error {
		if op != "Put" {
			return nil
		}
		asked++
		_, err := w.importCSV(t, id, importing.Skip, "b.mp3,Bye.,A1,,")
		wantFault(t, err, fault.KindUnsuitable)
		return nil
	})
	if _, err := w.Upload(as(t, "alice"), &id, each(file{"b.mp3", "mp3:b"})); err != nil || asked != 1 {
		t.Fatal(asked, err)
	}
	w.heal()
	if r, err := w.importCSV(t, id, importing.Skip, "b.mp3,Bye.,A1,,"); err != nil || r.SuccessCount != 1 {
		t.Fatal(r, err)
	}
}
