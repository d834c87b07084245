package pronunciation_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// step is how a provider answers one call.
type step struct {
	after time.Duration
	err   error
}

// script is a provider that answers as it is written, and the last step for ever.
type script struct {
	mu      sync.Mutex
	steps   []step
	calls   []time.Time
	running int
	most    int
}

func (s *script) Provider() string    { return "script" }
func (s *script) Languages() []string { return []string{"en-US"} }
func (s *script) Assess(ctx context.Context, _ pronunciation.Utterance) (pronunciation.Assessment, error) {
	s.mu.Lock()
	next := s.steps[min(len(s.calls), len(s.steps)-1)]
	s.calls = append(s.calls, time.Now())
	s.running++
	s.most = max(s.most, s.running)
	s.mu.Unlock()
	defer func() { s.mu.Lock(); s.running--; s.mu.Unlock() }()
	select {
	case <-time.After(next.after):
		return pronunciation.Assessment{Pronunciation: 80}, next.err
	case <-ctx.Done():
		return pronunciation.Assessment{}, ctx.Err()
	}
}

// asked is how often it was called so far.
func (s *script) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

func failing(r pronunciation.Reason) step {
	return step{err: &pronunciation.Failure{Reason: r, Cause: errors.New("as the script says")}}
}

func reasonOf(err error) pronunciation.Reason {
	if f, ok := errors.AsType[*pronunciation.Failure](err); ok {
		return f.Reason
	}
	return 0
}

const patience = 10 * time.Second

func patientWith(s *script, calls int, log *slog.Logger) pronunciation.Assessor {
	return pronunciation.Patient(s, pronunciation.Patience{Timeout: patience, Calls: calls, Log: log})
}

var good = step{}

func TestAttempts(t *testing.T) {
	slow := step{after: time.Hour}
	asking := func(d time.Duration) step {
		return step{err: &pronunciation.Failure{Reason: pronunciation.Throttled, RetryAfter: d, Cause: errors.New("429")}}
	}
	tests := map[string]struct {
		steps []step
		calls int
		want  pronunciation.Reason // 0: good, or quality
		least time.Duration        // that it takes
		most  time.Duration
	}{
		"at once":                         {[]step{good}, 1, 0, 0, 0},
		"the second time":                 {[]step{failing(pronunciation.Broken), good}, 2, 0, 200 * time.Millisecond, 400 * time.Millisecond},
		"the third time":                  {[]step{failing(pronunciation.Broken), failing(pronunciation.Throttled), good}, 3, 0, 600 * time.Millisecond, 1200 * time.Millisecond},
		"never":                           {[]step{failing(pronunciation.Broken)}, 3, pronunciation.Broken, 600 * time.Millisecond, 1200 * time.Millisecond},
		"as late as it asks":              {[]step{asking(3 * time.Second), good}, 2, 0, 3 * time.Second, 3 * time.Second},
		"not later than there is time":    {[]step{asking(11 * time.Second), good}, 1, pronunciation.Throttled, 0, 0},
		"not where it cannot help":        {[]step{failing(pronunciation.Refused), good}, 1, pronunciation.Refused, 0, 0},
		"not where it is our mistake":     {[]step{failing(pronunciation.Rejected), good}, 1, pronunciation.Rejected, 0, 0},
		"not for what was heard":          {[]step{{err: pronunciation.ErrNoWords}, good}, 1, 0, 0, 0},
		"one deadline":                    {[]step{slow}, 1, pronunciation.TimedOut, patience, patience},
		"the same one for a second call":  {[]step{{4 * time.Second, failing(pronunciation.Broken).err}, slow}, 2, pronunciation.TimedOut, patience, patience},
		"and for what it asks for in all": {[]step{asking(6 * time.Second), asking(6 * time.Second), good}, 2, pronunciation.Throttled, 6 * time.Second, 6 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: tt.steps}
				begin := time.Now()
				_, err := patientWith(s, 1, slog.New(slog.DiscardHandler)).Assess(t.Context(), pronunciation.Utterance{})
				if took := time.Since(begin); took < tt.least || took > tt.most {
					t.Errorf("it took %s, want %s to %s", took, tt.least, tt.most)
				}
				if reasonOf(err) != tt.want || len(s.calls) != tt.calls {
					t.Errorf("%d calls and %v, want %d and reason %d", len(s.calls), err, tt.calls, tt.want)
				}
			})
		})
	}
}

func TestHangingUpEndsTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{after: time.Hour}}}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, nil)
		defer cancel()
		begin := time.Now()
		_, err := patientWith(s, 1, nil).Assess(ctx, pronunciation.Utterance{})
		if !errors.Is(err, context.DeadlineExceeded) || reasonOf(err) != 0 || time.Since(begin) != time.Second {
			t.Errorf("%v after %s", err, time.Since(begin))
		}
	})
}

func TestSoManyAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{after: 800 * time.Millisecond}}}
		p := patientWith(s, 10, nil)
		var crowded, done int
		var mu sync.Mutex
		var group sync.WaitGroup
		begin := time.Now()
		for range 100 {
			group.Go(func() {
				_, err := p.Assess(t.Context(), pronunciation.Utterance{})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					done++
				case reasonOf(err) == pronunciation.Crowded:
					crowded++
					if time.Since(begin) > 0 {
						t.Error("those who find no place must not wait")
					}
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if s.most != 10 || done != 20 || crowded != 80 || time.Since(begin) != 1600*time.Millisecond {
			t.Errorf("%d at once, %d done, %d turned away, in %s", s.most, done, crowded, time.Since(begin))
		}
	})
}

func TestNobodyWaitsForAPlaceForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{after: time.Hour}}}
		p := patientWith(s, 1, nil)
		first := make(chan error)
		go func() {
			_, err := p.Assess(t.Context(), pronunciation.Utterance{})
			first <- err
		}()
		synctest.Wait()
		begin := time.Now()
		if _, err := p.Assess(t.Context(), pronunciation.Utterance{}); reasonOf(err) != pronunciation.Crowded || time.Since(begin) != patience/2 {
			t.Errorf("%v after %s", err, time.Since(begin))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.Assess(ctx, pronunciation.Utterance{}); !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
		if err := <-first; reasonOf(err) != pronunciation.TimedOut {
			t.Errorf("the first: %v", err)
		}
	})
}

// TestAProviderThatFailsIsLeftAlone goes through an outage: five failures, rest, a probe that fails, twice the rest, a probe that works.
func TestAProviderThatFailsIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		s := &script{steps: []step{failing(pronunciation.Broken)}}
		p := patientWith(s, 10, slog.New(slog.NewTextHandler(&log, nil)))
		ask := func(want pronunciation.Reason, calls int) {
			t.Helper()
			before := len(s.calls)
			if _, err := p.Assess(t.Context(), pronunciation.Utterance{}); reasonOf(err) != want || len(s.calls)-before != calls {
				t.Fatalf("%d calls and %v, want %d and reason %d", len(s.calls)-before, err, calls, want)
			}
		}
		ask(pronunciation.Broken, 3)
		ask(pronunciation.Resting, 2) // the fifth failure opens it, and the third attempt finds it so
		ask(pronunciation.Resting, 0)
		time.Sleep(5 * time.Second)
		ask(pronunciation.Resting, 1) // the probe fails
		time.Sleep(9 * time.Second)
		ask(pronunciation.Resting, 0)
		time.Sleep(2 * time.Second)

		s.steps = []step{{after: time.Second}}
		var group sync.WaitGroup
		group.Go(func() { ask(0, 1) })
		synctest.Wait()
		if _, err := p.Assess(t.Context(), pronunciation.Utterance{}); reasonOf(err) != pronunciation.Resting {
			t.Errorf("beside the probe: %v", err)
		}
		group.Wait()
		ask(0, 1)
		for _, want := range []string{"left alone", "works again"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log lacks %q:\n%s", want, log.String())
			}
		}
	})
}

func retryAfter(err error) time.Duration {
	if f, ok := errors.AsType[*pronunciation.Failure](err); ok {
		return f.RetryAfter
	}
	return -1
}

// TestAFailureSaysWhenTheProviderIsAskedAgain: to whoever has met it first, too.
func TestAFailureSaysWhenTheProviderIsAskedAgain(t *testing.T) {
	slow := step{after: time.Hour}
	asking := func(r pronunciation.Reason, d time.Duration) step {
		return step{err: &pronunciation.Failure{Reason: r, RetryAfter: d, Cause: errors.New("wait")}}
	}
	type told struct {
		reason pronunciation.Reason
		after  time.Duration
	}
	for name, tt := range map[string]struct {
		steps []step
		want  []told // one after the other
	}{
		"a key that is not taken": {[]step{failing(pronunciation.Refused)}, []told{{pronunciation.Refused, 30 * time.Second}, {pronunciation.Resting, 30 * time.Second}}},
		"five timeouts": {[]step{slow}, []told{
			{pronunciation.TimedOut, 0}, {pronunciation.TimedOut, 0}, {pronunciation.TimedOut, 0}, {pronunciation.TimedOut, 0},
			{pronunciation.TimedOut, 5 * time.Second}, {pronunciation.Resting, 5 * time.Second},
		}},
		"it has too many requests": {[]step{asking(pronunciation.Throttled, 20*time.Second)}, []told{{pronunciation.Throttled, 20 * time.Second}, {pronunciation.Crowded, 20 * time.Second}}},
		"it is being mended":       {[]step{asking(pronunciation.Broken, 20*time.Second)}, []told{{pronunciation.Broken, 20 * time.Second}, {pronunciation.Resting, 20 * time.Second}}},
		"until tomorrow":           {[]step{asking(pronunciation.Throttled, 24*time.Hour)}, []told{{pronunciation.Throttled, time.Minute}, {pronunciation.Crowded, time.Minute}}},
		"a request of ours":        {[]step{asking(pronunciation.Rejected, time.Minute)}, []told{{pronunciation.Rejected, 0}, {pronunciation.Rejected, 0}}},
		"it names no time":         {[]step{failing(pronunciation.Throttled)}, []told{{pronunciation.Throttled, 0}, {pronunciation.Throttled, 0}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := patientWith(&script{steps: tt.steps}, 1, slog.New(slog.DiscardHandler))
				for i, want := range tt.want {
					_, err := p.Assess(t.Context(), pronunciation.Utterance{})
					if got := (told{reasonOf(err), retryAfter(err)}); got != want {
						t.Errorf("call %d: %v, want %v", i, got, want)
					}
				}
			})
		})
	}
}

// TestATimeThatTheProviderNamesIsForAll: who was told it waits, as long as the latest time that was named; who comes meanwhile does not,
// and asks nothing; afterwards all is as ever.
func TestATimeThatTheProviderNamesIsForAll(t *testing.T) {
	asking := func(after, wait time.Duration) step {
		return step{after, &pronunciation.Failure{Reason: pronunciation.Throttled, RetryAfter: wait, Cause: errors.New("429")}}
	}
	for _, hedge := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: []step{asking(100*time.Millisecond, 2*time.Second), asking(time.Second, 4*time.Second), good}}
			p := pronunciation.Patient(s, pronunciation.Patience{Timeout: patience, Calls: 9, Hedge: hedge, Log: slog.New(slog.DiscardHandler)})
			begin := time.Now()
			var group sync.WaitGroup
			for range 2 {
				group.Go(func() {
					if _, err := p.Assess(t.Context(), pronunciation.Utterance{}); err != nil || time.Since(begin) != 5*time.Second {
						t.Errorf("who was told to wait: %v after %s", err, time.Since(begin))
					}
				})
			}
			for _, later := range []time.Duration{500 * time.Millisecond, 2 * time.Second} { // before and after the time was put off
				time.Sleep(later)
				_, err := p.Assess(t.Context(), pronunciation.Utterance{})
				left := map[time.Duration]time.Duration{500 * time.Millisecond: 1600 * time.Millisecond, 2500 * time.Millisecond: 2500 * time.Millisecond}[time.Since(begin)]
				if reasonOf(err) != pronunciation.Crowded || retryAfter(err) != left || s.asked() != 2 {
					t.Errorf("after %s: %v with %s, %d calls", time.Since(begin), err, retryAfter(err), s.asked())
				}
			}
			group.Wait()
			if _, err := p.Assess(t.Context(), pronunciation.Utterance{}); err != nil || s.asked() != 5 {
				t.Errorf("afterwards: %v, %d calls", err, s.asked())
			}
		})
	}
}

func TestARefusalIsAnAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		s := &script{steps: []step{failing(pronunciation.Refused)}}
		p := patientWith(s, 1, slog.New(slog.NewTextHandler(&log, nil)))
		for range 10 {
			if _, err := p.Assess(t.Context(), pronunciation.Utterance{}); err == nil {
				t.Fatal("no error")
			}
		}
		if len(s.calls) != 1 || strings.Count(log.String(), "level=ERROR") != 1 {
			t.Errorf("%d calls:\n%s", len(s.calls), log.String())
		}
		time.Sleep(31 * time.Second)
		s.steps = []step{good}
		if _, err := p.Assess(t.Context(), pronunciation.Utterance{}); err != nil {
			t.Errorf("the key was mended: %v", err)
		}
	})
}

// TestWhatIsNoOutage: many learners who say nothing, hang up, or send what is refused do not close the provider to the others.
func TestWhatIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, st := range []step{{err: pronunciation.ErrSilent}, {err: context.Canceled}, failing(pronunciation.Rejected), failing(pronunciation.Throttled)} {
			s := &script{steps: []step{st}}
			p := patientWith(s, 1, nil)
			for range 10 {
				_, _ = p.Assess(t.Context(), pronunciation.Utterance{})
			}
			s.steps = []step{good}
			if _, err := p.Assess(t.Context(), pronunciation.Utterance{}); err != nil {
				t.Errorf("after %v: %v", st.err, err)
			}
		}
	})
}

// TestTheLearnersMistakeReachesThem: as often as it is made, it is told as what it is, is counted as a call that was not done, and closes the
// provider to nobody.
func TestTheLearnersMistakeReachesThem(t *testing.T) {
	for _, hedge := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			mistake := fault.Invalid("language", "is not known").WithCause(failing(pronunciation.Rejected).err)
			s, meter := &script{steps: []step{{err: mistake}}}, &pronunciation.Meter{}
			patient := pronunciation.Patient(s, pronunciation.Patience{Timeout: patience, Calls: 1, Hedge: hedge, Meter: meter, Log: slog.New(slog.DiscardHandler)})
			scores := pronunciation.New(patient, decoding(audible()), nil)
			const often = 10
			for range often {
				_, err := scores.Score(t.Context(), recording())
				if f, ok := fault.As(err); !ok || f.Kind != fault.KindInvalid || f.Fields[0].Name != "language" || reasonOf(err) != pronunciation.Rejected {
					t.Errorf("told %v", err)
				}
			}
			if got := meter.Counts(); got != (pronunciation.Counts{Calls: often, Failed: often}) {
				t.Errorf("counts = %+v", got)
			}
			s.steps = []step{good}
			if _, err := scores.Score(t.Context(), recording()); err != nil {
				t.Errorf("another learner: %v", err)
			}
		})
	}
}

func TestAPanicFreesPlaceAndProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pronunciation.Patient(panicking{}, pronunciation.Patience{Timeout: patience, Calls: 1})
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

type panicking struct{ pronunciation.Assessor }

func (panicking) Assess(context.Context, pronunciation.Utterance) (pronunciation.Assessment, error) {
	panic("a bug")
}

// memory is a Memory without end; a broken one fails.
type memory struct {
	mu     sync.Mutex
	values map[string][]byte
	ttl    time.Duration
	broken bool
}

func (m *memory) Get(_ context.Context, key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return nil, false, errors.New("broken")
	}
	v, ok := m.values[key]
	return v, ok, nil
}

func (m *memory) Set(_ context.Context, key string, value []byte, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return errors.New("broken")
	}
	m.values[key], m.ttl = value, ttl
	return nil
}

func TestRemembering(t *testing.T) {
	same := pronunciation.Utterance{Samples: []int16{1, -2, 3}, Text: "Hi", Language: "en-US"}
	p, m := &provider{answer: pronunciation.Assessment{Pronunciation: 77, Words: []pronunciation.Word{{Text: "Hi"}}}}, &memory{values: map[string][]byte{}}
	meter := &pronunciation.Meter{}
	r := pronunciation.Remembering(p, m, meter)
	ask := func(u pronunciation.Utterance, calls int) {
		t.Helper()
		before := len(p.asked)
		a, err := r.Assess(t.Context(), u)
		if err != nil || a.Pronunciation != 77 || len(a.Words) != 1 || len(p.asked)-before != calls {
			t.Errorf("%v, %v with %d calls, want %d", a, err, len(p.asked)-before, calls)
		}
	}
	ask(same, 1)
	ask(same, 0)
	if m.ttl != 10*time.Minute {
		t.Errorf("ttl = %s", m.ttl)
	}
	for _, edit := range []func(*pronunciation.Utterance){
		func(u *pronunciation.Utterance) { u.Samples = []int16{1, -2, 4} }, func(u *pronunciation.Utterance) { u.Text = "Hi!" },
		func(u *pronunciation.Utterance) { u.Language = "en-GB" }, func(u *pronunciation.Utterance) { u.Phonemes = true },
	} {
		other := same
		edit(&other)
		ask(other, 1)
	}
	m.broken = true
	ask(same, 1)

	m.broken, p.err = false, fault.Unsuitable("no")
	other := same
	other.Text = "Ho"
	for range 2 {
		if _, err := r.Assess(t.Context(), other); err == nil {
			t.Error("a failure was remembered as a success")
		}
	}
	if got := meter.Counts(); got != (pronunciation.Counts{Remembered: 1}) {
		t.Errorf("counts = %+v", got)
	}
	if n := len(p.asked); n != 8 {
		t.Errorf("%d calls, want 8: failures are not remembered", n)
	}
}

func TestWhatIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := &pronunciation.Meter{}
		s := &script{steps: []step{failing(pronunciation.Broken), {after: time.Hour}, good, failing(pronunciation.Refused)}}
		p := pronunciation.Patient(s, pronunciation.Patience{Timeout: patience, Calls: 1, Meter: meter, Log: slog.New(slog.DiscardHandler)})
		ask := func() { _, _ = p.Assess(t.Context(), pronunciation.Utterance{}) }
		go ask()
		time.Sleep(patience / 10) // it is at its second call now
		if got := meter.Counts(); got != (pronunciation.Counts{Calls: 2, Failed: 1, Running: 1}) {
			t.Errorf("at work: %+v", got)
		}
		for range 5 {
			go ask() // four of them wait
		}
		time.Sleep(patience)
		ask() // the good one
		ask() // the refused one
		ask() // the one that is not asked for
		want := pronunciation.Counts{Calls: 4, Failed: 2, Refused: 1, Crowded: 5, TimedOut: 1, Resting: 1}
		if got := meter.Counts(); got != want {
			t.Errorf("in the end: %+v, want %+v", got, want)
		}
	})
}
