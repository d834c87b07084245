package practice_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
)

var (
	noon    = time.Date(2025, 12, 10, 12, 0, 0, 0, time.UTC)
	player  = id(1)
	other   = id(2)
	errDown = errors.New("the database is down")
)

// id returns a recognizable id.
func id(n byte) uuid.UUID { return uuid.UUID{15: n} }

// The speeches of the fake catalogue are 101 (deleted), 102 and 103; its tags are 201 and 202.
var (
	speeches = map[uuid.UUID]catalog.Speech{
		id(101): {ID: id(101), Text: "What is your name?", DeletedAt: &noon},
		id(102): {ID: id(102), Text: "Where do you live?"},
		id(103): {ID: id(103), Text: "I live in Hue."},
	}
	tagNames = map[uuid.UUID]string{id(201): "Food", id(202): "Past Tense"}
)

// fakeStore keeps sessions in memory. Speeches 101 to 103 exist, and everybody does.
type fakeStore struct {
	mu       sync.Mutex
	sessions map[uuid.UUID]practice.Session
	claims   map[claimKey]claimed
	err      error
	audit    []audit.Entry
	pages    int // how often SessionsAfter was called
}

type claimKey struct {
	user uuid.UUID
	key  string
}

type claimed struct {
	at time.Time
	practice.Earlier
}

func newFakeStore() *fakeStore {
	return &fakeStore{sessions: map[uuid.UUID]practice.Session{}, claims: map[claimKey]claimed{}}
}

func (f *fakeStore) AllSessions(_ context.Context, w practice.SessionFilter, p paging.Page) ([]practice.Session, int, error) {
	var found []practice.Session
	for _, s := range f.sessions {
		if w.Mode == "" || s.Mode == w.Mode {
			found = append(found, s)
		}
	}
	return found[:min(p.Limit, len(found))], len(found), f.err
}

func (f *fakeStore) DeleteSession(_ context.Context, id uuid.UUID, e audit.Entry) error {
	if _, ok := f.sessions[id]; !ok {
		return cmp.Or(f.err, error(fault.NotFound("no such session")))
	}
	delete(f.sessions, id)
	f.audit = append(f.audit, e)
	return f.err
}

func (f *fakeStore) SessionsAfter(
	_ context.Context, user uuid.UUID, completed time.Time, last uuid.UUID, limit int,
) ([]practice.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pages++
	var found []practice.Session
	for _, s := range f.sessions {
		if later := cmp.Or(s.CompletedAt.Compare(completed), slices.Compare(s.ID[:], last[:])); s.UserID == user && later > 0 {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(a, b practice.Session) int {
		return cmp.Or(a.CompletedAt.Compare(b.CompletedAt), slices.Compare(a.ID[:], b.ID[:]))
	})
	return found[:min(limit, len(found))], f.err
}

func (f *fakeStore) InsertSessions(_ context.Context, sessions []practice.Session, claim *practice.Claim) (practice.Outcome, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return practice.Outcome{}, f.err
	}
	if claim != nil {
		earlier, taken := f.claims[claimKey{claim.UserID, claim.Key}]
		if taken && !earlier.at.Before(claim.StaleBefore) {
			return practice.Outcome{Earlier: &earlier.Earlier}, nil
		}
	}
	if missing := missingSpeeches(sessions); len(missing) > 0 {
		return practice.Outcome{Missing: missing}, nil
	}
	if used := f.usedScores(sessions); len(used) > 0 {
		return practice.Outcome{Used: used}, nil
	}
	var ids []uuid.UUID
	for _, s := range sessions {
		f.sessions[s.ID] = s
		ids = append(ids, s.ID)
	}
	if claim != nil {
		f.claims[claimKey{claim.UserID, claim.Key}] = claimed{claim.At, practice.Earlier{Request: claim.Request, SessionIDs: ids}}
	}
	return practice.Outcome{}, nil
}

// usedScores returns the scores of the sessions that stored ones have.
func (f *fakeStore) usedScores(sessions []practice.Session) (used []uuid.UUID) {
	taken := map[uuid.UUID]bool{}
	for _, s := range f.sessions {
		for _, r := range s.Results {
			taken[r.ScoreID] = r.ScoreID != uuid.Nil
		}
	}
	for _, s := range sessions {
		for _, r := range s.Results {
			if taken[r.ScoreID] {
				used = append(used, r.ScoreID)
			}
		}
	}
	return used
}

func missingSpeeches(sessions []practice.Session) (missing []uuid.UUID) {
	for _, s := range sessions {
		for _, r := range s.Results {
			if _, ok := speeches[r.SpeechID]; !ok && !slices.Contains(missing, r.SpeechID) {
				missing = append(missing, r.SpeechID)
			}
		}
	}
	return missing
}

func (f *fakeStore) Session(_ context.Context, id uuid.UUID) (practice.Session, error) {
	s, ok := f.sessions[id]
	if !ok {
		return practice.Session{}, fault.NotFound("no game session has the id %s", id)
	}
	return s, f.err
}

func (f *fakeStore) Sessions(_ context.Context, user uuid.UUID, _ practice.HistoryFilter, p paging.Page) ([]practice.Session, int, error) {
	var own []practice.Session
	for _, s := range f.sessions {
		if s.UserID == user {
			own = append(own, s)
		}
	}
	slices.SortFunc(own, func(a, b practice.Session) int { return cmp.Compare(b.ID.String(), a.ID.String()) })
	first := min(int(p.Offset()), len(own))
	return own[first:min(first+p.Limit, len(own))], len(own), f.err
}

func (f *fakeStore) CountSessions(_ context.Context, since time.Time) (int, error) {
	n := 0
	for _, session := range f.sessions {
		if !session.CompletedAt.Before(since) {
			n++
		}
	}
	return n, f.err
}

func (f *fakeStore) DeleteClaims(_ context.Context, before time.Time) (int, error) {
	count := 0
	for key, c := range f.claims {
		if c.at.Before(before) {
			delete(f.claims, key)
			count++
		}
	}
	return count, f.err
}

// fakeCatalogue answers from the maps above.
type fakeCatalogue struct {
	speechesErr, tagsErr error
	// forgets is a speech that the catalogue has lost.
	forgets uuid.UUID
}

func (f *fakeCatalogue) SpeechesEver(_ context.Context, ids []uuid.UUID) (found []catalog.Speech, err error) {
	for _, id := range ids {
		if s, ok := speeches[id]; ok && id != f.forgets {
			found = append(found, s)
		}
	}
	return found, f.speechesErr
}

func (f *fakeCatalogue) TagNamesEver(_ context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	return tagNames, f.tagsErr
}

// house is a service with everything around it.
type house struct {
	*practice.Service
	store     *fakeStore
	catalogue *fakeCatalogue
	now       time.Time
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{store: newFakeStore(), catalogue: &fakeCatalogue{}, now: noon}
	var mu sync.Mutex
	var last uint16
	newID := func() uuid.UUID {
		mu.Lock()
		defer mu.Unlock()
		last++
		return uuid.UUID{0: 0xff, 14: byte(last >> 8), 15: byte(last)}
	}
	h.Service = practice.New(h.store, h.catalogue,
		practice.WithScores(fakeScores{}), practice.WithClock(func() time.Time { return h.now }), practice.WithIDs(newID))
	return h
}

// draft returns a good session of two sentences in listen_and_repeat.
func draft() practice.Draft {
	return practice.Draft{
		Mode:                  practice.ListenAndRepeat,
		Level:                 "A1",
		SentenceType:          catalog.Question,
		SelectedTags:          []uuid.UUID{id(201)},
		TotalSentences:        2,
		CorrectCount:          1,
		MaxStreak:             1,
		AvgPronunciationScore: ptr(72.5),
		DurationSeconds:       300,
		StartedAt:             noon.Add(-5 * time.Minute),
		CompletedAt:           noon,
		Results: []practice.Result{
			{SpeechID: id(101), SequenceNumber: 1, UserResponse: practice.Correct, PronunciationScore: ptr(72.5),
				RecognizedText: ptr("what is your name"), ResponseTimeMS: 5000},
			{SpeechID: id(102), SequenceNumber: 2, UserResponse: practice.Skipped, ResponseTimeMS: 4500},
		},
	}
}

// quiet returns the good session as it is in listen_only.
func quiet() practice.Draft {
	d := draft()
	d.Mode, d.AvgPronunciationScore = practice.ListenOnly, nil
	d.Results[0].PronunciationScore, d.Results[0].RecognizedText = nil, nil
	return d
}

// long returns a good session of n sentences.
func long(n int) practice.Draft {
	d := quiet()
	d.TotalSentences, d.Results = n, nil
	for i := range n {
		d.Results = append(d.Results, practice.Result{SpeechID: id(101), SequenceNumber: i + 1, UserResponse: practice.Correct})
	}
	return d
}

func ptr[T any](v T) *T { return &v }

// broken returns the names of the fields that an Invalid error names, or the error itself where it is another one.
func broken(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.KindInvalid {
		t.Fatalf("error = %v, want an invalid fault", err)
	}
	var names []string
	for _, field := range f.Fields {
		names = append(names, field.Name)
	}
	return names
}

// wantFault demands an error of a kind and code, and returns its sentence for the user.
func wantFault(t *testing.T, err error, kind fault.Kind, code string) string {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != kind || f.Code != code {
		t.Fatalf("error = %v, want %s with code %q", err, kind, code)
	}
	return f.Message
}
