package importing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	if report.SuccessCount != 2 || report.ErrorCount != 1 || len(report.Errors) != 2 || report.Errors[1] != (importing.RowError{Row: 2, Line: 3, Field: "type", Message: "Invalid type 'song'. Must be one of: question, answer"}) {
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

// TestWatchingAnImport: each recording is told once it stands in its place, and nothing of an import that does not begin.
func TestWatchingAnImport(t *testing.T) {
	w := newWorld(t)
	var told []string
	watch := func(done, total int) {
		if got := len(w.objects.keys()); done > 0 && got < done {
			t.Errorf("%d recordings are said to be there, %d are", done, got)
		}
		told = append(told, fmt.Sprintf("%d/%d", done, total))
	}
	run := func(onError importing.OnError, session uuid.UUID, rows ...string) error {
		told = nil
		req := request(session, onError, rows...)
		req.Watch = watch
		_, err := w.ImportCSV(as(t, "alice"), req)
		return err
	}
	first := w.upload(t, "a.mp3", "b.mp3")
	if err := run(importing.Abort, first, "a.mp3,Hi.,A1,,", "b.mp3,Bye.,Z9,,"); err == nil || told != nil {
		t.Errorf("a file that is refused: %v, watched as %q", err, told)
	}
	if err := run(importing.Abort, first, "a.mp3,Hi.,A1,,", "b.mp3,Bye.,A2,,"); err != nil || !slices.Equal(told, []string{"0/2", "1/2", "2/2"}) {
		t.Errorf("two recordings: %v, watched as %q", err, told)
	}
	if err := run(importing.Abort, w.upload(t, "a.mp3"), "a.mp3,Hi.,A1,,"); err != nil || !slices.Equal(told, []string{"0/0"}) {
		t.Errorf("nothing new: %v, watched as %q", err, told)
	}
	w.objects.on(func(_ context.Context, op, _ string) error {
		if op == "Copy" {
			return errDown
		}
		return nil
	})
	if err := run(importing.Abort, w.upload(t, "c.mp3"), "c.mp3,Yes.,A1,,"); !errors.Is(err, errDown) || !slices.Equal(told, []string{"0/1"}) {
		t.Errorf("a store that is down: %v, watched as %q", err, told)
	}
}
