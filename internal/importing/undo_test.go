package importing_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/paging"
)

// imported is a world with one import of three rows, of which one was there before.
func imported(t *testing.T) (*world, importing.Report) {
	t.Helper()
	w := newWorld(t)
	if _, err := w.importCSV(t, w.upload(t, "old.mp3"), importing.Abort, "old.mp3,Old one,A1,,Old"); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	session := w.upload(t, "old.mp3", "a.mp3", "b.mp3", "c.mp3")
	report, err := w.importCSV(t, session, importing.Abort,
		"old.mp3,Old one,A1,,New", "a.mp3,First,A1,,New", "b.mp3,Second,A1,,New", "c.mp3,Third,B1,,")
	if err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	return w, report
}

// edit changes a speech as the catalogue does.
func (w *world) edit(t testing.TB, text, newText string) {
	t.Helper()
	sp := w.speeches(t)[text]
	sp.Text, sp.UpdatedAt = newText, w.now()
	if err := w.store.cat.UpdateSpeech(t.Context(), sp); err != nil {
		t.Fatal(err)
	}
}

func texts(speeches map[string]catalog.Speech) []string {
	var list []string
	for text := range speeches {
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

func TestUndo(t *testing.T) {
	for name, tt := range map[string]struct {
		since func(t *testing.T, w *world)
		want  importing.Undone // ids are filled in by the test
		left  []string
	}{
		"what the import created goes, what was there stays": {
			func(*testing.T, *world) {}, importing.Undone{Removed: 3}, []string{"Old one"},
		},
		"what was edited since stays and is named as it is now": {
			func(t *testing.T, w *world) { w.edit(t, "Second", "Second, mended") },
			importing.Undone{Removed: 2, Kept: []importing.Kept{{Text: "Second, mended", Reason: importing.KeptEdited}}},
			[]string{"Old one", "Second, mended"},
		},
		"what was edited on a machine whose clock is behind stays too": {
			func(t *testing.T, w *world) {
				w.pass(-3 * time.Hour)
				w.edit(t, "First", "First!")
				w.pass(3 * time.Hour)
			},
			importing.Undone{Removed: 2, Kept: []importing.Kept{{Text: "First!", Reason: importing.KeptEdited}}},
			[]string{"First!", "Old one"},
		},
		"what stands in a history stays": {
			func(t *testing.T, w *world) {
				w.store.played[w.speeches(t)["First"].ID] = true
				w.store.played[w.speeches(t)["Third"].ID] = true
			},
			importing.Undone{Removed: 1, Kept: []importing.Kept{
				{Text: "First", Reason: importing.KeptPlayed}, {Text: "Third", Reason: importing.KeptPlayed},
			}},
			[]string{"First", "Old one", "Third"},
		},
		"what was deleted before is neither removed nor kept": {
			func(t *testing.T, w *world) {
				if err := w.store.cat.DeleteSpeech(t.Context(), w.speeches(t)["Third"].ID, w.now()); err != nil {
					t.Fatal(err)
				}
			},
			importing.Undone{Removed: 2}, []string{"Old one"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, report := imported(t)
			tt.since(t, w)
			before := w.changed
			got, err := w.Undo(as(t, "bob"), report.BatchID)
			if err != nil {
				t.Fatal(err)
			}
			left := w.speeches(t)
			for i := range tt.want.Kept {
				tt.want.Kept[i].SpeechID = left[tt.want.Kept[i].Text].ID
			}
			if tt.want.Kept == nil {
				tt.want.Kept = []importing.Kept{}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Undo differs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.left, texts(left)); diff != "" {
				t.Errorf("what is left differs (-want +got):\n%s", diff)
			}
			if w.changed != before+1 {
				t.Errorf("the catalogue was told %d times", w.changed-before)
			}
			audit := w.store.cat.Audit()
			last := audit[len(audit)-1]
			if last.Action != "import.undo" || last.Origin.Actor != "bob" || last.ObjectID != report.BatchID.String() ||
				last.Changes["removed"].After != got.Removed || last.Changes["kept"].After != len(got.Kept) {
				t.Errorf("the last audit entry is %+v", last)
			}
			w.sweepAll(t)
		})
	}
}

func TestUndoIsRefused(t *testing.T) {
	w, report := imported(t)
	if _, err := w.Undo(as(t, "alice"), report.BatchID); err != nil {
		t.Fatal(err)
	}
	state := func(state importing.BatchState) uuid.UUID {
		b := w.store.batches[report.BatchID]
		b.ID, b.State = uuid.New(), state
		w.store.batches[b.ID] = b
		return b.ID
	}
	for name, tt := range map[string]struct {
		batch uuid.UUID
		kind  fault.Kind
		code  string
	}{
		"a second time":            {report.BatchID, fault.KindConflict, "import_undone"},
		"while the import runs":    {state(importing.BatchRunning), fault.KindConflict, "import_running"},
		"where the import failed":  {state(importing.BatchFailed), fault.KindConflict, "import_failed"},
		"where there is no import": {uuid.New(), fault.KindNotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			before, lines := w.changed, len(w.store.cat.Audit())
			_, err := w.Undo(as(t, "alice"), tt.batch)
			if f := faultOf(t, err, tt.kind); f.Code != tt.code {
				t.Errorf("code = %q, want %q", f.Code, tt.code)
			}
			if w.changed != before || len(w.store.cat.Audit()) != lines {
				t.Error("something was changed or recorded")
			}
		})
	}
}

// TestUndoFails: whatever fails, nothing is undone, and it can be undone again.
func TestUndoFails(t *testing.T) {
	for _, op := range []string{
		"BumpVersion", "Batch", "BatchSpeeches", "PlayedSpeeches", "RemoveSpeeches", "DeleteSpeech", "MarkUndone", "InsertAudit", "Commit",
	} {
		t.Run(op, func(t *testing.T) {
			w, report := imported(t)
			w.store.cat.Fail(func(did string) error {
				if did == op {
					return errDown
				}
				return nil
			})
			_, err := w.Undo(as(t, "alice"), report.BatchID)
			if err == nil {
				t.Fatal("it went well")
			}
			w.heal()
			if got := len(w.speeches(t)); got != 4 {
				t.Errorf("%d speeches are left, want 4", got)
			}
			if undone, err := w.Undo(as(t, "alice"), report.BatchID); err != nil || undone.Removed != 3 {
				t.Errorf("again: %+v, %v", undone, err)
			}
		})
	}
}

func TestUndoAtOnce(t *testing.T) {
	w, report := imported(t)
	results := make(chan error, 10)
	for range cap(results) {
		go func() {
			_, err := w.Undo(context.WithoutCancel(t.Context()), report.BatchID)
			results <- err
		}()
	}
	done := 0
	for range cap(results) {
		if err := <-results; err == nil {
			done++
		} else {
			wantFault(t, err, fault.KindConflict)
		}
	}
	if done != 1 {
		t.Errorf("%d of %d undid it, want one", done, cap(results))
	}
}

func TestBatchShowsWhatBecameOfItsRows(t *testing.T) {
	w, report := imported(t)
	there := w.speeches(t)
	if err := w.store.cat.DeleteSpeech(t.Context(), there["Third"].ID, w.now()); err != nil {
		t.Fatal(err)
	}
	batch, rows, err := w.Batch(t.Context(), report.BatchID)
	if err != nil {
		t.Fatal(err)
	}
	if batch.FileName != "lessons.csv" || batch.Author != "alice" || batch.Created != 3 || batch.Unchanged != 1 {
		t.Errorf("the batch is %+v", batch)
	}
	want := []importing.BatchRow{
		{Row: 1, SpeechID: there["Old one"].ID, Outcome: importing.Unchanged, Text: "Old one"},
		{Row: 2, SpeechID: there["First"].ID, Outcome: importing.Created, Text: "First"},
		{Row: 3, SpeechID: there["Second"].ID, Outcome: importing.Created, Text: "Second"},
		{Row: 4, SpeechID: there["Third"].ID, Outcome: importing.Created, Text: "Third", Deleted: true},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("the rows differ (-want +got):\n%s", diff)
	}
	_, _, err = w.Batch(t.Context(), uuid.New())
	wantFault(t, err, fault.KindNotFound)
}

func TestBatches(t *testing.T) {
	w, report := imported(t)
	page, total, err := w.Batches(t.Context(), paging.Page{Number: 1, Limit: 1})
	if err != nil || total != 2 || len(page) != 1 || page[0].ID != report.BatchID {
		t.Errorf("the first page is %+v of %d, %v", page, total, err)
	}
	_, _, err = w.Batches(t.Context(), paging.Page{Number: 0, Limit: importing.MaxBatches + 1})
	wantFault(t, err, fault.KindInvalid, "page", "limit")
	w.store.cat.Fail(func(string) error { return errDown })
	if _, _, err := w.Batches(t.Context(), paging.Page{Number: 1, Limit: 1}); err == nil {
		t.Error("a store that fails gives no error")
	}
}
