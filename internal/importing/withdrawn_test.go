package importing_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// loseTheAnswer commits the nth transaction in which the operation is, but nobody hears of it, and from there on the
// database does not answer. The audio store goes on.
func (w *world) loseTheAnswer(op string, nth int) {
	met, lost := 0, false
	w.store.cat.Fail(func(now string) error {
		if now == op {
			met++
		}
		if lost = lost || met >= nth && now == "Committed"; lost {
			return errDown
		}
		return nil
	})
}

// TestALostAnswerCostsNoUpload: recordings have arrived, but whoever sent them has heard of a failure, and wants to remove
// them. Nothing may be deleted that a record vouches for.
func TestALostAnswerCostsNoUpload(t *testing.T) {
	l := newLessons(3)
	for name, upload := range map[string]func(t *testing.T, w *world, session uuid.UUID, plan importing.Plan) error{
		"all": func(t *testing.T, w *world, session uuid.UUID, plan importing.Plan) error {
			return w.UploadAll(as(t, "alice"), session, l.outgoing(plan.Upload), func(importing.PlannedFile) {})
		},
		"by HTTP": func(t *testing.T, w *world, session uuid.UUID, _ importing.Plan) error {
			_, err := w.Upload(as(t, "alice"), &session, placed(file{"0.mp3", "mp3:0.mp3"}, file{"2.mp3", "mp3:2.mp3"}))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			plan, session := w.begin(t, l)
			w.loseTheAnswer("DeleteUploadFiles", 1)
			if err := upload(t, w, session, plan); !errors.Is(err, errDown) {
				t.Fatalf("err = %v", err)
			}
			w.heal()
			w.pass(16 * time.Second)
			if report, err := w.importLessons(t, l); err != nil || report.SuccessCount != 3 {
				t.Errorf("again: %+v, %v", report, err)
			}
			w.checkAudio(t)
			w.pass(25 * time.Hour)
			w.sweepAll(t)
			if n := len(w.objects.keys()); n != 3 {
				t.Errorf("a day later there are %d objects", n)
			}
		})
	}
}

// placed hands out files for level A1.
func placed(files ...file) func() (importing.IncomingFile, error) {
	next := each(files...)
	return func() (importing.IncomingFile, error) {
		f, err := next()
		f.Level = "A1"
		return f, err
	}
}

// TestARunThatWasTakenForDead wakes up while another one, which has its session, is removing what it has left. What it
// was sending counts no more.
func TestARunThatWasTakenForDead(t *testing.T) {
	w := newWorld(t)
	l := newLessons(1)
	plan, session := w.begin(t, l)
	var once sync.Once
	w.objects.on(func(_ context.Context, op, _ string) error {
		if op == "Put" {
			once.Do(func() { w.takeOver(t, l, session) })
		}
		return nil
	})
	_, err := w.uploadAll(t, session, l.outgoing(plan.Upload))
	if f := faultOf(t, err, fault.KindConflict); f.Code != "upload_session_in_use" {
		t.Errorf("err = %v", err)
	}
	w.heal()
	w.pass(16 * time.Second)
	if report, err := w.importLessons(t, l); err != nil || report.SuccessCount != 1 {
		t.Errorf("again: %+v, %v", report, err)
	}
	w.checkAudio(t)
}

// takeOver goes on with a session until what stood in the way is removed.
func (w *world) takeOver(t *testing.T, l lessons, session uuid.UUID) {
	w.pass(16 * time.Second)
	again, _, err := w.Continue(as(t, "alice"), l.digest())
	if err != nil || again.ID != session {
		t.Errorf("the session is not taken over: %v", err)
	}
	plan, err := w.planLessons(t, l)
	if err != nil {
		t.Error(err)
	}
	gone := l.outgoing(plan.Upload)
	for i := range gone {
		gone[i].Open = func() (io.ReadCloser, error) { return nil, errDown }
	}
	if _, err := w.uploadAll(t, session, gone); !errors.Is(err, errDown) {
		t.Errorf("err = %v", err)
	}
}

// TestAFailedUploadKeepsWhatHadArrived in the journal before it.
func TestAFailedUploadKeepsWhatHadArrived(t *testing.T) {
	w := newWorld(t)
	session, _, err := w.Continue(as(t, "alice"), digest("x"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Upload(as(t, "alice"), &session.ID, each(file{"a.mp3", "mp3:a"})); err != nil {
		t.Fatal(err)
	}
	_, err = w.Upload(as(t, "alice"), &session.ID, each(file{"a.mp3", "mp3:a"}, file{"b.mp3", "mp3:b"}, file{"c.mp3", "no recording"}))
	wantFault(t, err, fault.KindInvalid, "files")
	w.pass(16 * time.Second)
	_, arrived, err := w.Continue(as(t, "alice"), digest("x"))
	if err != nil || len(arrived) != 1 || arrived[0].Name != "a.mp3" || len(w.objects.keys()) != 1 {
		t.Errorf("%+v has arrived, %v; the objects are %s", arrived, err, strings.Join(w.objects.keys(), " "))
	}
}

// TestAFileInTheWayIsNotTrusted: it is replaced by another take, but before that is there, everything ends. With the old
// take again, the import does not take the record's word that it is there.
func TestAFileInTheWayIsNotTrusted(t *testing.T) {
	w := newWorld(t)
	l, other := newLessons(1), newLessons(1)
	other.files["0.mp3"] = "mp3:another take"
	plan, session := w.begin(t, l)
	if _, err := w.uploadAll(t, session, l.outgoing(plan.Upload)); err != nil {
		t.Fatal(err)
	}
	plan, err := w.planLessons(t, other)
	if err != nil {
		t.Fatal(err)
	}
	deleted := false
	w.objects.on(func(_ context.Context, op, _ string) error {
		deleted = deleted || op == "Delete"
		return nil
	})
	w.store.cat.Fail(func(string) error {
		if deleted {
			return errDown
		}
		return nil
	})
	if _, err := w.uploadAll(t, session, other.outgoing(plan.Upload)); !errors.Is(err, errDown) {
		t.Fatalf("err = %v", err)
	}
	w.heal()
	w.pass(16 * time.Second)
	if report, err := w.importLessons(t, l); err != nil || report.SuccessCount != 1 {
		t.Errorf("again: %+v, %v", report, err)
	}
	w.checkAudio(t)
}
