package importing_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

func tagNames(s catalog.Speech) string {
	var names []string
	for _, tag := range s.Tags {
		names = append(names, tag.Name)
	}
	return strings.Join(names, ",")
}

func TestImport(t *testing.T) {
	w := newWorld(t)
	if err := w.store.cat.InsertTag(t.Context(), catalog.Tag{ID: uuid.Max, Name: "Food"}); err != nil {
		t.Fatal(err)
	}
	id := w.upload(t, "a.mp3", "b.mp3", "unused.mp3")
	report, err := w.importCSV(t, id, "", `a.mp3," Do you eat? ",A1,question,"food, Small Talk"`, "b.mp3,No.,B2,,")
	if err != nil {
		t.Fatal(err)
	}
	speeches := w.speeches(t)
	eat, no := speeches["Do you eat?"], speeches["No."]
	want := importing.Report{
		BatchID: report.BatchID, SuccessCount: 2,
		Created: []importing.CreatedSpeech{{Row: 1, SpeechID: eat.ID, Text: "Do you eat?"}, {Row: 2, SpeechID: no.ID, Text: "No."}},
	}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Fatal(diff)
	}
	wantEat := catalog.Speech{
		ID: eat.ID, Audio: "audio/A1/" + eat.ID.String() + ".mp3", AudioSHA256: digest("mp3:a.mp3"), Text: "Do you eat?",
		Level: "A1", Type: "question", Tags: eat.Tags, CreatedAt: start, UpdatedAt: start, BatchID: &report.BatchID,
	}
	if diff := cmp.Diff(wantEat, eat); diff != "" || tagNames(eat) != "Food,Small Talk" || no.Type != catalog.Answer || tagNames(no) != "" {
		t.Fatal(eat, no, diff)
	}
	if got := w.objects.keys(); len(got) != 2 || w.objects.data(eat.Audio) != "mp3:a.mp3" || w.objects.data(no.Audio) != "mp3:b.mp3" {
		t.Fatalf("objects = %v, want the two recordings and no upload", got)
	}
	if len(w.store.sessions)+len(w.store.files) != 0 {
		t.Fatal("the used session is still there")
	}
	wantBatch := importing.Batch{
		ID: report.BatchID, Author: "alice", SessionID: id, FileName: "lessons.csv", OnError: importing.Abort, State: importing.BatchDone,
		Created: 2, StartedAt: start, FinishedAt: &start, LeaseUntil: start.Add(15 * time.Second),
		FileSHA256: digest("audio_filename,text,level,type,tags\n" + `a.mp3," Do you eat? ",A1,question,"food, Small Talk"` + "\nb.mp3,No.,B2,,"),
	}
	if diff := cmp.Diff(wantBatch, w.store.batches[report.BatchID]); diff != "" {
		t.Fatal(diff)
	}
	wantItems := []importing.Item{{Row: 1, SpeechID: eat.ID, Key: eat.Audio, Outcome: importing.Created}, {Row: 2, SpeechID: no.ID, Key: no.Audio, Outcome: importing.Created}}
	if diff := cmp.Diff(wantItems, w.store.items[report.BatchID]); diff != "" {
		t.Fatal(diff)
	}
	entries := w.store.cat.Audit()
	entry := entries[len(entries)-1]
	wantChanges := map[string]audit.Change{
		"file": {After: "lessons.csv"}, "created": {After: 2}, "unchanged": {After: 0}, "rejected": {After: 0}, "new_tags": {After: "Small Talk"},
	}
	if diff := cmp.Diff(wantChanges, entry.Changes); diff != "" || entry.Action != "import.apply" || entry.ObjectID != report.BatchID.String() {
		t.Fatal(entry, diff)
	}
	if w.changed != 1 {
		t.Fatalf("the catalogue was told %d times", w.changed)
	}
	_, err = w.importCSV(t, id, importing.Abort, "unused.mp3,x,A1,,")
	wantFault(t, err, fault.KindNotFound)
}

func TestImportingTheSameAgainChangesNothing(t *testing.T) {
	w := newWorld(t)
	rows := []string{"a.mp3,Hi.,A1,,Food", "b.mp3,Bye.,A1,,"}
	if _, err := w.importCSV(t, w.upload(t, "a.mp3", "b.mp3"), importing.Abort, rows...); err != nil {
		t.Fatal(err)
	}
	before, keys := w.speeches(t), w.objects.keys()
	w.objects.on(func(_ context.Context, op, key string) error {
		if op == "Copy" {
			t.Errorf("%s was copied", key)
		}
		return nil
	})
	report, err := w.importCSV(t, w.upload(t, "a.mp3", "b.mp3"), importing.Abort, rows...)
	want := importing.Report{BatchID: report.BatchID, UnchangedCount: 2, Created: []importing.CreatedSpeech{}}
	if diff := cmp.Diff(want, report); diff != "" || err != nil {
		t.Fatal(err, diff)
	}
	if diff := cmp.Diff(before, w.speeches(t)); diff != "" {
		t.Fatal(diff)
	}
	if diff := cmp.Diff(keys, w.objects.keys()); diff != "" {
		t.Fatal(diff)
	}
	if b := w.store.batches[report.BatchID]; b.Unchanged != 2 || b.Created != 0 || w.store.items[b.ID][0].Outcome != importing.Unchanged {
		t.Fatalf("batch = %+v", b)
	}
}

func TestUnchangedIsAllOrNothing(t *testing.T) {
	tests := []struct {
		name, file, row string
		unchanged       int
		tags            string
	}{
		{"tags are completed", "a.mp3", `a.mp3,Hi.,A1,answer,"food,Travel"`, 1, "Food,Travel"},
		{"tags are not taken away", "a.mp3", "a.mp3,Hi.,A1,answer,", 1, "Food"},
		{"space around the text does not count", "a.mp3", "a.mp3,\" Hi. \",A1,answer,", 1, "Food"},
		{"another text", "a.mp3", "a.mp3,Hi!,A1,answer,", 0, "Food"},
		{"another level", "a.mp3", "a.mp3,Hi.,A2,answer,", 0, ""},
		{"another type", "a.mp3", "a.mp3,Hi.,A1,question,", 0, ""},
		{"another recording", "b.mp3", "b.mp3,Hi.,A1,answer,", 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			if _, err := w.importCSV(t, w.upload(t, "a.mp3"), importing.Abort, "a.mp3,Hi.,A1,answer,Food"); err != nil {
				t.Fatal(err)
			}
			w.pass(time.Minute)
			report, err := w.importCSV(t, w.upload(t, tt.file), importing.Abort, tt.row)
			if err != nil || report.UnchangedCount != tt.unchanged || report.SuccessCount != 1-tt.unchanged {
				t.Fatalf("report = %+v, %v; want %d unchanged", report, err, tt.unchanged)
			}
			if got := len(w.objects.keys()); got != 2-tt.unchanged {
				t.Fatalf("%d objects", got)
			}
			if tt.unchanged == 1 {
				if got := tagNames(w.speeches(t)["Hi."]); got != tt.tags {
					t.Fatalf("tags = %q, want %q", got, tt.tags)
				}
			}
		})
	}
}

func TestEqualRowsOfOneFileCreateOneSpeech(t *testing.T) {
	w := newWorld(t)
	up, err := w.Upload(as(t, "alice"), nil, each(file{"a.mp3", "mp3:same"}, file{"b.mp3", "mp3:same"}))
	if err != nil {
		t.Fatal(err)
	}
	report, err := w.importCSV(t, up.Session.ID, importing.Abort, "a.mp3,Hi.,A1,,Food", `b.mp3,Hi.,A1,,"Travel,Food"`)
	if err != nil || report.SuccessCount != 1 || report.UnchangedCount != 1 || len(report.Created) != 1 || report.Created[0].Row != 1 {
		t.Fatalf("report = %+v, %v", report, err)
	}
	if got := tagNames(w.speeches(t)["Hi."]); got != "Food,Travel" {
		t.Fatalf("tags = %s, want those of both rows", got)
	}
	if keys := w.objects.keys(); len(keys) != 1 {
		t.Fatalf("objects = %v", keys)
	}
}

func TestTheOldestEqualSpeechIsKept(t *testing.T) {
	w := newWorld(t)
	for i, at := range []time.Duration{2, 1, 3} {
		err := w.store.cat.InsertSpeeches(t.Context(), []catalog.Speech{{
			ID: uuid.UUID{byte(i + 1)}, Audio: "audio/x", AudioSHA256: digest("mp3:a.mp3"), Text: "Hi.", Level: "A1", Type: "answer", CreatedAt: start.Add(at),
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.importCSV(t, w.upload(t, "a.mp3"), importing.Abort, "a.mp3,Hi.,A1,,Food"); err != nil {
		t.Fatal(err)
	}
	got, err := w.store.cat.Speech(t.Context(), uuid.UUID{2})
	if err != nil || tagNames(got) != "Food" {
		t.Fatalf("the oldest has the tags %q, %v", tagNames(got), err)
	}
}

func TestRejected(t *testing.T) {
	for _, tt := range []struct {
		name    string
		onError importing.OnError
		rows    []string
	}{
		{"one bad row and nothing is created", importing.Abort, []string{"a.mp3,Hi.,A1,,", "missing.mp3,,D1,,", "b.mp3,Bye.,A1,,"}},
		{"no good row is left by skipping", importing.Skip, []string{"missing.mp3,Hi.,A1,,"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			id := w.upload(t, "a.mp3", "b.mp3")
			before := w.objects.keys()
			_, err := w.importCSV(t, id, tt.onError, tt.rows...)
			rejected, ok := errors.AsType[*importing.Rejected](err)
			if !ok {
				t.Fatalf("err = %v, want *Rejected", err)
			}
			if f := faultOf(t, err, fault.KindUnsuitable); f.Code != "import_rejected" || f.Message != fmt.Sprintf("1 of %d rows are invalid; nothing was imported", len(tt.rows)) || rejected.Error() != f.Message {
				t.Fatalf("fault = %+v", f)
			}
			r := rejected.Report
			if r.ErrorCount != 1 || r.SuccessCount != 0 || r.BatchID != uuid.Nil || len(r.Created) != 0 || len(r.Errors) == 0 {
				t.Fatalf("report = %+v", r)
			}
			if len(w.speeches(t)) != 0 || len(w.store.batches) != 0 || w.changed != 0 || w.store.sessions[id].State != importing.SessionOpen {
				t.Fatal("something was written")
			}
			if diff := cmp.Diff(before, w.objects.keys()); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}

func TestSkipImportsTheGoodRows(t *testing.T) {
	w := newWorld(t)
	id := w.upload(t, "a.mp3", "b.mp3", "c.mp3")
	report, err := w.importCSV(t, id, importing.Skip, "a.mp3,Hi.,A1,,", "b.mp3,Bye.,D1,song,", "c.mp3,What?,A1,question,")
	if err != nil {
		t.Fatal(err)
	}
	if report.SuccessCount != 2 || report.ErrorCount != 1 || len(report.Errors) != 2 || report.Errors[1] != (importing.RowError{Row: 2, Field: "type", Message: "Invalid type 'song'. Must be one of: question, answer"}) {
		t.Fatalf("report = %+v", report)
	}
	if s := w.store.sessions[id]; s.State != importing.SessionOpen || len(w.store.files) != 1 {
		t.Fatalf("session = %+v with %d files, want it open with the file of the bad row", s, len(w.store.files))
	}
	if keys := w.objects.keys(); len(keys) != 3 {
		t.Fatalf("objects = %v", keys)
	}
	_, err = w.importCSV(t, id, importing.Skip, "a.mp3,Hi.,A1,,")
	wantFault(t, err, fault.KindUnsuitable) // a used file is no longer in the session
	report, err = w.importCSV(t, id, importing.Skip, "b.mp3,Bye.,B1,,")
	if err != nil || report.SuccessCount != 1 {
		t.Fatalf("the mended row: %+v, %v", report, err)
	}
	if len(w.store.sessions) != 0 {
		t.Fatal("the session is still there, though no file is left")
	}
}

func TestRequestIsChecked(t *testing.T) {
	w := newWorld(t)
	id := w.upload(t, "a.mp3")
	_, err := w.importCSV(t, id, "ignore", "a.mp3,Hi.,A1,,")
	wantFault(t, err, fault.KindInvalid, "on_error")
	_, err = w.ImportCSV(as(t, "alice"), importing.Request{SessionID: id, Content: strings.NewReader("x")})
	wantFault(t, err, fault.KindInvalid, "file", "file", "file", "file")
	_, err = w.ImportCSV(as(t, "alice"), importing.Request{SessionID: id, Content: strings.NewReader(strings.Repeat("x", 20<<20+1))})
	wantFault(t, err, fault.KindTooLarge)
	broken := errors.New("the phone is gone")
	_, err = w.ImportCSV(as(t, "alice"), importing.Request{SessionID: id, Content: errReader{broken}})
	if !errors.Is(err, broken) {
		t.Fatalf("err = %v", err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

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
