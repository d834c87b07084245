package storetest

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audit"
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

// check compares the roll-ups of all periods with what the test counts.
func (s *school) check(what string) {
	s.t.Helper()
	for _, period := range statistics.Periods {
		equal(s.t, what, s.dashboard(period), s.counted(period))
	}
}

// counted counts a period from nothing but the games and accounts.
func (s *school) counted(period int) statistics.Dashboard {
	today := statistics.DateOf(s.now)
	d := statistics.Dashboard{Period: period, From: today.Add(1 - period), To: today, RefreshedAt: s.now}
	seconds := 0
	for date := d.From; date <= today; date = date.Add(1) {
		day := statistics.Day{Date: date}
		learners, lasted := map[uuid.UUID]bool{}, 0
		for _, u := range s.users {
			if statistics.DateOf(u.CreatedAt) == date {
				day.NewUsers++
			}
		}
		for _, game := range s.within(date, date) {
			day.Sessions++
			lasted += game.DurationSeconds
			learners[game.UserID] = true
		}
		day.Learners, day.AverageSeconds = len(learners), mean(float64(lasted), day.Sessions)
		d.Days = append(d.Days, day)
		d.NewUsers += day.NewUsers
		d.Sessions += day.Sessions
		seconds += lasted
	}
	d.AverageSeconds = mean(float64(seconds), d.Sessions)
	d.LearnersToday, d.LearnersWeek, d.LearnersMonth = s.learners(1), s.learners(7), s.learners(30)
	d.Scores, d.Hardest, d.MostIncorrect = s.scored(d.From, today)
	return d
}

func (s *school) within(from, to statistics.Date) []practice.Session {
	var games []practice.Session
	for _, game := range s.sessions {
		if date := statistics.DateOf(game.CompletedAt); from <= date && date <= to {
			games = append(games, game)
		}
	}
	return games
}

func (s *school) learners(days int) int {
	seen := map[uuid.UUID]bool{}
	today := statistics.DateOf(s.now)
	for _, game := range s.within(today.Add(1-days), today) {
		seen[game.UserID] = true
	}
	return len(seen)
}

// scored counts scores and answers.
func (s *school) scored(from, to statistics.Date) (scores []statistics.Scores, hardest []statistics.Hardest, wrong []statistics.Sentence) {
	sums := map[string]float64{}
	for _, source := range []string{"azure", statistics.FromClient, "offline", statistics.FromServer} {
		d := statistics.Scores{Source: source, Buckets: make([]int, 10)}
		list, exact := statistics.Hardest{Source: source}, map[uuid.UUID]float64{}
		for _, speech := range s.speeches {
			sentence, sum := statistics.Sentence{SpeechID: speech.ID, Text: speech.Text, Level: speech.Level, Type: speech.Type}, 0.0
			for _, r := range s.answers(speech, from, to) {
				if r.PronunciationScore == nil || sourceOf(r) != source {
					continue
				}
				d.Results++
				d.Buckets[min(9, int(*r.PronunciationScore/10))]++
				sums[source] += *r.PronunciationScore
				sum += *r.PronunciationScore
				sentence.Attempts++
				if r.UserResponse == practice.Incorrect {
					sentence.Incorrect++
				}
			}
			exact[speech.ID] = sum / float64(sentence.Attempts)
			if sentence.Average = mean(sum, sentence.Attempts); sentence.Attempts >= statistics.MinAttempts && speech.DeletedAt == nil {
				list.Sentences = append(list.Sentences, sentence)
			}
		}
		if d.Results > 0 {
			d.Average = *mean(sums[source], d.Results)
			scores = append(scores, d)
		}
		if len(list.Sentences) > 0 {
			slices.SortStableFunc(list.Sentences, func(a, b statistics.Sentence) int {
				return cmp.Or(cmp.Compare(exact[a.SpeechID], exact[b.SpeechID]), cmp.Compare(b.Attempts, a.Attempts))
			})
			list.Sentences = list.Sentences[:min(len(list.Sentences), 10)]
			hardest = append(hardest, list)
		}
	}
	for _, speech := range s.speeches {
		sentence := statistics.Sentence{SpeechID: speech.ID, Text: speech.Text, Level: speech.Level, Type: speech.Type}
		for _, r := range s.answers(speech, from, to) {
			sentence.Attempts++
			if r.UserResponse == practice.Incorrect {
				sentence.Incorrect++
			}
		}
		if sentence.Incorrect > 0 && speech.DeletedAt == nil {
			wrong = append(wrong, sentence)
		}
	}
	slices.SortStableFunc(wrong, func(a, b statistics.Sentence) int {
		return cmp.Or(cmp.Compare(b.Incorrect, a.Incorrect), cmp.Compare(a.Attempts, b.Attempts))
	})
	return scores, hardest, wrong[:min(len(wrong), 10)]
}

func (s *school) answers(speech catalog.Speech, from, to statistics.Date) []practice.Result {
	var all []practice.Result
	for _, game := range s.within(from, to) {
		for _, r := range game.Results {
			if r.SpeechID == speech.ID {
				all = append(all, r)
			}
		}
	}
	return all
}

func sourceOf(r practice.Result) string {
	if r.ScoreID == uuid.Nil {
		return statistics.FromClient
	}
	return cmp.Or(r.ScoreProvider, statistics.FromServer)
}

func mean(sum float64, n int) *float64 {
	if n == 0 {
		return nil
	}
	return ptr(math.Round(sum/float64(n)*10) / 10)
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

// testStatisticsBorders: days are those of UTC, to the microsecond; tomorrow counts tomorrow, and what is stored late is counted, too.
func testStatisticsBorders(t *testing.T, db *sqlstore.DB) {
	s := newSchool(t, db)
	midnight := statistics.DateOf(noon).Begin()
	s.now = midnight.Add(time.Minute)
	speech := s.addSpeech("one")
	ann := s.addUser("ann@example.com", midnight)
	s.addUser("bob@example.com", midnight.Add(-time.Microsecond))
	for _, at := range []time.Time{midnight.Add(-time.Microsecond), midnight, midnight.Add(24*time.Hour - time.Microsecond), midnight.Add(24 * time.Hour)} {
		s.play(ann, at, practice.Result{SpeechID: speech.ID, UserResponse: practice.Incorrect})
	}
	s.refresh()
	s.check("at the borders")
	last := func(n int) (sessions []int) {
		for _, day := range s.dashboard(7).Days[7-n:] {
			sessions = append(sessions, day.Sessions)
		}
		return sessions
	}
	equal(t, "yesterday and today", last(2), []int{1, 2})
	s.now = midnight.Add(24 * time.Hour)
	s.refresh()
	equal(t, "a day later", last(3), []int{1, 2, 1})

	s.now = midnight.Add(36 * time.Hour)
	s.refresh()
	before := s.now
	s.now = s.now.Add(-9 * time.Minute) // another daemon's clock
	s.play(ann, midnight.Add(-48*time.Hour), practice.Result{SpeechID: speech.ID, UserResponse: practice.Correct})
	s.now = before.Add(time.Minute)
	s.refresh()
	s.check("stored late, by a daemon whose clock is slow")
	equal(t, "the last days", last(4), []int{1, 1, 2, 1}[:4])
}

// testStatisticsLease: of several processes one works at a time; one that has lost its lease writes nothing; one that dies keeps the
// others waiting no longer than its lease.
func testStatisticsLease(t *testing.T, db *sqlstore.DB) {
	ctx, s := t.Context(), newSchool(t, db)
	others := make([]*statistics.Service, racers)
	for i := range others {
		others[i] = s.process(newID().String())
	}
	worked := 0
	for i, err := range atOnce(racers, func(i int) error {
		done, err := others[i].Refresh(ctx, statistics.RefreshEvery)
		if done {
			return errWorked
		}
		return err
	}) {
		if errors.Is(err, errWorked) {
			worked++
			continue
		}
		if err != nil {
			t.Errorf("process %d: %v", i, err)
		}
	}
	equal(t, "who worked", worked, 1)

	store := db.Statistics()
	s.now = s.now.Add(statistics.RefreshEvery)
	dead := statistics.Lease{Holder: "dead", Until: s.now.Add(2 * time.Minute)}
	equal(t, "the lease is free", must1[bool](t)(store.Claim(ctx, dead, s.now, s.now)), true)
	equal(t, "the lease is taken", must1[bool](t)(s.service.Refresh(ctx, 0)), false)
	s.now = dead.Until
	s.refresh()
	for what, err := range map[string]error{
		"mark":     second(store.Mark(ctx, dead, statistics.Window{First: "2026-01-01", Last: "2026-01-02", Now: s.now})),
		"save":     store.SaveDay(ctx, dead, statistics.DayCount{Date: "2026-03-04", Sessions: 99}),
		"rank":     store.SaveRankings(ctx, dead, nil, s.now, time.Second),
		"learners": store.SaveLearners(ctx, dead, 99, 99),
		"finish":   store.Finish(ctx, dead, s.now.Add(time.Hour)),
	} {
		t.Log(what)
		refused(t, err, "conflict", "lease_lost")
	}
	must(t, store.Release(ctx, dead))
	s.check("after somebody without the lease")
}

var errWorked = errors.New("it has worked")

// testStatisticsHardest: a list has ten, a deleted sentence leaves it at once, and one that was seldom scored is not in it.
func testStatisticsHardest(t *testing.T, db *sqlstore.DB) {
	s := newSchool(t, db)
	ann := s.addUser("ann@example.com", noon)
	for i := range 12 {
		speech := s.addSpeech(string(rune('a' + i)))
		for range statistics.MinAttempts {
			s.play(ann, noon, practice.Result{SpeechID: speech.ID, UserResponse: practice.Incorrect, PronunciationScore: ptr(float64(10 + i))})
		}
	}
	seldom := s.addSpeech("seldom")
	for range statistics.MinAttempts - 1 {
		s.play(ann, noon, practice.Result{SpeechID: seldom.ID, UserResponse: practice.Skipped, PronunciationScore: ptr(0.0)})
	}
	s.refresh()
	s.check("thirteen sentences")
	names := func() (hardest, wrong string) {
		d := s.dashboard(30)
		for _, sentence := range d.Hardest[0].Sentences {
			hardest += sentence.Text
		}
		for _, sentence := range d.MostIncorrect {
			wrong += sentence.Text
		}
		return hardest, wrong
	}
	hardest, wrong := names()
	equal(t, "the lists", []string{hardest, wrong}, []string{"abcdefghij", "abcdefghij"})
	must(t, db.Catalog().DeleteSpeech(t.Context(), s.speeches[1].ID, noon))
	s.speeches[1].DeletedAt = &noon
	hardest, wrong = names()
	equal(t, "the lists without a deleted one", []string{hardest, wrong}, []string{"acdefghijk", "acdefghijk"})
	s.now = s.now.Add(time.Hour)
	s.refresh()
	s.check("ranked again")
}

func testStatisticsRequests(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Statistics()
	must(t, store.AddRequests(ctx, "2026-03-04", nil))
	for _, err := range atOnce(racers, func(int) error {
		return store.AddRequests(ctx, "2026-03-04", []statistics.Endpoint{
			{Method: "GET", Route: "/a", Requests: 3, ClientErrors: 2},
			{Method: "GET", Route: "/b", Requests: 5, ServerErrors: 1},
			{Method: "GET", Route: "/fine", Requests: 7},
		})
	}) {
		must(t, err)
	}
	must(t, store.AddRequests(ctx, "2026-03-03", []statistics.Endpoint{{Method: "POST", Route: "/a", Requests: 1, ClientErrors: 1, ServerErrors: 1}}))
	of := func(from, to statistics.Date) []statistics.Endpoint {
		return must1[statistics.RollUp](t)(store.RollUp(ctx, from, to, 7)).Endpoints
	}
	equal(t, "two days", of("2026-03-03", "2026-03-04"), []statistics.Endpoint{
		{Method: "GET", Route: "/b", Requests: 5 * racers, ServerErrors: racers},
		{Method: "POST", Route: "/a", Requests: 1, ClientErrors: 1, ServerErrors: 1},
		{Method: "GET", Route: "/a", Requests: 3 * racers, ClientErrors: 2 * racers},
	})
	equal(t, "one day", len(of("2026-03-04", "2026-03-04")), 2)
	equal(t, "another day", len(of("2026-03-05", "2026-03-06")), 0)

	s := newSchool(t, db)
	s.now = noon.AddDate(0, 0, 90) // 2026-03-04 is the ninetieth day before
	s.refresh()
	equal(t, "three months later", len(of("2026-01-01", "2026-12-31")), 0)
}

// testStatisticsSeeds: what a seed puts into the past is counted, though it was stored when nobody looked.
func testStatisticsSeeds(t *testing.T, db *sqlstore.DB) {
	s := newSchool(t, db)
	s.refresh()
	speech := s.addSpeech("one")
	past := noon.AddDate(0, 0, -20)
	ann := s.addUser("ann@example.com", past)
	s.now = past
	s.play(ann, past, practice.Result{SpeechID: speech.ID, UserResponse: practice.Incorrect})
	s.now = noon.Add(time.Hour)
	s.refresh()
	if got := s.dashboard(30); got.Sessions != 0 { // else this test says nothing
		t.Errorf("%d games are counted already", got.Sessions)
	}
	must(t, db.Seeding().NoteDays(t.Context(), []time.Time{past, past.Add(time.Second), past.AddDate(0, 0, -1)}))
	s.refresh()
	s.check("after the seed has said so")
}
