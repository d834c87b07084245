package pronunciation_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/englishapp/englishctl/internal/pronunciation"
)

// joining is a provider behind a memory, and what both were asked.
type joining struct {
	*script
	pronunciation.Assessor
	meter pronunciation.Meter
}

func newJoining(steps ...step) *joining {
	j := &joining{script: &script{steps: steps}}
	j.Assessor = pronunciation.Remembering(j.script, &memory{values: map[string][]byte{}}, &j.meter)
	return j
}

// want compares how often the provider was asked, and what was counted.
func (j *joining) want(t *testing.T, calls int, counts pronunciation.Counts) {
	t.Helper()
	if got := j.meter.Counts(); len(j.calls) != calls || got != counts {
		t.Errorf("%d calls and %+v, want %d and %+v", len(j.calls), got, calls, counts)
	}
}

var hello = pronunciation.Utterance{Samples: []int16{1, 2}, Text: "Hello", Language: "en-US"}

func (j *joining) ask(ctx context.Context) error {
	_, err := j.Assessor.Assess(ctx, hello)
	return err
}

// TestTheSameAtTheSameTimeIsOneCall, and afterwards it is remembered; what differs in anything is a call of its own.
func TestTheSameAtTheSameTimeIsOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJoining(step{after: time.Second})
		var group sync.WaitGroup
		ask := func(u pronunciation.Utterance) {
			group.Go(func() {
				if a, err := j.Assessor.Assess(t.Context(), u); err != nil || a.Pronunciation != 80 {
					t.Errorf("%+v, %v", a, err)
				}
			})
		}
		for range 20 {
			ask(hello)
		}
		for _, edit := range []func(*pronunciation.Utterance){
			func(u *pronunciation.Utterance) { u.Samples = []int16{1, 3} }, func(u *pronunciation.Utterance) { u.Text = "Hallo" },
			func(u *pronunciation.Utterance) { u.Language = "en-GB" }, func(u *pronunciation.Utterance) { u.Phonemes = true },
		} {
			other := hello
			edit(&other)
			ask(other)
		}
		begin := time.Now()
		group.Wait()
		if took := time.Since(begin); took != time.Second {
			t.Errorf("it took %s", took)
		}
		j.want(t, 5, pronunciation.Counts{Joined: 19})
		if err := j.ask(t.Context()); err != nil {
			t.Error(err)
		}
		j.want(t, 5, pronunciation.Counts{Joined: 19, Remembered: 1})
	})
}

// TestWhoLeavesTakesNothingFromTheOthers: also not who has begun the call. Each waits as long as they will.
func TestWhoLeavesTakesNothingFromTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJoining(step{after: 3 * time.Second})
		begin := time.Now()
		var group sync.WaitGroup
		for _, patience := range []time.Duration{time.Second, 2 * time.Second, time.Hour} {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				err := j.ask(ctx)
				if patient := patience > 3*time.Second; patient && err != nil || !patient && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("who waits for %s: %v", patience, err)
				}
				if took := time.Since(begin); took != min(patience, 3*time.Second) {
					t.Errorf("who waits for %s has waited for %s", patience, took)
				}
			})
			synctest.Wait() // the impatient one begins
		}
		group.Wait()
		j.want(t, 1, pronunciation.Counts{Joined: 2})
	})
}

// TestACallEndsWhenAllHaveLeft, and who comes then begins another one.
func TestACallEndsWhenAllHaveLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJoining(step{after: time.Hour}, step{})
		ctx, leave := context.WithCancel(t.Context())
		for range 3 {
			go func() {
				if err := j.ask(ctx); !errors.Is(err, context.Canceled) {
					t.Errorf("err = %v", err)
				}
			}()
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		if j.running != 0 {
			t.Error("the call goes on, and nobody waits for it")
		}
		if err := j.ask(t.Context()); err != nil {
			t.Errorf("who comes then: %v", err)
		}
		j.want(t, 2, pronunciation.Counts{Joined: 2})
	})
}

// TestAFailureIsForThoseWhoHaveWaited, and for nobody else.
func TestAFailureIsForThoseWhoHaveWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJoining(step{time.Second, pronunciation.ErrNoWords}, good)
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				if err := j.ask(t.Context()); !errors.Is(err, pronunciation.ErrNoWords) {
					t.Errorf("err = %v", err)
				}
			})
		}
		group.Wait()
		if err := j.ask(t.Context()); err != nil {
			t.Errorf("the next one: %v", err)
		}
		j.want(t, 2, pronunciation.Counts{Joined: 2})
	})
}

// TestAPanicIsOneOfThoseWhoWait, and not the end of the program.
func TestAPanicIsOneOfThoseWhoWait(t *testing.T) {
	r := pronunciation.Remembering(panicking{&script{}}, &memory{values: map[string][]byte{}}, &pronunciation.Meter{})
	for range 2 {
		func() {
			defer func() {
				if v := recover(); v != "a bug" {
					t.Errorf("panic %v", v)
				}
			}()
			_, _ = r.Assess(t.Context(), hello)
		}()
	}
}
