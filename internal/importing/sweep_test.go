package importing_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
)

// put stores an object of the given age.
func (w *world) put(t *testing.T, key string, age time.Duration) {
	t.Helper()
	w.objects.mu.Lock()
	defer w.objects.mu.Unlock()
	w.objects.objects[key] = memObject{[]byte("mp3:" + key), w.now().Add(-age)}
}

// killImport begins an import whose process dies at its first copy.
func (w *world) killImport(t *testing.T, names ...string) (session uuid.UUID) {
	t.Helper()
	id := w.upload(t, names...)
	w.duringFirstCopy(func() { w.breakAt(1, true) })
	var rows []string
	for _, name := range names {
		rows = append(rows, name+",Text "+name+",A1,,")
	}
	if _, err := w.importCSV(t, id, importing.Abort, rows...); !errors.Is(err, errDown) {
		t.Fatalf("err = %v, want a dead process", err)
	}
	w.heal()
	return id
}

func TestSweepDead(t *testing.T) {
	w := newWorld(t)
	id := w.killImport(t, "a.mp3", "b.mp3")
	var copied string
	for _, items := range w.store.items {
		copied = items[0].Key
	}
	w.put(t, copied, 0) // the copy arrived, though nobody was told
	w.pass(15 * time.Second)
	if report, err := w.SweepDead(t.Context()); err != nil || report.Batches != 0 {
		t.Fatalf("while the lease is good: %+v, %v", report, err)
	}
	w.pass(time.Microsecond)
	report, err := w.SweepDead(t.Context())
	if diff := cmp.Diff(importing.SweepReport{Batches: 1, Recordings: 2}, report); diff != "" || err != nil {
		t.Fatal(err, diff)
	}
	for _, b := range w.store.batches {
		if b.State != importing.BatchFailed || b.FinishedAt == nil {
			t.Errorf("batch = %+v", b)
		}
	}
	if keys := w.objects.keys(); len(keys) != 2 || w.store.sessions[id].State != importing.SessionOpen {
		t.Fatalf("objects = %v, session = %+v; want the uploads, ready to be imported", keys, w.store.sessions[id])
	}
	if report, err := w.SweepDead(t.Context()); err != nil || report != (importing.SweepReport{}) {
		t.Fatalf("again: %+v, %v", report, err)
	}
}

// TestSweepDeadLosesTheRaceForABatch lets the import commit after the sweep has found its lease run out.
func TestSweepDeadLosesTheRaceForABatch(t *testing.T) {
	w := newWorld(t)
	w.killImport(t, "a.mp3")
	w.pass(20 * time.Second)
	w.store.cat.Fail(func(op string) error {
		if op == "FinishBatch" {
			for id, b := range w.store.batches {
				b.State = importing.BatchDone
				w.store.batches[id] = b
			}
		}
		return nil
	})
	if report, err := w.SweepDead(t.Context()); err != nil || report != (importing.SweepReport{}) {
		t.Fatalf("report = %+v, %v", report, err)
	}
}

func TestSweepSpares(t *testing.T) {
	speech := catalog.Speech{ID: uuid.Max, Text: "Hi.", Level: "A1", Type: "answer"}
	tests := []struct {
		name string
		set  func(t *testing.T, w *world) (key string)
		gone bool
	}{
		{"a recording without a speech", func(t *testing.T, w *world) string {
			w.put(t, "audio/A1/x.mp3", 11*time.Minute)
			return "audio/A1/x.mp3"
		}, true},
		{"a young recording without a speech", func(t *testing.T, w *world) string {
			w.put(t, "audio/A1/x.mp3", 10*time.Minute)
			return "audio/A1/x.mp3"
		}, false},
		{"a speech's recording", func(t *testing.T, w *world) string {
			w.put(t, "audio/A1/x.mp3", time.Hour)
			speech.Audio = "audio/A1/x.mp3"
			if err := w.store.cat.InsertSpeeches(t.Context(), []catalog.Speech{speech}); err != nil {
				t.Fatal(err)
			}
			return "audio/A1/x.mp3"
		}, false},
		{"a deleted speech's recording, which history shows", func(t *testing.T, w *world) string {
			w.put(t, "audio/A1/x.mp3", time.Hour)
			speech.Audio = "audio/A1/x.mp3"
			err := errors.Join(w.store.cat.InsertSpeeches(t.Context(), []catalog.Speech{speech}), w.store.cat.DeleteSpeech(t.Context(), speech.ID, start))
			if err != nil {
				t.Fatal(err)
			}
			return "audio/A1/x.mp3"
		}, false},
		{"a running import's copy", func(t *testing.T, w *world) string {
			w.put(t, "audio/A1/x.mp3", time.Hour)
			b := importing.Batch{ID: uuid.Max, State: importing.BatchRunning, LeaseUntil: w.now()}
			if err := w.store.InsertBatch(t.Context(), b, []importing.Item{{Row: 1, Key: "audio/A1/x.mp3"}}); err != nil {
				t.Fatal(err)
			}
			return "audio/A1/x.mp3"
		}, false},
		{"an upload without a record", func(t *testing.T, w *world) string {
			w.put(t, "audio/uploads/x/a.mp3", 11*time.Minute)
			return "audio/uploads/x/a.mp3"
		}, true},
		{"a young upload without a record", func(t *testing.T, w *world) string {
			w.put(t, "audio/uploads/x/a.mp3", 10*time.Minute)
			return "audio/uploads/x/a.mp3"
		}, false},
		{"an upload of an open session", func(t *testing.T, w *world) string {
			id := w.upload(t, "a.mp3")
			w.pass(24 * time.Hour)
			return "audio/uploads/" + id.String() + "/a.mp3"
		}, false},
		{"an upload of an expired session", func(t *testing.T, w *world) string {
			id := w.upload(t, "a.mp3")
			w.pass(24*time.Hour + time.Microsecond)
			return "audio/uploads/" + id.String() + "/a.mp3"
		}, true},
		{"an upload of an expired session that is being imported", func(t *testing.T, w *world) string {
			id := w.upload(t, "a.mp3")
			w.setState(id, importing.SessionImporting)
			w.pass(25 * time.Hour)
			return "audio/uploads/" + id.String() + "/a.mp3"
		}, false},
		{"an upload of a used session", func(t *testing.T, w *world) string {
			id := w.upload(t, "a.mp3")
			w.setState(id, importing.SessionUsed)
			return "audio/uploads/" + id.String() + "/a.mp3"
		}, true},
		{"what is no recording", func(t *testing.T, w *world) string { w.put(t, "backup/x.tar", time.Hour); return "backup/x.tar" }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			key := tt.set(t, w)
			report, err := w.Sweep(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if gone := w.objects.data(key) == ""; gone != tt.gone {
				t.Fatalf("gone = %v, want %v", gone, tt.gone)
			}
			if removed := report.Uploads+report.Recordings == 1; removed != tt.gone {
				t.Fatalf("report = %+v", report)
			}
		})
	}
}

// TestSweepOfMany goes beyond every size of a chunk.
func TestSweepOfMany(t *testing.T) {
	w := newWorld(t)
	for i := range 1201 {
		w.put(t, fmt.Sprintf("audio/A1/%d.mp3", i), time.Hour)
		w.put(t, fmt.Sprintf("audio/uploads/x/%d.mp3", i), time.Hour)
	}
	for range 250 {
		w.setState(w.upload(t, "a.mp3"), importing.SessionUsed)
	}
	report, err := w.Sweep(t.Context())
	if diff := cmp.Diff(importing.SweepReport{Sessions: 250, Uploads: 1201 + 250, Recordings: 1201}, report); diff != "" || err != nil {
		t.Fatal(err, diff)
	}
	if n := len(w.objects.keys()); n != 0 {
		t.Fatalf("%d objects are left", n)
	}
}

// TestASpeechThatComesToUseAnOrphan creates it between the sweep's two looks.
func TestASpeechThatComesToUseAnOrphan(t *testing.T) {
	w := newWorld(t)
	w.put(t, "audio/A1/x.mp3", time.Hour)
	w.put(t, "audio/A1/y.mp3", time.Hour)
	inserted := false
	w.store.cat.Fail(func(op string) error {
		if op == "ReferencedKeys" && !inserted {
			inserted = true
			return nil
		}
		if op == "BumpVersion" {
			// What another transaction committed before this one got the lock.
			w.store.batches[uuid.Max] = importing.Batch{ID: uuid.Max, State: importing.BatchRunning}
			w.store.items[uuid.Max] = []importing.Item{{Row: 1, Key: "audio/A1/x.mp3"}}
		}
		return nil
	})
	report, err := w.Sweep(t.Context())
	if err != nil || report.Recordings != 1 {
		t.Fatalf("report = %+v, %v", report, err)
	}
	if diff := cmp.Diff([]string{"audio/A1/x.mp3"}, w.objects.keys()); diff != "" {
		t.Fatal(diff)
	}
}

// TestSweepLosesTheRaceForASession begins an import after the sweep has found its session expired.
func TestSweepLosesTheRaceForASession(t *testing.T) {
	w := newWorld(t)
	id := w.upload(t, "a.mp3")
	w.pass(25 * time.Hour)
	w.store.cat.Fail(func(op string) error {
		if op == "MoveUploadSession" {
			w.setState(id, importing.SessionImporting)
		}
		return nil
	})
	if report, err := w.Sweep(t.Context()); err != nil || report != (importing.SweepReport{}) {
		t.Fatalf("report = %+v, %v", report, err)
	}
	if len(w.objects.keys()) != 1 {
		t.Fatal("the upload is gone")
	}
}

// TestSweepSurvivesEveryFailure makes each operation of a sweep fail: the next sweep does the rest.
func TestSweepSurvivesEveryFailure(t *testing.T) {
	for n := 1; ; n++ {
		w := newWorld(t)
		dead := w.killImport(t, "a.mp3", "b.mp3")
		w.setState(w.upload(t, "used.mp3"), importing.SessionUsed)
		w.put(t, "audio/A1/x.mp3", time.Hour)
		w.put(t, "audio/uploads/x/x.mp3", time.Hour)
		w.pass(20 * time.Second)
		breaker := w.breakAt(n, false)
		_, err := w.Sweep(t.Context())
		w.heal()
		if !breaker.tripped() {
			if n < 15 || err != nil {
				t.Fatalf("a sweep has only %d operations: %v", n-1, err)
			}
			break
		}
		if !errors.Is(err, errDown) {
			t.Errorf("operation %d (%s): err = %v", n, breaker.op, err)
		}
		w.sweepAll(t)
		want := []string{"audio/uploads/" + dead.String() + "/a.mp3", "audio/uploads/" + dead.String() + "/b.mp3"}
		if diff := cmp.Diff(want, w.objects.keys()); diff != "" || w.store.sessions[dead].State != importing.SessionOpen {
			t.Errorf("operation %d (%s): %s", n, breaker.op, diff)
		}
	}
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, importing.WithClock(time.Now))
		var mu sync.Mutex
		ops := map[string]int{}
		fail := func(op string) error {
			mu.Lock()
			defer mu.Unlock()
			ops[op]++
			return errDown
		}
		w.store.cat.Fail(fail)
		w.objects.on(func(_ context.Context, op, _ string) error { return fail(op) })
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { w.Run(ctx); close(ended) }()
		check := func(when string, dead, full int) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if ops["DeadBatches"] != dead || ops["ExpiredUploadSessions"] != full || ops["List"] != full {
				t.Errorf("%s: %v, want %d looks for dead imports and %d at everything", when, ops, dead, full)
			}
		}
		check("at the start", 1, 1)
		<-time.After(5 * time.Second)
		check("after 5 seconds", 2, 1)
		<-time.After(time.Hour - 6*time.Second)
		check("just before the hour", 720, 1)
		<-time.After(2 * time.Second)
		check("after an hour", 722, 2)
		cancel()
		<-ended
	})
}

func TestRunFindsADeadImport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, importing.WithClock(time.Now))
		id := w.killImport(t, "a.mp3")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go w.Run(ctx)
		<-time.After(20 * time.Second)
		synctest.Wait()
		cancel()
		synctest.Wait()
		if state := w.store.sessions[id].State; state != importing.SessionOpen {
			t.Errorf("20 seconds later the session is %s", state)
		}
		if keys := w.objects.keys(); len(keys) != 1 || !strings.HasPrefix(keys[0], "audio/uploads/") {
			t.Errorf("objects = %v", keys)
		}
	})
}

func TestNewWantsWhatItCannotDoWithout(t *testing.T) {
	for name, cfg := range map[string]importing.Config{
		"no Sniff": {SessionTTL: time.Hour}, "no SessionTTL": {FilesConfig: importing.FilesConfig{Sniff: sniff}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("New did not panic")
				}
			}()
			importing.New(newMemStore(), newMemObjects(time.Now), nil, cfg)
		})
	}
	importing.New(newMemStore(), newMemObjects(time.Now), nil, importing.Config{SessionTTL: time.Hour, FilesConfig: importing.FilesConfig{Sniff: sniff}}, importing.WithIDs(uuid.New))
}
