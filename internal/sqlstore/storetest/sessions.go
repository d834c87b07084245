package storetest

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// newSession returns a session of the user with one result for each speech.
func newSession(u account.User, speeches ...catalog.Speech) practice.Session {
	s := practice.Session{ID: newID(), UserID: u.ID, SavedAt: noon.Add(time.Hour)}
	s.Draft = practice.Draft{
		Mode: practice.ListenAndRepeat, Level: "A2", SentenceType: catalog.Answer,
		SelectedTags: []uuid.UUID{newID(), newID()}, TotalSentences: len(speeches), CorrectCount: 1, MaxStreak: 1,
		AvgPronunciationScore: ptr(200.0 / 3), DurationSeconds: 95, StartedAt: noon.Add(-time.Minute), CompletedAt: noon,
	}
	for i, sp := range speeches {
		s.Results = append(s.Results, practice.Result{
			ID: newID(), SpeechID: sp.ID, SequenceNumber: i + 1, UserResponse: practice.Responses[i%3],
			PronunciationScore: ptr(math.Nextafter(float64(i), 100)), RecognizedText: ptr(`it's "ü", {null},\`),
			ResponseTimeMS: 1000 + i,
		})
	}
	return s
}

// save stores sessions, and fails the test where anything stands in the way.
func save(t *testing.T, db *sqlstore.DB, sessions ...practice.Session) {
	t.Helper()
	equal(t, "the outcome", must1[practice.Outcome](t)(db.Practice().InsertSessions(t.Context(), sessions, nil)), practice.Outcome{})
}

func testSessions(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Practice()
	ann := addUser(t, db, "ann@example.com")
	one, two, deleted := newSpeech("one"), newSpeech("two"), newSpeech("deleted")
	addSpeeches(t, db, one, two, deleted)
	must(t, db.Catalog().DeleteSpeech(ctx, deleted.ID, noon))

	full := newSession(ann, two, one, deleted, one)
	full.Results[0].ScoreID, full.Results[2].ScoreID = newID(), newID()
	full.Results[0].ScoreProvider = "azure"
	bare := newSession(ann, one)
	bare.Mode, bare.SelectedTags, bare.AvgPronunciationScore = practice.ListenOnly, nil, nil
	bare.Results[0].PronunciationScore, bare.Results[0].RecognizedText = nil, nil
	empty := newSession(ann)
	words := newSession(ann, one, two) // texts that look like something else to a database
	words.Results[0].RecognizedText, words.Results[1].RecognizedText = ptr("NULL"), ptr("")

	save(t, db)
	save(t, db, full, bare, empty, words)
	for name, want := range map[string]practice.Session{"full": full, "bare": bare, "empty": empty, "words": words} {
		equal(t, name, must1[practice.Session](t)(store.Session(ctx, want.ID)), want)
	}
	refused(t, second(store.Session(ctx, newID())), fault.KindNotFound, "")

	t.Run("results come by sequence number", func(t *testing.T) {
		shuffled := newSession(ann, one, two, one)
		r := shuffled.Results
		r[0].SequenceNumber, r[1].SequenceNumber, r[2].SequenceNumber = 3, 1, 2
		save(t, db, shuffled)
		shuffled.Results = []practice.Result{r[1], r[2], r[0]}
		equal(t, "the session", must1[practice.Session](t)(store.Session(ctx, shuffled.ID)), shuffled)
	})
	t.Run("fifty sessions of fifty results are saved at once", func(t *testing.T) {
		var many []practice.Session
		speeches := make([]catalog.Speech, 50)
		for i := range speeches {
			speeches[i] = []catalog.Speech{one, two}[i%2]
		}
		for range 50 {
			many = append(many, newSession(ann, speeches...))
		}
		save(t, db, many...)
		equal(t, "the last one", must1[practice.Session](t)(store.Session(ctx, many[49].ID)), many[49])
	})
}

func testSessionsRefused(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Practice()
	ann := addUser(t, db, "ann@example.com")
	one := newSpeech("one")
	addSpeeches(t, db, one)
	never, neither := newSpeech("never"), newSpeech("neither")
	taken := newSession(ann, one)
	save(t, db, taken)

	untouched := func(t *testing.T) {
		t.Helper()
		equal(t, "sessions", sqltest.Count(t, db, "game_sessions"), 1)
		equal(t, "results", sqltest.Count(t, db, "game_results"), 1)
		equal(t, "keys", sqltest.Count(t, db, "idempotency_keys"), 0)
	}
	t.Run("missing speeches are named in the order first met", func(t *testing.T) {
		sessions := []practice.Session{newSession(ann, one, neither, one), newSession(ann, never, neither)}
		got, err := store.InsertSessions(ctx, sessions, newClaim(ann, "k"))
		must(t, err)
		equal(t, "the outcome", got, practice.Outcome{Missing: []uuid.UUID{neither.ID, never.ID}})
		untouched(t)
	})
	t.Run("a user who is gone is unauthorized", func(t *testing.T) {
		ghost := newUser("ghost@example.com")
		for name, claim := range map[string]*practice.Claim{"with a key": newClaim(ghost, "k"), "without a key": nil} {
			t.Run(name, func(t *testing.T) {
				_, err := store.InsertSessions(ctx, []practice.Session{newSession(ghost, one)}, claim)
				refused(t, err, fault.KindUnauthorized, "account_gone")
				untouched(t)
			})
		}
	})
	t.Run("one bad session and nothing is written", func(t *testing.T) {
		twice := newSession(ann, one, one)
		twice.Results[1].SequenceNumber = 1
		mode := newSession(ann, one)
		mode.Mode = "sing"
		for name, bad := range map[string]struct {
			session practice.Session
			kind    fault.Kind
		}{
			"an id that is taken":                  {taken, fault.KindConflict},
			"two results with one sequence number": {twice, fault.KindConflict},
			"an unknown mode":                      {mode, fault.KindInvalid},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := store.InsertSessions(ctx, []practice.Session{newSession(ann, one), bad.session}, newClaim(ann, "k"))
				refused(t, err, bad.kind, "")
				untouched(t)
			})
		}
	})
}

// testScoreIDs: a score counts once, whoever quotes it and whatever else is saved with it.
func testScoreIDs(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Practice()
	ann, bob := addUser(t, db, "ann@example.com"), addUser(t, db, "bob@example.com")
	one := newSpeech("one")
	addSpeeches(t, db, one)
	scored := func(u account.User, ids ...uuid.UUID) practice.Session {
		s := newSession(u, make([]catalog.Speech, len(ids))...)
		for i := range ids {
			s.Results[i].SpeechID, s.Results[i].ScoreID = one.ID, ids[i]
		}
		return s
	}
	first, second := newID(), newID()
	save(t, db, scored(ann, first, uuid.Nil), scored(ann, second, uuid.Nil, uuid.Nil))
	for name, sessions := range map[string][]practice.Session{
		"in a later session":     {scored(ann, first)},
		"of somebody else":       {scored(bob, newID(), first)},
		"beside one that counts": {scored(ann, newID()), scored(ann, uuid.Nil, newID(), first)},
	} {
		t.Run(name, func(t *testing.T) {
			for what, claim := range map[string]*practice.Claim{"with a key": newClaim(ann, name), "without one": nil} {
				got, err := store.InsertSessions(ctx, sessions, claim)
				must(t, err)
				equal(t, what, got, practice.Outcome{Used: []uuid.UUID{first}})
			}
			equal(t, "sessions", sqltest.Count(t, db, "game_sessions"), 2)
			equal(t, "keys", sqltest.Count(t, db, "idempotency_keys"), 0)
		})
	}
	t.Run("a repeated request is answered as the first one", func(t *testing.T) {
		s, claim := scored(ann, newID()), newClaim(ann, "again")
		equal(t, "first", must1[practice.Outcome](t)(store.InsertSessions(ctx, []practice.Session{s}, claim)), practice.Outcome{})
		s.ID, s.Results[0].ID = newID(), newID()
		if got := must1[practice.Outcome](t)(store.InsertSessions(ctx, []practice.Session{s}, claim)); got.Earlier == nil {
			t.Errorf("then: %+v", got)
		}
	})
	t.Run("of twenty at once, one gets it", func(t *testing.T) {
		id := newID()
		won := make(chan bool)
		for range 20 {
			go func() {
				got, err := store.InsertSessions(ctx, []practice.Session{scored(ann, id)}, nil)
				if err != nil || len(got.Used) > 1 {
					t.Errorf("%+v, %v", got, err)
				}
				won <- len(got.Used) == 0
			}()
		}
		winners := 0
		for range 20 {
			if <-won {
				winners++
			}
		}
		equal(t, "winners", winners, 1)
	})
	t.Run("within one request", func(t *testing.T) {
		id := newID()
		_, err := store.InsertSessions(ctx, []practice.Session{scored(ann, id, id)}, nil)
		refused(t, err, fault.KindConflict, "")
	})
}

func testHistory(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Practice()
	ann, bob := addUser(t, db, "ann@example.com"), addUser(t, db, "bob@example.com")
	one := newSpeech("one")
	addSpeeches(t, db, one)
	ids := orderedIDs(6)
	var all []practice.Session
	for i := range ids {
		s := newSession(ann, one)
		s.ID, s.CompletedAt = ids[i], noon.Add(time.Duration(min(i, 4))*time.Microsecond) // the last two are a tie
		if i%2 == 1 {
			s.Mode, s.Level = practice.ListenOnly, "C1"
		}
		all = append(all, s)
	}
	save(t, db, append(all, newSession(bob, one))...)
	list := func(places ...int) []practice.Session {
		var sessions []practice.Session
		for _, i := range places {
			s := all[i]
			s.Results = nil
			sessions = append(sessions, s)
		}
		return sessions
	}
	t.Run("one after the other, with their results, the earliest first, ties by lowest id", func(t *testing.T) {
		var got []practice.Session
		var last practice.Session
		for {
			page := must1[[]practice.Session](t)(store.SessionsAfter(ctx, ann.ID, last.CompletedAt, last.ID, 4))
			if len(page) == 0 {
				break
			}
			got, last = append(got, page...), page[len(page)-1]
			if len(got) > len(all) {
				t.Fatal("it goes round in circles")
			}
		}
		equal(t, "all", got, all)
		equal(t, "of nobody", must1[[]practice.Session](t)(store.SessionsAfter(ctx, newID(), time.Time{}, uuid.Nil, 4)), []practice.Session{})
	})
	us := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Microsecond) }

	for name, test := range map[string]struct {
		filter      practice.HistoryFilter
		page, limit int
		want        []practice.Session
		total       int
	}{
		"latest first, ties by highest id": {practice.HistoryFilter{}, 1, 10, list(5, 4, 3, 2, 1, 0), 6},
		"a page in the middle":             {practice.HistoryFilter{}, 2, 2, list(3, 2), 6},
		"a page past the end is empty":     {practice.HistoryFilter{}, 9, 10, nil, 6},
		"a page far past the end is empty": {practice.HistoryFilter{}, math.MaxInt64, 100, nil, 6},
		"after one of two in a tie":        {practice.HistoryFilter{After: &practice.Position{CompletedAt: us(4), ID: ids[5]}}, 7, 2, list(4, 3), 6},
		"after the earliest":               {practice.HistoryFilter{After: &practice.Position{CompletedAt: us(0), ID: ids[0]}}, 2, 2, nil, 6},
		"after one that is not there":      {practice.HistoryFilter{After: &practice.Position{CompletedAt: us(2), ID: uuid.Nil}}, 2, 9, list(1, 0), 6},
		"after one, with all filters": {
			practice.HistoryFilter{Mode: practice.ListenOnly, Level: "C1", From: us(0), To: us(3), After: &practice.Position{CompletedAt: us(3), ID: ids[3]}}, 2, 9, list(1), 2,
		},
		"by mode and a level that has none": {practice.HistoryFilter{Mode: practice.ListenOnly, Level: "A2"}, 1, 10, nil, 0},
		"by mode":                           {practice.HistoryFilter{Mode: practice.ListenOnly}, 1, 10, list(5, 3, 1), 3},
		"by level":                          {practice.HistoryFilter{Level: "A2"}, 1, 10, list(4, 2, 0), 3},
		"from, inclusive":                   {practice.HistoryFilter{From: us(3)}, 1, 10, list(5, 4, 3), 3},
		"to, inclusive":                     {practice.HistoryFilter{To: us(1)}, 1, 10, list(1, 0), 2},
		"from and to the same moment": {
			practice.HistoryFilter{From: us(2).In(time.FixedZone("", 3600)), To: us(2)}, 1, 10, list(2), 1,
		},
		"between two moments there is nothing": {practice.HistoryFilter{From: us(9), To: us(10)}, 1, 10, nil, 0},
		"all filters together":                 {practice.HistoryFilter{Mode: practice.ListenOnly, Level: "C1", From: us(1), To: us(3)}, 1, 1, list(3), 2},
	} {
		t.Run(name, func(t *testing.T) {
			got, total, err := store.Sessions(ctx, ann.ID, test.filter, page(test.page, test.limit))
			must(t, err)
			equal(t, "the page", got, test.want)
			equal(t, "the total", total, test.total)
		})
	}
	t.Run("the total follows what is deleted and saved", func(t *testing.T) {
		total := func(f practice.HistoryFilter, want int) {
			t.Helper()
			_, got, err := store.Sessions(ctx, bob.ID, f, page(1, 1))
			must(t, err)
			equal(t, "the total", got, want)
		}
		more := []practice.Session{newSession(bob, one), newSession(bob, one), newSession(bob, one)}
		more[0].Level, more[1].Mode = "B1", practice.ListenOnly
		save(t, db, more...)
		total(practice.HistoryFilter{}, 4)
		total(practice.HistoryFilter{Level: "B1"}, 1)
		total(practice.HistoryFilter{Mode: practice.ListenAndRepeat}, 3)
		must(t, store.DeleteSession(ctx, more[0].ID, audit.Entry{ID: newID(), At: noon, Action: "session.delete"}))
		total(practice.HistoryFilter{}, 3)
		total(practice.HistoryFilter{Level: "B1"}, 0)
		_, err := store.InsertSessions(ctx, []practice.Session{newSession(bob, one), newSession(bob, newSpeech("never"))}, nil)
		must(t, err)
		total(practice.HistoryFilter{}, 3) // nothing of it was written
	})
	t.Run("a stranger has no history", func(t *testing.T) {
		got, total, err := store.Sessions(ctx, newID(), practice.HistoryFilter{}, page(1, 10))
		must(t, err)
		equal(t, "the page", got, []practice.Session{})
		equal(t, "the total", total, 0)
	})
}

func testUserDeletion(t *testing.T, db *sqlstore.DB) {
	ctx := t.Context()
	ann, bob := addUser(t, db, "ann@example.com"), addUser(t, db, "bob@example.com")
	one := newSpeech("one")
	addSpeeches(t, db, one)
	for i, u := range []account.User{ann, bob} {
		token := account.RefreshToken{Hash: []byte{byte(i)}, UserID: u.ID, IssuedAt: noon, ExpiresAt: noon}
		must(t, db.Accounts().InsertRefreshToken(ctx, token))
		must1[practice.Outcome](t)(db.Practice().InsertSessions(ctx, []practice.Session{newSession(u, one)}, newClaim(u, "k")))
		must(t, db.Accounts().InsertIdentity(ctx, newIdentity(u, account.Google, u.Email)))
		must(t, db.Accounts().InsertEmailToken(ctx, newEmailToken(u, account.ProveEmail, byte(i), noon)))
	}
	tables := []string{
		"users", "user_identities", "refresh_tokens", "email_tokens", "game_sessions", "game_results", "idempotency_keys", "game_session_counts",
	}
	for _, table := range tables {
		equal(t, "rows before in "+table, sqltest.Count(t, db, table), 2)
	}
	must(t, db.Accounts().DeleteUser(ctx, ann.ID))
	for _, table := range tables {
		equal(t, "rows left in "+table, sqltest.Count(t, db, table), 1)
	}
	must1[account.User](t)(db.Accounts().User(ctx, bob.ID))
	equal(t, "speeches", sqltest.Count(t, db, "speeches"), 1)
}

func testAllSessions(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Practice()
	ann, bob := addUser(t, db, "ann@example.com"), addUser(t, db, "bob@example.com")
	one := newSpeech("one")
	addSpeeches(t, db, one)
	ids := orderedIDs(4)
	var all []practice.Session
	for i := range ids {
		s := newSession([]account.User{ann, bob}[i%2], one)
		s.ID, s.CompletedAt = ids[i], noon.Add(time.Duration(min(i, 2))*time.Microsecond) // the last two are a tie
		if i%2 == 1 {
			s.Mode, s.Level = practice.ListenOnly, "C1"
		}
		all = append(all, s)
	}
	save(t, db, all...)
	for name, test := range map[string]struct {
		filter      practice.SessionFilter
		page, limit int
		want        []int
		total       int
	}{
		"latest first, ties by highest id": {practice.SessionFilter{}, 1, 10, []int{3, 2, 1, 0}, 4},
		"oldest first":                     {practice.SessionFilter{OldestFirst: true}, 1, 3, []int{0, 1, 2}, 4},
		"a page in the middle":             {practice.SessionFilter{}, 2, 1, []int{2}, 4},
		"a page far past the end is empty": {practice.SessionFilter{}, math.MaxInt64, 100, nil, 4},
		"by mode":                          {practice.SessionFilter{Mode: practice.ListenOnly}, 1, 10, []int{3, 1}, 2},
		"by level":                         {practice.SessionFilter{Level: "A2"}, 1, 10, []int{2, 0}, 2},
		"by both, which nothing is":        {practice.SessionFilter{Level: "A2", Mode: practice.ListenOnly}, 1, 10, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			found, total, err := store.AllSessions(ctx, test.filter, page(test.page, test.limit))
			must(t, err)
			var got []int
			for _, s := range found {
				got = append(got, slices.Index(ids, s.ID))
			}
			equal(t, "the page", got, test.want)
			equal(t, "the total", total, test.total)
		})
	}
	t.Run("deleted with its results and an entry, or not at all", func(t *testing.T) {
		entry := audit.Entry{ID: newID(), At: noon, Action: "session.delete", ObjectID: ids[0].String(), Origin: audit.Origin{Actor: "cli:ann"}}
		must(t, store.DeleteSession(ctx, ids[0], entry))
		_, err := store.Session(ctx, ids[0])
		refused(t, err, fault.KindNotFound, "")
		entry.ID = newID()
		refused(t, store.DeleteSession(ctx, ids[0], entry), fault.KindNotFound, "")
		equal(t, "entries", sqltest.Count(t, db, "audit_log"), 1)
		equal(t, "results", sqltest.Count(t, db, "game_results"), len(all[1].Results)*3)
	})
}
