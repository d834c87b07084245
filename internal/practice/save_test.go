package practice_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/practice"
)

func TestSaveStoresTheSessionNormalized(t *testing.T) {
	h := newHouse(t)
	in := draft()
	in.SelectedTags = nil
	in.StartedAt = time.Date(2025, 12, 10, 18, 55, 0, 123_456_789, time.FixedZone("", 7*3600))
	slices.Reverse(in.Results)
	before := slices.Clone(in.Results)

	got, err := h.Save(t.Context(), player, in, "")
	if err != nil {
		t.Fatal(err)
	}
	want := practice.Session{ID: got, UserID: player, Draft: draft(), SavedAt: noon}
	want.SelectedTags = []uuid.UUID{}
	want.StartedAt = time.Date(2025, 12, 10, 11, 55, 0, 123_456_000, time.UTC)
	stored := h.store.sessions[got]
	for i, r := range stored.Results {
		if r.ID == uuid.Nil {
			t.Errorf("result %d has no id", i)
		}
		want.Results[i].ID = r.ID
	}
	if diff := cmp.Diff(want, stored); diff != "" {
		t.Errorf("stored session (-want +got):\n%s", diff)
	}
	if stored.StartedAt.Location() != time.UTC {
		t.Errorf("started_at is stored in %v, want UTC", stored.StartedAt.Location())
	}
	if stored.Results[0].ID == stored.Results[1].ID {
		t.Error("two results have one id")
	}
	if diff := cmp.Diff(before, in.Results); diff != "" {
		t.Errorf("the caller's results were changed:\n%s", diff)
	}
}

func TestSaveNamesUnknownSpeeches(t *testing.T) {
	h := newHouse(t)
	in := draft()
	in.Results[0].SpeechID, in.Results[1].SpeechID = id(250), uuid.Nil
	_, err := h.Save(t.Context(), player, in, "")
	message := wantFault(t, err, fault.KindNotFound, "speech_not_found")
	for _, unknown := range []uuid.UUID{id(250), uuid.Nil} {
		if !strings.Contains(message, unknown.String()) {
			t.Errorf("%q does not name %s", message, unknown)
		}
	}
	if strings.Contains(message, "more") {
		t.Errorf("%q counts speeches that it names", message)
	}
	if len(h.store.sessions) != 0 {
		t.Error("the session is stored")
	}
}

func TestSaveNamesAHundredUnknownSpeechesAtMost(t *testing.T) {
	in := long(103)
	for i := range in.Results {
		in.Results[i].SpeechID = uuid.UUID{0: 1, 15: byte(i)}
	}
	_, err := newHouse(t).Save(t.Context(), player, in, "")
	message := wantFault(t, err, fault.KindNotFound, "speech_not_found")
	if got := strings.Count(message, "01000000-"); got != 100 || !strings.HasSuffix(message, "and 3 more") {
		t.Fatalf("%d speeches are named and the message ends with %q", got, message[len(message)-12:])
	}
}

func TestIdempotencyKey(t *testing.T) {
	edited := func(edit func(*practice.Draft)) practice.Draft { d := draft(); edit(&d); return d }
	zoned := edited(func(d *practice.Draft) { d.CompletedAt = d.CompletedAt.In(time.FixedZone("", 3600)) })
	slower := edited(func(d *practice.Draft) { d.Results[1].ResponseTimeMS++ })
	noText := edited(func(d *practice.Draft) { d.Results[0].RecognizedText = nil })
	tests := []struct {
		name   string
		player uuid.UUID
		draft  practice.Draft
		key    string
		later  time.Duration
		code   string // of the conflict, or none
		repeat bool   // the first answer comes again
	}{
		{name: "same key, same content: the first answer", player: player, draft: draft(), key: "k", repeat: true},
		{name: "the zone of a time is not content", player: player, draft: zoned, key: "k", repeat: true},
		{name: "within 24 h", player: player, draft: draft(), key: "k", later: 24 * time.Hour, repeat: true},
		{name: "the clock was turned back meanwhile", player: player, draft: draft(), key: "k", later: -48 * time.Hour, repeat: true},
		{name: "after 24 h the key is free again", player: player, draft: draft(), key: "k", later: 24*time.Hour + 1000},
		{name: "another key", player: player, draft: draft(), key: "K"},
		{name: "no key", player: player, draft: draft(), key: ""},
		{name: "somebody else's key is another one", player: other, draft: draft(), key: "k"},
		{name: "other content", player: player, draft: slower, key: "k", code: "idempotency_key_reused"},
		{name: "null is other content", player: player, draft: noText, key: "k", code: "idempotency_key_reused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			first, err := h.Save(t.Context(), player, draft(), "k")
			if err != nil {
				t.Fatal(err)
			}
			h.now = h.now.Add(tt.later)
			second, err := h.Save(t.Context(), tt.player, tt.draft, tt.key)
			if tt.code != "" {
				wantFault(t, err, fault.KindConflict, tt.code)
			} else if err != nil {
				t.Fatal(err)
			}
			if got := first == second; got != tt.repeat {
				t.Errorf("first answer again = %t, want %t", got, tt.repeat)
			}
			wantStored := 2
			if tt.repeat || tt.code != "" {
				wantStored = 1
			}
			if got := len(h.store.sessions); got != wantStored {
				t.Errorf("%d sessions are stored, want %d", got, wantStored)
			}
		})
	}
}

func TestIdempotencyKeyDividesBatchesFromSessions(t *testing.T) {
	h := newHouse(t)
	if _, err := h.Save(t.Context(), player, draft(), "k"); err != nil {
		t.Fatal(err)
	}
	_, err := h.SaveBatch(t.Context(), player, []practice.Draft{draft()}, "k")
	wantFault(t, err, fault.KindConflict, "idempotency_key_reused")
}

func TestTwentyPhonesWithOneKeySaveOneSession(t *testing.T) {
	h := newHouse(t)
	ids := make([]uuid.UUID, 20)
	errs := make([]error, 20)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() { ids[i], errs[i] = h.Save(context.Background(), player, draft(), "k") })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if got := slices.Compact(ids); len(got) != 1 || len(h.store.sessions) != 1 {
		t.Fatalf("%d answers and %d sessions, want one of each", len(got), len(h.store.sessions))
	}
}

func TestSaveBatch(t *testing.T) {
	many := func(n int) []practice.Draft { return slices.Repeat([]practice.Draft{draft()}, n) }
	second := many(3)
	second[1].Level = "D1"
	second[2].Results = slices.Clone(second[2].Results)
	second[2].Results[1].ResponseTimeMS = -1
	tests := []struct {
		name   string
		drafts []practice.Draft
		want   []string
	}{
		{"one session", many(1), nil},
		{"50 sessions", many(50), nil},
		{"no session", nil, []string{"sessions"}},
		{"51 sessions", many(51), []string{"sessions"}},
		{"fields carry the session's place", second, []string{"sessions[1].level", "sessions[2].results[1].response_time_ms"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			ids, err := h.SaveBatch(t.Context(), player, tt.drafts, "k")
			if diff := cmp.Diff(tt.want, broken(t, err)); diff != "" {
				t.Fatalf("broken fields (-want +got):\n%s", diff)
			}
			if len(ids) != len(h.store.sessions) || (err == nil && len(ids) != len(tt.drafts)) {
				t.Fatalf("%d ids and %d stored sessions of %d drafts", len(ids), len(h.store.sessions), len(tt.drafts))
			}
			if err != nil {
				return
			}
			again, err := h.SaveBatch(t.Context(), player, tt.drafts, "k")
			if err != nil || !slices.Equal(ids, again) {
				t.Fatalf("repeated: %v, %v; want %v", again, err, ids)
			}
		})
	}
}

func TestSaveBatchIsAllOrNothing(t *testing.T) {
	h := newHouse(t)
	drafts := []practice.Draft{draft(), draft()}
	drafts[1].Results[0].SpeechID = id(250)
	_, err := h.SaveBatch(t.Context(), player, drafts, "")
	wantFault(t, err, fault.KindNotFound, "speech_not_found")
	if len(h.store.sessions) != 0 {
		t.Fatalf("%d sessions are stored, want none", len(h.store.sessions))
	}
}

func TestSavePassesOnWhatTheStoreSays(t *testing.T) {
	h := newHouse(t)
	h.store.err = errDown
	if _, err := h.Save(t.Context(), player, draft(), "k"); !errors.Is(err, errDown) {
		t.Fatalf("error = %v, want the store's", err)
	}
	h.store.err = fault.Unauthorized("the user is gone").WithCode("account_gone")
	_, err := h.Save(t.Context(), player, draft(), "k")
	wantFault(t, err, fault.KindUnauthorized, "account_gone")
}

func TestSweepForgetsStaleKeysOnly(t *testing.T) {
	h := newHouse(t)
	for _, key := range []string{"old", "new"} {
		if _, err := h.Save(t.Context(), player, draft(), key); err != nil {
			t.Fatal(err)
		}
		h.now = h.now.Add(24*time.Hour + time.Second)
	}
	h.now = noon.Add(25 * time.Hour)
	if count, err := h.Sweep(t.Context()); err != nil || count != 1 {
		t.Fatalf("Sweep = %d, %v; want 1", count, err)
	}
	h.store.err = errDown
	if _, err := h.Sweep(t.Context()); !errors.Is(err, errDown) {
		t.Fatalf("error = %v, want the store's", err)
	}
}

func TestNewTakesClockAndIDsFromTheMachine(t *testing.T) {
	store := newFakeStore()
	s := practice.New(store, &fakeCatalogue{})
	before := time.Now().Add(-time.Second)
	got, err := s.Save(t.Context(), player, draft(), "")
	if err != nil {
		t.Fatal(err)
	}
	if got.Version() != 7 || store.sessions[got].SavedAt.Before(before) {
		t.Fatalf("id %s saved at %v, want version 7 and now", got, store.sessions[got].SavedAt)
	}
}
