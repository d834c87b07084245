package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/statistics"
)

// school is a database whose games and accounts a test knows, too, to count them in its own way.
type school struct {
	t        *testing.T
	db       *sqlstore.DB
	now      time.Time
	users    []account.User
	speeches []catalog.Speech
	sessions []practice.Session
	service  *statistics.Service
}

func newSchool(t *testing.T, db *sqlstore.DB) *school {
	s := &school{t: t, db: db, now: noon}
	s.service = s.process("first")
	return s
}

// process is the service as another process has it.
func (s *school) process(holder string) *statistics.Service {
	return statistics.New(nobodyCounts{}, nil, nil, s.db.Statistics(), holder, func() time.Time { return s.now })
}

// nobodyCounts is for what is counted elsewhere.
type nobodyCounts struct{ catalog.Store }

func (nobodyCounts) CountSpeeches(context.Context) ([]catalog.SpeechCount, error) { return nil, nil }
func (nobodyCounts) AllTags(context.Context) ([]catalog.Tag, error)               { return nil, nil }

func (s *school) addUser(email string, at time.Time) account.User {
	s.t.Helper()
	u := newUser(email)
	u.CreatedAt = at
	must(s.t, s.db.Accounts().InsertUser(s.t.Context(), u))
	s.users = append(s.users, u)
	return u
}

func (s *school) addSpeech(text string) catalog.Speech {
	s.t.Helper()
	speech := newSpeech(text)
	addSpeeches(s.t, s.db, speech)
	s.speeches = append(s.speeches, speech)
	return speech
}

// play stores a game that was over at that time, and reaches the server now.
func (s *school) play(u account.User, at time.Time, results ...practice.Result) practice.Session {
	s.t.Helper()
	game := newSession(u)
	game.TotalSentences, game.Results, game.CompletedAt, game.StartedAt, game.SavedAt = len(results), results, at, at.Add(-time.Minute), s.now
	for i := range game.Results {
		game.Results[i].ID, game.Results[i].SequenceNumber = newID(), i+1
	}
	save(s.t, s.db, game)
	s.sessions = append(s.sessions, game)
	return game
}

func (s *school) refresh() {
	s.t.Helper()
	if done := must1[bool](s.t)(s.service.Refresh(s.t.Context(), 0)); !done {
		s.t.Error("the roll-ups were not brought up to date")
	}
}

// dashboard is what the roll-ups say.
func (s *school) dashboard(period int) statistics.Dashboard {
	s.t.Helper()
	return must1[statistics.Dashboard](s.t)(s.service.Dashboard(s.t.Context(), period))
}
