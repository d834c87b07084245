package storetest

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/statistics"
)

// testStatistics: whatever happens, and in whatever order, the roll-ups say what counting from the beginning says.
func testStatistics(t *testing.T, db *sqlstore.DB) {
	const seed = 7
	dice := rand.New(rand.NewPCG(seed, seed))
	s := newSchool(t, db)
	for i := range 8 { // accounts are stored when they are made: these were before anybody looked
		s.addUser(string(rune('a'+i))+"@example.com", s.moment(dice))
	}
	s.refresh()
	s.check("before anything is played")
	for i := range 14 {
		s.addSpeech(string(rune('a' + i)))
	}
	for step := range 60 {
		what := s.happen(dice, step)
		s.refresh()
		s.check(what)
		if t.Failed() {
			t.Fatalf("after step %d of seed %d", step, seed)
		}
	}
}

// happen does one thing, and says what.
func (s *school) happen(dice *rand.Rand, step int) string {
	s.t.Helper()
	ctx := s.t.Context()
	switch luck := dice.IntN(20); {
	case luck < 13 || len(s.sessions) < 3:
		for range 1 + dice.IntN(4) {
			var results []practice.Result
			for range 1 + dice.IntN(12) {
				results = append(results, answer(dice, s.speeches[dice.IntN(len(s.speeches))]))
			}
			s.play(s.users[dice.IntN(len(s.users))], s.moment(dice), results...)
		}
		return "games are stored"
	case luck < 15:
		i := dice.IntN(len(s.sessions))
		must(s.t, s.db.Practice().DeleteSession(ctx, s.sessions[i].ID, audit.Entry{ID: newID(), At: s.now}))
		s.sessions = slices.Delete(s.sessions, i, i+1)
		return "a game is deleted"
	case luck < 16 && len(s.users) > 2:
		i := dice.IntN(len(s.users))
		gone := s.users[i].ID
		must(s.t, s.db.Accounts().DeleteUser(ctx, gone))
		s.users = slices.Delete(s.users, i, i+1)
		s.sessions = slices.DeleteFunc(s.sessions, func(game practice.Session) bool { return game.UserID == gone })
		return "an account is deleted with its games"
	case luck < 17:
		s.addUser(string(rune('A'+step))+"@example.org", s.now)
		return "an account is made"
	default:
		s.now = s.now.Add(time.Duration(dice.Int64N(int64(36 * time.Hour)))).Truncate(time.Microsecond)
		return "time passes"
	}
}

// answer is one result; scores are multiples of a quarter, whose sums no order of adding changes.
func answer(dice *rand.Rand, speech catalog.Speech) practice.Result {
	r := practice.Result{SpeechID: speech.ID, UserResponse: practice.Responses[dice.IntN(3)], ResponseTimeMS: 1000}
	if dice.IntN(4) == 0 {
		return r
	}
	r.PronunciationScore = ptr(float64(dice.IntN(401)) / 4)
	switch dice.IntN(4) {
	case 0:
		r.ScoreID, r.ScoreProvider = newID(), "azure"
	case 1:
		r.ScoreID, r.ScoreProvider = newID(), "offline"
	case 2:
		r.ScoreID = newID()
	}
	return r
}

// moment is some time of the last hundred days, often at the edge of one, and now and then yet to come: phones' clocks are wrong.
func (s *school) moment(dice *rand.Rand) time.Time {
	midnight := statistics.DateOf(s.now).Add(2 - dice.IntN(102)).Begin()
	switch dice.IntN(4) {
	case 0:
		return midnight
	case 1:
		return midnight.Add(-time.Microsecond)
	default:
		return midnight.Add(time.Duration(dice.Int64N(int64(24 * time.Hour)))).Truncate(time.Microsecond)
	}
}
