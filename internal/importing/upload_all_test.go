package importing_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// begin plans lessons and opens the session for them.
func (w *world) begin(t *testing.T, l lessons) (importing.Plan, uuid.UUID) {
	t.Helper()
	plan, err := w.planLessons(t, l)
	if err != nil {
		t.Fatal(err)
	}
	session, _, err := w.Continue(as(t, "alice"), l.digest())
	if err != nil {
		t.Fatal(err)
	}
	return plan, session.ID
}

func (w *world) uploadAll(t *testing.T, session uuid.UUID, files []importing.Outgoing) (done []string, err error) {
	t.Helper()
	err = w.UploadAll(as(t, "alice"), session, files, func(f importing.PlannedFile) { done = append(done, f.Name) })
	return done, err
}

// TestUploadAllTellsWhatIsDone: no more and no less, also of a run that goes on.
func TestUploadAllTellsWhatIsDone(t *testing.T) {
	w := newWorld(t)
	l := newLessons(50)
	plan, session := w.begin(t, l)
	done, err := w.uploadAll(t, session, l.outgoing(plan.Upload[:20]))
	if err != nil || len(done) != 20 {
		t.Fatalf("%d are done, %v", len(done), err)
	}
	puts := 0
	w.objects.on(countPuts(&puts))
	w.store.cat.Fail(func(string) error { return nil })
	done, err = w.uploadAll(t, session, l.outgoing(plan.Upload))
	if err != nil || len(done) != 50 || puts != 30 {
		t.Errorf("the rest: %d are done, %d stored, %v", len(done), puts, err)
	}
}

func TestUploadAllReplacesWhatIsOutOfDate(t *testing.T) {
	w := newWorld(t)
	l := newLessons(2)
	plan, session := w.begin(t, l)
	if _, err := w.uploadAll(t, session, l.outgoing(plan.Upload)); err != nil {
		t.Fatal(err)
	}
	l.files["1.mp3"] = "mp3:another take"
	plan, err := w.planLessons(t, l)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.uploadAll(t, session, l.outgoing(plan.Upload)); err != nil {
		t.Fatal(err)
	}
	if report, err := w.importCSV(t, session, importing.Abort, l.rows...); err != nil || report.SuccessCount != 2 {
		t.Fatalf("report = %+v, %v", report, err)
	}
	if got := w.objects.data(w.speeches(t)["Text 1."].Audio); got != "mp3:another take" {
		t.Errorf("the recording is %q", got)
	}
	w.pass(time.Hour)
	w.sweepAll(t)
	if n := len(w.objects.keys()); n != 2 {
		t.Errorf("there are %d objects", n)
	}
}

// TestARowWhoseLevelChangedIsCopied: its recording was put where it does not belong any longer.
func TestARowWhoseLevelChangedIsCopied(t *testing.T) {
	for _, onError := range []importing.OnError{importing.Abort, importing.Skip} {
		t.Run(string(onError), func(t *testing.T) {
			w := newWorld(t)
			l := newLessons(3)
			plan, session := w.begin(t, l)
			if _, err := w.uploadAll(t, session, l.outgoing(plan.Upload)); err != nil {
				t.Fatal(err)
			}
			report, err := w.importCSV(t, session, onError, "0.mp3,Text 0.,C1,,", "1.mp3,Text 1.,B2,,")
			if err != nil || report.SuccessCount != 2 {
				t.Fatalf("report = %+v, %v", report, err)
			}
			speeches := w.speeches(t)
			if at := speeches["Text 0."].Audio; !strings.HasPrefix(at, "audio/C1/") || w.objects.data(at) != "mp3:0.mp3" {
				t.Errorf("the recording that moved is at %s", at)
			}
			if onError == importing.Skip { // the third file has not been used, and can be
				if report, err := w.importCSV(t, session, importing.Abort, "2.mp3,Text 2.,A1,,"); err != nil || report.SuccessCount != 1 {
					t.Errorf("the file that was left: %+v, %v", report, err)
				}
			}
			w.pass(25 * time.Hour)
			w.sweepAll(t)
			if got, want := len(w.objects.keys()), len(w.speeches(t)); got != want {
				t.Errorf("a day later there are %d objects for %d speeches", got, want)
			}
		})
	}
}

// TestARowThatWasThereAlreadyLeavesNoObject: somebody else was faster.
func TestARowThatWasThereAlreadyLeavesNoObject(t *testing.T) {
	w := newWorld(t)
	l := newLessons(2)
	plan, session := w.begin(t, l)
	if _, err := w.uploadAll(t, session, l.outgoing(plan.Upload)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.importCSV(t, w.upload(t, "0.mp3"), importing.Abort, l.rows[0]); err != nil {
		t.Fatal(err)
	}
	report, err := w.importCSV(t, session, importing.Abort, l.rows...)
	if err != nil || report.SuccessCount != 1 || report.UnchangedCount != 1 {
		t.Fatalf("report = %+v, %v", report, err)
	}
	if n := len(w.objects.keys()); n != 2 {
		t.Errorf("there are %d objects", n)
	}
	w.checkAudio(t)
}

func TestUploadAllBreaksOff(t *testing.T) {
	reader := func(r io.Reader) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(r), nil }
	}
	for name, tt := range map[string]struct {
		open func() (io.ReadCloser, error)
		want func(error) bool
	}{
		"a file that is gone":             {func() (io.ReadCloser, error) { return nil, errDown }, func(err error) bool { return errors.Is(err, errDown) }},
		"one that cannot be read":         {reader(iotest.ErrReader(errDown)), func(err error) bool { return errors.Is(err, errDown) }},
		"one that breaks off":             {reader(io.MultiReader(strings.NewReader("mp3:"+strings.Repeat("x", 9000)), iotest.ErrReader(errDown))), func(err error) bool { return errors.Is(err, errDown) }},
		"one that has changed":            {reader(strings.NewReader("mp3:changed")), func(err error) bool { f, ok := fault.As(err); return ok && f.Code == "recording_changed" }},
		"one that is no recording":        {reader(strings.NewReader("fLaC")), func(err error) bool { return fault.Is(err, fault.KindInvalid) }},
		"one that has become very large":  {reader(strings.NewReader("mp3:" + strings.Repeat("x", 10<<20))), func(err error) bool { return fault.Is(err, fault.KindTooLarge) }},
		"one that has become empty":       {reader(strings.NewReader("")), func(err error) bool { return fault.Is(err, fault.KindInvalid) }},
		"one that cannot be closed again": {func() (io.ReadCloser, error) { return &unclosable{strings.NewReader("mp3:3.mp3")}, nil }, func(err error) bool { return errors.Is(err, errDown) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			l := newLessons(20)
			plan, session := w.begin(t, l)
			files := l.outgoing(plan.Upload)
			bad := 0
			for i := range files {
				if files[i].Name == "3.mp3" {
					bad, files[i].Open = i, tt.open
				}
			}
			done, err := w.uploadAll(t, session, files)
			if !tt.want(err) {
				t.Errorf("err = %v", err)
			}
			arrived := 0
			for _, f := range w.store.files {
				if f.Size == 0 || f.Name == "3.mp3" {
					t.Errorf("the record of %s is left", f.Name)
				}
				arrived++
			}
			if arrived != len(done) || arrived != len(w.objects.keys()) {
				t.Errorf("%d are done, there are %d records and %d objects", len(done), arrived, len(w.objects.keys()))
			}
			files[bad] = l.outgoing(plan.Upload)[bad]
			if done, err := w.uploadAll(t, session, files); err != nil || len(done) != 20 {
				t.Errorf("mended: %d done, %v", len(done), err)
			}
		})
	}
}

type unclosable struct{ io.Reader }

func (*unclosable) Close() error { return errDown }

func TestUploadAllWantsAnOpenSession(t *testing.T) {
	w := newWorld(t)
	l := newLessons(1)
	plan, session := w.begin(t, l)
	files := l.outgoing(plan.Upload)
	err := w.UploadAll(as(t, "bob"), session, files, func(importing.PlannedFile) {})
	wantFault(t, err, fault.KindNotFound)
	_, err = w.uploadAll(t, uuid.New(), files)
	wantFault(t, err, fault.KindNotFound)
	w.pass(25 * time.Hour)
	_, err = w.uploadAll(t, session, files)
	wantFault(t, err, fault.KindNotFound)
	if len(w.objects.keys()) != 0 {
		t.Errorf("there are %v", w.objects.keys())
	}
}

// TestUploadAllIsInterrupted: Ctrl-C in the middle. What has arrived stays; what was on its way may arrive, since a store that
// has all of it cannot be told to forget it, and is removed then. Nothing else is sent.
func TestUploadAllIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		l := newLessons(100)
		plan, session := w.begin(t, l)
		ctx, cancel := context.WithCancel(as(t, "alice"))
		var puts, cut atomic.Int64
		w.objects.on(func(put context.Context, op, _ string) error {
			if op != "Put" || puts.Add(1) < 60 {
				return nil
			}
			cancel()
			time.Sleep(4 * time.Second) // of the bubble: until all wait for it
			if put.Err() != nil {
				cut.Add(1)
			}
			return nil
		})
		done := 0
		err := w.UploadAll(ctx, session, l.outgoing(plan.Upload), func(importing.PlannedFile) { done++ })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
		if len(w.store.files) != done || len(w.objects.keys()) != done || done == 100 {
			t.Errorf("%d are done, there are %d records and %d objects", done, len(w.store.files), len(w.objects.keys()))
		}
		if cut.Load() > 0 || puts.Load() > 59+8 {
			t.Errorf("%d recordings were cut off on their way, %d were sent", cut.Load(), puts.Load())
		}
	})
}

// TestUploadAllIsInterruptedAtASlowStore: who presses Ctrl-C does not wait for long.
func TestUploadAllIsInterruptedAtASlowStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		l := newLessons(1)
		plan, session := w.begin(t, l)
		ctx, cancel := context.WithCancel(as(t, "alice"))
		w.objects.on(func(put context.Context, op, _ string) error {
			if op != "Put" {
				return nil
			}
			cancel()
			<-put.Done()
			return put.Err()
		})
		began := time.Now()
		err := w.UploadAll(ctx, session, l.outgoing(plan.Upload), func(importing.PlannedFile) {})
		if took := time.Since(began); !errors.Is(err, context.Canceled) || took != 5*time.Second {
			t.Errorf("after %s: %v", took, err)
		}
		if len(w.store.files) != 0 || len(w.objects.keys()) != 0 {
			t.Errorf("there are %d records and %d objects", len(w.store.files), len(w.objects.keys()))
		}
	})
}

// TestAPartIsBounded: large recordings are made visible sooner, so that less is lost.
func TestAPartIsBounded(t *testing.T) {
	w := newWorld(t)
	l := lessons{files: map[string]string{}}
	for i := range 4 {
		name := fmt.Sprintf("%d.mp3", i)
		l.files[name] = "mp3:" + name + strings.Repeat("x", 3<<20)
		l.rows = append(l.rows, name+",T"+name+",A1,,")
	}
	plan, session := w.begin(t, l)
	commits := 0
	w.store.cat.Fail(func(op string) error {
		if op == "DeleteUploadFiles" {
			commits++
		}
		return nil
	})
	if _, err := w.uploadAll(t, session, l.outgoing(plan.Upload)); err != nil {
		t.Fatal(err)
	}
	if commits != 4 {
		t.Errorf("four recordings of 3 MiB were made visible in %d steps", commits)
	}
}
