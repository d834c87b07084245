package importing_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// TestImportSurvivesEveryFailure makes each operation of an import fail: once, and from there on, as if the process
// had died. Afterwards no speech is without audio, no object without an owner, and the session can be imported.
func TestImportSurvivesEveryFailure(t *testing.T) {
	rows := []string{"a.mp3,Hi.,A1,,Food", "b.mp3,Bye.,A2,,Food", "old.mp3,Old.,A1,,Travel", "bad.mp3,,A1,,"}
	for _, dies := range []bool{false, true} {
		for n := 1; ; n++ {
			w := newWorld(t)
			if _, err := w.importCSV(t, w.upload(t, "old.mp3"), importing.Abort, "old.mp3,Old.,A1,,"); err != nil {
				t.Fatal(err)
			}
			id := w.upload(t, "a.mp3", "b.mp3", "old.mp3", "bad.mp3")
			breaker := w.breakAt(n, dies)
			report, err := w.importCSV(t, id, importing.Skip, rows...)
			w.heal()
			if !breaker.tripped() {
				if n < 25 || err != nil {
					t.Fatalf("an import has only %d operations: %v", n-1, err)
				}
				break
			}
			name := fmt.Sprintf("dies %v, operation %d (%s)", dies, n, breaker.op)
			w.checkAudio(t)
			done := len(w.speeches(t)) == 3
			if lostAnswer := dies && done; done != (err == nil) && !lostAnswer {
				t.Errorf("%s: err = %v, but there are the speeches %v", name, err, w.speeches(t))
			}
			if err == nil && (report.SuccessCount != 2 || report.UnchangedCount != 1 || report.ErrorCount != 1) {
				t.Errorf("%s: report = %+v", name, report)
			}
			if err != nil && !errors.Is(err, errDown) {
				t.Errorf("%s: err = %v", name, err)
			}
			w.pass(20 * time.Second)
			if _, err := w.SweepDead(t.Context()); err != nil {
				t.Errorf("%s: sweep: %v", name, err)
			}
			w.checkAudio(t)
			if len(w.speeches(t)) == 1 { // it has not happened: it can be done again
				report, err := w.importCSV(t, id, importing.Skip, rows...)
				if err != nil || report.SuccessCount != 2 || report.UnchangedCount != 1 {
					t.Errorf("%s: a second try: %+v, %v", name, report, err)
				}
			}
			w.sweepAll(t)
			w.pass(25 * time.Hour)
			w.sweepAll(t)
			if keys := w.objects.keys(); len(keys) != 3 {
				t.Errorf("%s: a day later there are %v", name, keys)
			}
			for _, b := range w.store.batches {
				if b.State == importing.BatchRunning {
					t.Errorf("%s: a batch is still running", name)
				}
			}
		}
	}
}

// TestALostAnswerCostsNoAudio commits, but the answer gets lost, and then the database is gone: nobody knows what
// happened, and so nothing is deleted.
func TestALostAnswerCostsNoAudio(t *testing.T) {
	w := newWorld(t)
	id := w.upload(t, "a.mp3")
	wrote, lost := false, false
	w.store.cat.Fail(func(op string) error {
		wrote = wrote || op == "InsertSpeeches"
		lost = lost || (wrote && op == "Committed")
		if lost {
			return errDown
		}
		return nil
	})
	_, err := w.importCSV(t, id, importing.Abort, "a.mp3,Hi.,A1,,")
	w.heal()
	if !errors.Is(err, errDown) || len(w.speeches(t)) != 1 {
		t.Fatalf("err = %v with %d speeches, want the database's and the speech", err, len(w.speeches(t)))
	}
	w.checkAudio(t)
	w.sweepAll(t)
}

// TestWritersWaitForAnImport looks at what the transaction does first: taking the lock of all writers of content.
func TestWritersWaitForAnImport(t *testing.T) {
	w := newWorld(t)
	id := w.upload(t, "a.mp3")
	var ops, transaction []string
	w.store.cat.Fail(func(op string) error {
		ops = append(ops, op)
		if op == "InTx" {
			ops = nil
		}
		if op == "InsertSpeeches" {
			transaction = ops
		}
		return nil
	})
	if _, err := w.importCSV(t, id, importing.Abort, "a.mp3,Hi.,A1,,"); err != nil {
		t.Fatal(err)
	}
	if len(transaction) == 0 || transaction[0] != "BumpVersion" {
		t.Fatalf("the transaction began with %v", transaction)
	}
}

// TestANameIsTakenUntilItsBytesAreGone uploads a file of a used name while the used one is being deleted.
func TestANameIsTakenUntilItsBytesAreGone(t *testing.T) {
	w := newWorld(t)
	id := w.upload(t, "a.mp3", "b.mp3")
	var up importing.Uploaded
	var once sync.Once
	w.objects.on(func(_ context.Context, op, _ string) error {
		if op == "Delete" {
			once.Do(func() {
				var err error
				if up, err = w.Upload(as(t, "alice"), &id, each(file{"a.mp3", "mp3:new"})); err != nil {
					t.Error(err)
				}
			})
		}
		return nil
	})
	if _, err := w.importCSV(t, id, importing.Skip, "a.mp3,Hi.,A1,,"); err != nil {
		t.Fatal(err)
	}
	if len(up.Files) != 1 || w.objects.data(up.Files[0].Key) != "mp3:new" {
		t.Fatalf("the new file %+v has lost its bytes", up.Files)
	}
}

// TestUsedFilesAreUsedEvenIfTheyCannotBeDeleted lets the audio store fail after the commit.
func TestUsedFilesAreUsedEvenIfTheyCannotBeDeleted(t *testing.T) {
	w := newWorld(t)
	id := w.upload(t, "a.mp3", "b.mp3")
	w.objects.on(func(_ context.Context, op, _ string) error {
		if op == "Delete" {
			return errDown
		}
		return nil
	})
	if _, err := w.importCSV(t, id, importing.Skip, "a.mp3,Hi.,A1,,"); err != nil {
		t.Fatal(err)
	}
	_, err := w.importCSV(t, id, importing.Skip, "a.mp3,Another text.,A1,,")
	wantFault(t, err, fault.KindUnsuitable)
	w.heal()
	w.pass(25 * time.Hour)
	w.sweepAll(t)
	if keys := w.objects.keys(); len(keys) != 1 {
		t.Fatalf("a day later there are %v", keys)
	}
}

// TestCopiesStayWhileNobodyKnowsHowTheBatchEnded lets an import fail, and then the database while it is given up.
func TestCopiesStayWhileNobodyKnowsHowTheBatchEnded(t *testing.T) {
	w := newWorld(t)
	id := w.upload(t, "a.mp3")
	w.store.cat.Fail(func(op string) error {
		if op == "InsertSpeeches" || op == "FinishBatch" {
			return errDown
		}
		return nil
	})
	if _, err := w.importCSV(t, id, importing.Abort, "a.mp3,Hi.,A1,,"); !errors.Is(err, errDown) {
		t.Fatalf("err = %v", err)
	}
	if keys := w.objects.keys(); len(keys) != 2 {
		t.Fatalf("objects = %v, want the upload and its copy", keys)
	}
	w.heal()
	w.pass(16 * time.Second)
	if report, err := w.SweepDead(t.Context()); err != nil || report.Batches != 1 || report.Recordings != 1 {
		t.Fatalf("sweep: %+v, %v", report, err)
	}
}

// TestImportSurvivesACancelledRequest cancels the request at the first copy.
func TestImportSurvivesACancelledRequest(t *testing.T) {
	w := newWorld(t)
	id := w.upload(t, "a.mp3", "b.mp3")
	ctx, cancel := context.WithCancel(as(t, "alice"))
	w.objects.on(func(ctx context.Context, op, _ string) error {
		if op == "Copy" {
			cancel()
			return ctx.Err()
		}
		return nil
	})
	_, err := w.ImportCSV(ctx, request(id, importing.Abort, "a.mp3,Hi.,A1,,", "b.mp3,Bye.,A1,,"))
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("err = %v", err)
	}
	if keys := w.objects.keys(); len(keys) != 2 || w.store.sessions[id].State != importing.SessionOpen {
		t.Fatalf("objects = %v, session = %v; want the uploads alone, open", keys, w.store.sessions[id])
	}
	w.heal()
	if _, err := w.importCSV(t, id, importing.Abort, "a.mp3,Hi.,A1,,", "b.mp3,Bye.,A1,,"); err != nil {
		t.Fatal(err)
	}
}
