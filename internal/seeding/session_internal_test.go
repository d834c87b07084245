package seeding

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/practice"
)

// accepts is a practice.Store that keeps what the service's own rules let through.
type accepts struct {
	practice.Store
	saved []practice.Session
}

func (a *accepts) InsertSessions(_ context.Context, sessions []practice.Session, _ *practice.Claim) (practice.Outcome, error) {
	a.saved = append(a.saved, sessions...)
	return practice.Outcome{}, nil
}

// TestSessionsObeyTheRules: the product would have taken every game of a seed from a phone, as it is.
func TestSessionsObeyTheRules(t *testing.T) {
	for _, r := range []Request{
		{Seed: 42, Speeches: 1000, Users: 20},
		{Seed: 7, Speeches: 1, Users: 1},
		{Seed: 1, Speeches: 13, Users: 3},
		{Seed: 1 << 63, Speeches: MaxSpeeches, Users: MaxUsers},
	} {
		r.Sessions = 500
		r, err := r.checked()
		if err != nil {
			t.Fatal(err)
		}
		store := &accepts{}
		service := practice.New(store, nil)
		for i := range r.Sessions {
			session := r.session(i, allTags(seed(r.Seed)))
			if _, err := service.Save(t.Context(), session.UserID, session.Draft, ""); err != nil {
				t.Fatalf("%+v: session %d: %v", r, i, err)
			}
			checkGame(t, r, session)
		}
		if len(store.saved) != r.Sessions {
			t.Errorf("%d of %d were saved", len(store.saved), r.Sessions)
		}
	}
}

// checkGame checks what the product does not: that a game speaks of the seed's own rows, and that its numbers agree.
func checkGame(t *testing.T, r Request, g practice.Session) {
	t.Helper()
	s := seed(r.Seed)
	if user, ours := s.number(Users, g.UserID); !ours || user >= r.Users {
		t.Errorf("learner %d (ours: %v) is none of %d", user, ours, r.Users)
	}
	if n := len(g.Results); n < minResults || n > maxResults {
		t.Errorf("%d results", n)
	}
	correct, seen := 0, map[uuid.UUID]bool{}
	for _, result := range g.Results {
		i, ours := s.number(Speeches, result.SpeechID)
		if !ours || i >= r.Speeches {
			t.Fatalf("speech %d (ours: %v) is none of %d", i, ours, r.Speeches)
		}
		if sp := s.speech(i); sp.Level != g.Level || sp.Type != g.SentenceType {
			t.Errorf("a %s %s in a game of %s %s", sp.Level, sp.Type, g.Level, g.SentenceType)
		}
		if seen[result.SpeechID] && r.Speeches >= 10*maxResults {
			t.Errorf("speech %s comes twice", result.SpeechID)
		}
		seen[result.SpeechID] = true
		if result.UserResponse == practice.Correct {
			correct++
		}
	}
	if g.CorrectCount != correct || g.DurationSeconds != int(g.CompletedAt.Sub(g.StartedAt)/time.Second) {
		t.Errorf("%d correct of %d counted, %d s of %s", g.CorrectCount, correct, g.DurationSeconds, g.CompletedAt.Sub(g.StartedAt))
	}
	if g.CompletedAt.After(r.Until) || g.CompletedAt.Before(r.Until.AddDate(0, 0, -historyDays)) {
		t.Errorf("a game ended at %s, not in the %d days before %s", g.CompletedAt, historyDays, r.Until)
	}
}

// TestSessionsVary: both modes, all levels, all learners, all responses; some scores; all of the 90 days.
func TestSessionsVary(t *testing.T) {
	r, err := Request{Seed: 42, Speeches: 1000, Users: 20, Sessions: 1000}.checked()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[any]int{}
	for i := range r.Sessions {
		g := r.session(i, allTags(42))
		for _, what := range []any{
			g.Mode, g.Level, g.SentenceType, g.UserID, len(g.Results), int(r.Until.Sub(g.CompletedAt).Hours() / 24),
			g.AvgPronunciationScore != nil,
		} {
			seen[what]++
		}
		for _, result := range g.Results {
			seen[result.UserResponse]++
		}
		if len(g.SelectedTags) == 0 {
			t.Errorf("game %d has no tag", i)
		}
	}
	// 2 modes, 5 levels, 2 types, 20 learners, 3 responses, with and without scores; lengths and days are numbers that overlap
	if len(seen) != 2+5+2+20+3+2+historyDays {
		t.Errorf("%d different things, want %d: %v", len(seen), 2+5+2+20+3+2+historyDays, seen)
	}
	if seen[practice.Correct] < seen[practice.Incorrect] || seen[practice.Incorrect] < seen[practice.Skipped] || seen[practice.Skipped] == 0 {
		t.Errorf("%d correct, %d incorrect, %d skipped", seen[practice.Correct], seen[practice.Incorrect], seen[practice.Skipped])
	}
}

// TestSessionsWithoutDeletedTags: a tag that somebody has deleted is selected by nobody.
func TestSessionsWithoutDeletedTags(t *testing.T) {
	r := aRequest(42)
	here := allTags(42)
	delete(here, seed(42).tagID("Present Simple"))
	moved := uuid.New()
	here[seed(42).tagID("Modals")] = moved
	found := false
	for i := range 100 {
		for _, tag := range r.session(i, here).SelectedTags {
			if tag == seed(42).tagID("Present Simple") || tag == seed(42).tagID("Modals") {
				t.Errorf("game %d selects %s, which is not here", i, tag)
			}
			found = found || tag == moved
		}
	}
	if !found {
		t.Error("the tag that has another id here is never selected")
	}
}
