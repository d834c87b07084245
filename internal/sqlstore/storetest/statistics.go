package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/statistics"
)

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
