package importing_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// lessons is an import as the command does it: rows, and the recordings that they use.
type lessons struct {
	rows  []string
	files map[string]string
}

// newLessons has n rows, at two levels, with a recording each.
func newLessons(n int) lessons {
	l := lessons{files: map[string]string{}}
	for i := range n {
		name := fmt.Sprintf("%d.mp3", i)
		l.files[name] = "mp3:" + name
		l.rows = append(l.rows, fmt.Sprintf("%s,Text %d.,%s,,Food", name, i, []string{"A1", "B2"}[i%2]))
	}
	return l
}

func (l lessons) digest() string { return digest(header + strings.Join(l.rows, "\n")) }

// outgoing are the planned files, as the folder has them.
func (l lessons) outgoing(planned []importing.PlannedFile) []importing.Outgoing {
	files := make([]importing.Outgoing, len(planned))
	for i, f := range planned {
		files[i] = importing.Outgoing{PlannedFile: f, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(l.files[f.Name])), nil
		}}
	}
	return files
}

func (w *world) planLessons(t testing.TB, l lessons) (importing.Plan, error) {
	t.Helper()
	var files []importing.LocalFile
	for name, content := range l.files {
		f, err := w.Examine(t.Context(), importing.IncomingFile{Name: name, Content: strings.NewReader(content)})
		if err != nil {
			return importing.Plan{}, err
		}
		files = append(files, f)
	}
	return w.Plan(t.Context(), planRequest(header+strings.Join(l.rows, "\n"), files))
}

// importLessons does what the command does, once.
func (w *world) importLessons(t testing.TB, l lessons) (importing.Report, error) {
	t.Helper()
	ctx := as(t, "alice")
	plan, err := w.planLessons(t, l)
	if err != nil {
		return importing.Report{}, err
	}
	session, _, err := w.Continue(ctx, l.digest())
	if err != nil {
		return importing.Report{}, err
	}
	if err := w.UploadAll(ctx, session.ID, l.outgoing(plan.Upload), func(importing.PlannedFile) {}); err != nil {
		return importing.Report{}, errors.Join(err, w.Release(ctx, session.ID))
	}
	req := request(session.ID, importing.Abort, l.rows...)
	req.Known = known(plan)
	report, err := w.ImportCSV(ctx, req)
	if err != nil {
		return importing.Report{}, errors.Join(err, w.Release(ctx, session.ID))
	}
	return report, nil
}

// TestRecordingsAreStoredOnce: what is uploaded for a plan is put where it stays, and nothing is copied or deleted.
func TestRecordingsAreStoredOnce(t *testing.T) {
	w := newWorld(t)
	done := map[string]int{}
	var mu sync.Mutex
	w.objects.on(func(_ context.Context, op, _ string) error {
		mu.Lock()
		defer mu.Unlock()
		done[op]++
		return nil
	})
	report, err := w.importLessons(t, newLessons(40))
	if err != nil || report.SuccessCount != 40 {
		t.Fatalf("report = %+v, %v", report, err)
	}
	if done["Put"] != 40 || done["Copy"] != 0 || done["Delete"] != 0 {
		t.Errorf("the audio store did %v", done)
	}
	for text, s := range w.speeches(t) {
		if want := fmt.Sprintf("audio/%s/%s.mp3", s.Level, s.ID); s.Audio != want {
			t.Errorf("the recording of %q is at %s, want %s", text, s.Audio, want)
		}
	}
	if len(w.store.files)+len(w.store.sessions) != 0 {
		t.Errorf("%d files and %d sessions are left", len(w.store.files), len(w.store.sessions))
	}
	w.pass(25 * time.Hour)
	w.sweepAll(t)
	if n := len(w.objects.keys()); n != 40 {
		t.Errorf("a day later there are %d objects", n)
	}
	uploads := 0
	for _, e := range w.store.cat.Audit() {
		if e.Action == "import.upload" {
			uploads++
		}
	}
	if uploads != 3 { // of at most 16 recordings, each in the transaction that keeps them
		t.Errorf("the audit log has %d lines about the upload, want 3", uploads)
	}
}

// TestTheSameCommandGoesOn makes the whole command die at each of its operations, time and again. The same command,
// begun again, ends as if nothing had happened, and never sends again what has arrived.
func TestTheSameCommandGoesOn(t *testing.T) {
	l := newLessons(5)
	for n := 1; ; n++ {
		w := newWorld(t)
		breaker := w.breakAt(n, true)
		_, err := w.importLessons(t, l)
		w.heal()
		if !breaker.tripped() {
			if n < 20 || err != nil {
				t.Fatalf("an import has only %d operations: %v", n-1, err)
			}
			break
		}
		name := fmt.Sprintf("operation %d (%s)", n, breaker.op)
		w.checkAudio(t)
		if live := len(w.speeches(t)); live != 0 && live != 5 {
			t.Errorf("%s: there are %d of 5 speeches", name, live)
		}
		arrived := 0
		for _, f := range w.store.files {
			if f.Size > 0 {
				arrived++
			}
		}
		w.pass(16 * time.Second) // the lease of whoever died
		puts := 0
		w.objects.on(countPuts(&puts))
		imported := len(w.speeches(t)) == 5
		report, err := w.importLessons(t, l)
		switch {
		case err != nil || report.SuccessCount+report.UnchangedCount != 5:
			t.Errorf("%s: again: %+v, %v", name, report, err)
		case imported && puts > 0, !imported && puts != 5-arrived:
			t.Errorf("%s: %d recordings were sent again, %d had arrived", name, puts, arrived)
		}
		w.heal()
		if got := w.speeches(t); len(got) != 5 {
			t.Errorf("%s: the speeches are %v", name, got)
		}
		w.pass(25 * time.Hour)
		w.sweepAll(t)
		if keys := w.objects.keys(); len(keys) != 5 || strings.Contains(strings.Join(keys, " "), "uploads") {
			t.Errorf("%s: a day later there are %v", name, keys)
		}
	}
}

func TestContinue(t *testing.T) {
	ctx := as(t, "alice")
	file := digest("lessons.csv")
	w := newWorld(t)
	first, arrived, err := w.Continue(ctx, file)
	if err != nil || len(arrived) != 0 || first.FileSHA256 != file || !first.LeaseUntil.Equal(start.Add(15*time.Second)) {
		t.Fatalf("the first run: %+v, %v, %v", first, arrived, err)
	}
	inUse := func(name string) {
		t.Helper()
		_, _, err := w.Continue(ctx, file)
		if f := faultOf(t, err, fault.KindConflict); f.Code != "upload_session_in_use" {
			t.Errorf("%s: %v", name, err)
		}
	}
	next := func(name string) importing.UploadSession {
		t.Helper()
		session, _, err := w.Continue(ctx, file)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return session
	}
	inUse("while the first run is at work")
	w.pass(15*time.Second + time.Microsecond)
	if again := next("after its lease"); again.ID != first.ID {
		t.Error("after its lease the session is another one")
	}
	if err := w.Release(ctx, first.ID); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Microsecond)
	if again := next("once it is released"); again.ID != first.ID {
		t.Error("once it is released the session is another one")
	}
	for name, other := range map[string]func() (importing.UploadSession, []importing.UploadFile, error){
		"somebody else":   func() (importing.UploadSession, []importing.UploadFile, error) { return w.Continue(as(t, "bob"), file) },
		"of another file": func() (importing.UploadSession, []importing.UploadFile, error) { return w.Continue(ctx, digest("x")) },
		"once it has ended": func() (importing.UploadSession, []importing.UploadFile, error) {
			w.pass(25 * time.Hour)
			return w.Continue(ctx, file)
		},
	} {
		if session, _, err := other(); err != nil || session.ID == first.ID {
			t.Errorf("%s: %+v, %v", name, session, err)
		}
	}
	for _, bad := range []string{"", "abc", strings.ToUpper(file), file + "0"} {
		_, _, err := w.Continue(ctx, bad)
		wantFault(t, err, fault.KindInvalid, "file_sha256")
	}
}

// TestOneOfManyRunsHasTheSession: two editors, or one who is impatient.
func TestOneOfManyRunsHasTheSession(t *testing.T) {
	t.Run("that nobody has opened", func(t *testing.T) { oneOfMany(t, newWorld(t)) })
	t.Run("that a dead run has left", func(t *testing.T) {
		w := newWorld(t)
		if _, _, err := w.Continue(as(t, "alice"), digest("x")); err != nil {
			t.Fatal(err)
		}
		w.pass(16 * time.Second)
		oneOfMany(t, w)
	})
}

func oneOfMany(t *testing.T, w *world) {
	t.Helper()
	ctx := as(t, "alice")
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, _, errs[i] = w.Continue(ctx, digest("x")) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !fault.Is(err, fault.KindConflict) {
			t.Error(err)
		}
	}
	if won != 1 || len(w.store.sessions) != 1 {
		t.Errorf("%d of 8 have the session, of which there are %d", won, len(w.store.sessions))
	}
}

// TestAnImportThatDiedIsTakenUp: its session was being imported when its process died, and no sweep has come by.
func TestAnImportThatDiedIsTakenUp(t *testing.T) {
	w := newWorld(t)
	l := newLessons(2)
	w.store.cat.Fail(func(op string) error {
		if op == "InsertSpeeches" || op == "FinishBatch" {
			return errDown
		}
		return nil
	})
	if _, err := w.importLessons(t, l); err == nil {
		t.Fatal("it did not fail")
	}
	w.heal()
	_, _, err := w.Continue(as(t, "alice"), l.digest())
	if f := faultOf(t, err, fault.KindConflict); f.Code != "upload_session_in_use" {
		t.Errorf("before its lease has ended: %v", err)
	}
	w.pass(16 * time.Second)
	puts := 0
	w.objects.on(countPuts(&puts))
	if report, err := w.importLessons(t, l); err != nil || report.SuccessCount != 2 || puts != 0 {
		t.Errorf("afterwards: %+v, %v, %d stored", report, err, puts)
	}
}

func TestReleaseIsForgiving(t *testing.T) {
	w := newWorld(t)
	id := w.upload(t, "a.mp3")
	for name, ctx := range map[string]context.Context{"somebody else's": as(t, "bob"), "one's own": as(t, "alice")} {
		if err := w.Release(ctx, id); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.Release(as(t, "alice"), uuid.New()); err != nil {
		t.Errorf("none: %v", err)
	}
	ended, cancel := context.WithCancel(as(t, "alice"))
	cancel()
	if err := w.Release(ended, id); err != nil {
		t.Errorf("after the end of the context: %v", err)
	}
	w.store.cat.Fail(func(string) error { return errDown })
	if err := w.Release(as(t, "alice"), id); !errors.Is(err, errDown) {
		t.Errorf("without a database: %v", err)
	}
}

// slowPuts makes storing take its time.
func (w *world) slowPuts(d time.Duration) {
	w.objects.on(func(ctx context.Context, op, _ string) error {
		if op == "Put" {
			return sleep(ctx, d)
		}
		return nil
	})
}

// TestLeaseIsRenewedWhileUploading: nobody else gets the session of a run that takes long, and the next run gets it once
// that one has ended.
func TestLeaseIsRenewedWhileUploading(t *testing.T) {
	l := newLessons(1)
	for name, upload := range map[string]func(t *testing.T, w *world, session uuid.UUID, plan importing.Plan) error{
		"all": func(t *testing.T, w *world, session uuid.UUID, plan importing.Plan) error {
			return w.UploadAll(as(t, "alice"), session, l.outgoing(plan.Upload), func(importing.PlannedFile) {})
		},
		"by HTTP": func(t *testing.T, w *world, session uuid.UUID, _ importing.Plan) error {
			_, err := w.Upload(as(t, "alice"), &session, each(file{"0.mp3", "mp3:0.mp3"}))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, importing.WithClock(time.Now))
				plan, session := w.begin(t, l)
				w.slowPuts(time.Minute)
				ended := make(chan error)
				go func() { ended <- upload(t, w, session, plan) }()
				for range 11 {
					time.Sleep(5 * time.Second)
					if _, _, err := w.Continue(as(t, "alice"), l.digest()); !fault.Is(err, fault.KindConflict) {
						t.Fatalf("while it is at work: %v", err)
					}
				}
				if err := <-ended; err != nil {
					t.Fatal(err)
				}
				time.Sleep(16 * time.Second)
				if again, arrived, err := w.Continue(as(t, "alice"), l.digest()); err != nil || again.ID != session || len(arrived) != 1 {
					t.Errorf("afterwards: %+v, %v, %v", again, arrived, err)
				}
			})
		})
	}
}

// TestTheSessionIsTakenAway from a run that hangs.
func TestTheSessionIsTakenAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, importing.WithClock(time.Now))
		l := newLessons(1)
		plan, session := w.begin(t, l)
		w.objects.on(func(ctx context.Context, op, _ string) error {
			if op != "Put" {
				return nil
			}
			if moved, err := w.store.MoveUploadSession(ctx, session, importing.SessionOpen, importing.SessionUsed); !moved || err != nil {
				t.Errorf("the session was not open: %v", err)
			}
			<-ctx.Done()
			return ctx.Err()
		})
		_, err := w.uploadAll(t, session, l.outgoing(plan.Upload))
		if f := faultOf(t, err, fault.KindConflict); f.Code != "upload_session_not_found" {
			t.Errorf("err = %v", err)
		}
	})
}

// TestRecordingsGoWhereTheyBelong: an upload that says the level is not copied later.
func TestRecordingsGoWhereTheyBelong(t *testing.T) {
	w := newWorld(t)
	next := each(file{"a.mp3", "mp3:a"})
	up, err := w.Upload(as(t, "alice"), nil, func() (importing.IncomingFile, error) {
		f, err := next()
		f.Level = "B2"
		return f, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "audio/B2/" + up.Files[0].ID.String() + ".mp3"; up.Files[0].Key != want {
		t.Errorf("the key is %s, want %s", up.Files[0].Key, want)
	}
	report, err := w.importCSV(t, up.Session.ID, importing.Abort, "a.mp3,Hi.,B2,,")
	if err != nil || report.Created[0].SpeechID != up.Files[0].ID {
		t.Errorf("report = %+v, %v", report, err)
	}
	w.sweepAll(t)

	next = each(file{"a.mp3", "mp3:a"})
	_, err = w.Upload(as(t, "alice"), nil, func() (importing.IncomingFile, error) {
		f, err := next()
		f.Level = "../B2"
		return f, err
	})
	wantFault(t, err, fault.KindInvalid, "level")
}

// TestAJournalTakesAFileOnce: a phone line that drops makes clients send things twice.
func TestAJournalTakesAFileOnce(t *testing.T) {
	w := newWorld(t)
	session, _, err := w.Continue(as(t, "alice"), digest("x"))
	if err != nil {
		t.Fatal(err)
	}
	send := func(files ...file) []importing.UploadFile {
		t.Helper()
		up, err := w.Upload(as(t, "alice"), &session.ID, each(files...))
		if err != nil {
			t.Fatal(err)
		}
		return up.Files
	}
	first := send(file{"a.mp3", "mp3:a"}, file{"b.mp3", "mp3:b"})
	puts := 0
	w.objects.on(countPuts(&puts))
	again := send(file{"a.mp3", "mp3:a"}, file{"b.mp3", "mp3:another take"}, file{"c.mp3", "mp3:c"})
	if puts != 2 || again[0].ID != first[0].ID || again[1].ID == first[1].ID || again[1].Name != "b.mp3" {
		t.Errorf("%d stored, the files are %+v", puts, again)
	}
	if n := len(w.objects.keys()); n != 3 || len(w.store.files) != 3 {
		t.Errorf("there are %d objects and %d records", n, len(w.store.files))
	}
}
