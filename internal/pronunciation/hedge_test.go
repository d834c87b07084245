package pronunciation_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/englishapp/englishctl/internal/pronunciation"
)

// hedging is a provider that has answered n calls in 100 ms each, and then goes on with steps, behind patience that hedges.
func hedging(t *testing.T, calls, n int, steps ...step) (*script, pronunciation.Assessor, *pronunciation.Meter) {
	t.Helper()
	s, meter := &script{steps: []step{{after: 100 * time.Millisecond}}}, &pronunciation.Meter{}
	p := pronunciation.Patient(s, pronunciation.Patience{Timeout: patience, Calls: calls, Hedge: true, Meter: meter})
	for range n {
		if _, err := p.Assess(t.Context(), pronunciation.Utterance{}); err != nil {
			t.Fatal(err)
		}
	}
	s.calls, s.steps, s.most = nil, steps, 0
	return s, p, meter
}

func TestHedging(t *testing.T) {
	slow, fast := step{after: time.Hour}, step{after: 100 * time.Millisecond}
	late := failing(pronunciation.Broken)
	late.after = 150 * time.Millisecond
	tests := map[string]struct {
		places, before int
		steps          []step
		calls          int
		took           time.Duration
		hedged, won    uint64
	}{
		"one that is as fast as usual":           {2, 20, []step{{after: 99 * time.Millisecond}}, 1, 99 * time.Millisecond, 0, 0},
		"a slow one gets a second beside it":     {2, 20, []step{slow, fast}, 2, 200 * time.Millisecond, 1, 1},
		"the first may win all the same":         {2, 20, []step{{after: 150 * time.Millisecond}, slow}, 2, 150 * time.Millisecond, 1, 0},
		"the second counts where the first ends": {2, 20, []step{late, fast}, 2, 200 * time.Millisecond, 1, 1},
		"the first counts where the second ends": {2, 20, []step{{after: 300 * time.Millisecond}, failing(pronunciation.Broken)}, 2, 300 * time.Millisecond, 1, 0},
		"not before the usual time is known":     {2, 19, []step{{after: time.Second}}, 1, time.Second, 0, 0},
		"not where no place is free":             {1, 20, []step{{after: time.Second}}, 1, time.Second, 0, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, p, meter := hedging(t, tt.places, tt.before, tt.steps...)
				begin := time.Now()
				_, err := p.Assess(t.Context(), pronunciation.Utterance{})
				took := time.Since(begin)
				synctest.Wait()
				if err != nil || len(s.calls) != tt.calls || took != tt.took || s.running != 0 {
					t.Errorf("%v after %s with %d calls, of which %d go on", err, took, len(s.calls), s.running)
				}
				if got := meter.Counts(); got.Hedged != tt.hedged || got.HedgeWon != tt.won || got.Running != 0 {
					t.Errorf("counted: %+v", got)
				}
			})
		})
	}
}

// TestHedgesKeepToThePlaces: never more calls at a time than are allowed, with second ones and those that are being cancelled.
func TestHedgesKeepToThePlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p, meter := hedging(t, 5, 20, step{after: time.Second})
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if _, err := p.Assess(t.Context(), pronunciation.Utterance{}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		synctest.Wait() // for the calls that were cancelled
		if s.most != 5 || meter.Counts().Hedged == 0 {
			t.Errorf("%d at a time, %d hedged", s.most, meter.Counts().Hedged)
		}
	})
}

// TestBothCallsFail: then it is tried again, as without hedging.
func TestBothCallsFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := failing(pronunciation.Broken)
		broken.after = 200 * time.Millisecond
		s, p, _ := hedging(t, 2, 20, broken, broken, step{after: 50 * time.Millisecond})
		_, err := p.Assess(t.Context(), pronunciation.Utterance{})
		synctest.Wait()
		if err != nil || len(s.calls) != 3 {
			t.Errorf("%v after %d calls", err, len(s.calls))
		}
	})
}

// TestHedgedPanics reach whoever has asked, who knows what to do with them; the program goes on.
func TestHedgedPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pronunciation.Patient(panicking{}, pronunciation.Patience{Timeout: patience, Calls: 1, Hedge: true})
		for range 3 {
			func() {
				defer func() {
					if recover() == nil {
						t.Error("no panic")
					}
				}()
				_, _ = p.Assess(t.Context(), pronunciation.Utterance{})
			}()
		}
	})
}

// TestRestSaysWhenItIsOver: whoever is turned away learns when it makes sense to come back.
func TestRestSaysWhenItIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := patientWith(&script{steps: []step{failing(pronunciation.Refused)}}, 1, nil)
		_, _ = p.Assess(t.Context(), pronunciation.Utterance{})
		time.Sleep(10 * time.Second)
		_, err := p.Assess(t.Context(), pronunciation.Utterance{})
		if f, ok := errors.AsType[*pronunciation.Failure](err); !ok || f.RetryAfter != 20*time.Second {
			t.Errorf("%#v, want 20 s", err)
		}
	})
}
