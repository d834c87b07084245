package mail

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/englishapp/englishctl/internal/account"
)

// script answers each attempt with the next of its errors, and takes as long as it is told.
type script struct {
	answers []error
	takes   time.Duration
	at      []time.Duration
	start   time.Time
}

func (s *script) Send(context.Context, account.Letter) error {
	s.at = append(s.at, time.Since(s.start))
	time.Sleep(s.takes)
	err := s.answers[0]
	s.answers = s.answers[1:]
	return err
}

func TestRetrying(t *testing.T) {
	busy, gone := &Failure{Code: 451}, &Failure{Final: true, Code: 550}
	for name, tt := range map[string]struct {
		answers  []error
		attempts int
		want     error
	}{
		"taken at once":             {[]error{nil}, 1, nil},
		"taken the third time":      {[]error{busy, busy, nil}, 3, nil},
		"never taken":               {[]error{busy, busy, busy, busy}, 4, busy},
		"final is final":            {[]error{gone}, 1, gone},
		"final after some attempts": {[]error{busy, gone}, 2, gone},
		"strange errors may pass":   {[]error{errors.New("strange"), nil}, 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: tt.answers, start: time.Now()}
				if err := (Retrying{s}).Send(t.Context(), account.Letter{}); !errors.Is(err, tt.want) {
					t.Errorf("error = %v, want %v", err, tt.want)
				}
				if len(s.at) != tt.attempts {
					t.Fatalf("%d attempts, want %d", len(s.at), tt.attempts)
				}
				for i := 1; i < len(s.at); i++ {
					if pause := s.at[i] - s.at[i-1]; pause < pauses[i-1] || pause > pauses[i-1]*5/4 {
						t.Errorf("pause %d is %s, want %s and a quarter at most", i, pause, pauses[i-1])
					}
				}
			})
		})
	}
	t.Run("a stop ends the waiting", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			s := &script{answers: []error{busy}, start: time.Now()}
			if err := (Retrying{s}).Send(ctx, account.Letter{}); !errors.Is(err, busy) || time.Since(s.start) != time.Second {
				t.Errorf("error = %v after %s", err, time.Since(s.start))
			}
		})
	})
}
