package importing_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// duringCopies makes copies wait for fn, or for the end of their context.
func (w *world) duringCopies(fn func(ctx context.Context) error) {
	w.objects.on(func(ctx context.Context, op, _ string) error {
		if op == "Copy" {
			return fn(ctx)
		}
		return nil
	})
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func TestLeaseIsRenewedWhileCopying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, importing.WithClock(time.Now))
		id := w.upload(t, "a.mp3")
		w.duringCopies(func(ctx context.Context) error {
			for range 10 {
				if err := sleep(ctx, 6*time.Second); err != nil {
					return err
				}
				if report, err := w.SweepDead(ctx); err != nil || report.Batches != 0 {
					t.Errorf("a sweep of a living import: %+v, %v", report, err)
				}
			}
			return nil
		})
		if report, err := w.importCSV(t, id, importing.Abort, "a.mp3,Hi.,A1,,"); err != nil || report.SuccessCount != 1 {
			t.Fatalf("report = %+v, %v", report, err)
		}
		synctest.Wait() // and no goroutine is left renewing: the bubble would not end
	})
}

func TestAnUnreachableDatabaseDoesNotEndTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, importing.WithClock(time.Now))
		id := w.upload(t, "a.mp3")
		w.duringCopies(func(ctx context.Context) error { return sleep(ctx, 12*time.Second) })
		w.store.cat.Fail(func(op string) error {
			if op == "RenewLease" {
				return errDown
			}
			return nil
		})
		if _, err := w.importCSV(t, id, importing.Abort, "a.mp3,Hi.,A1,,"); err != nil {
			t.Fatal(err)
		}
	})
}

// TestTakenForDead lets a sweep find an import that hangs so long that its lease runs out.
func TestTakenForDead(t *testing.T) {
	for _, tt := range []struct {
		name  string
		hangs func(w *world) func(ctx context.Context) error
	}{
		{"it notices when it renews its lease", func(w *world) func(context.Context) error {
			return func(ctx context.Context) error {
				w.endBatches(ctx)
				<-ctx.Done()
				return ctx.Err()
			}
		}},
		{"it notices when it commits", func(w *world) func(context.Context) error {
			return func(ctx context.Context) error {
				w.endBatches(ctx)
				return nil
			}
		}},
		{"another import has the session by now", func(w *world) func(context.Context) error {
			return func(ctx context.Context) error {
				w.endBatches(ctx)
				for id := range w.store.sessions {
					w.setState(id, importing.SessionImporting)
					w.afterwards = func() {
						if state := w.store.sessions[id].State; state != importing.SessionImporting {
							panic("the other import has lost its session: " + state)
						}
						w.setState(id, importing.SessionOpen)
					}
				}
				return nil
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, importing.WithClock(time.Now))
				id := w.upload(t, "a.mp3")
				w.duringCopies(tt.hangs(w))
				_, err := w.importCSV(t, id, importing.Abort, "a.mp3,Hi.,A1,,")
				if f := faultOf(t, err, fault.KindUnavailable); f.Code != "import_interrupted" {
					t.Fatalf("err = %v", err)
				}
				if keys := w.objects.keys(); len(keys) != 1 || len(w.speeches(t)) != 0 {
					t.Fatalf("objects = %v, want the upload alone", keys)
				}
				w.afterwards()
				w.heal()
				if _, err := w.importCSV(t, id, importing.Abort, "a.mp3,Hi.,A1,,"); err != nil {
					t.Fatal(err)
				}
				w.checkAudio(t)
			})
		})
	}
}

// endBatches does what a sweep of another process would, had the leases run out.
func (w *world) endBatches(ctx context.Context) {
	at := time.Now()
	for _, b := range w.store.batches {
		b.State, b.FinishedAt = importing.BatchFailed, &at
		if ok, err := w.store.FinishBatch(ctx, b); !ok || err != nil {
			panic("the batch was not running")
		}
		if ok, err := w.store.MoveUploadSession(ctx, b.SessionID, importing.SessionImporting, importing.SessionOpen); !ok || err != nil {
			panic("the session was not being imported")
		}
	}
}
