package practice_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/practice"
)

// longHistory saves n sessions of the player, of which every two were completed in the same moment.
func longHistory(store *fakeStore, n int) {
	for i := range n {
		session := practice.Session{ID: uuid.UUID{0: 1, 13: byte(i >> 8), 14: byte(i)}, UserID: player}
		session.CompletedAt = noon.Add(time.Duration(i/2) * time.Minute)
		session.SelectedTags = []uuid.UUID{id(202), id(250), id(201)}
		session.Results = []practice.Result{{SpeechID: id(101), SequenceNumber: 1}, {SpeechID: id(101), SequenceNumber: 2}}
		store.sessions[session.ID] = session
	}
	store.sessions[id(9)] = practice.Session{ID: id(9), UserID: other}
}

// TestExport: all sessions of the player, once each and in order, with texts and names, however many pages they fill.
func TestExport(t *testing.T) {
	for n, pages := range map[int]int{0: 1, 1: 1, 49: 1, 50: 2, 51: 2, 120: 3} {
		store := newFakeStore()
		longHistory(store, n)
		var ids []uuid.UUID
		for d, err := range practice.New(store, &fakeCatalogue{}).ExportSessions(t.Context(), player) {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, d.ID)
			if !cmp.Equal(d.TagNames, []string{"Past Tense", "Food"}) || d.Speeches[id(101)].Text == "" || len(d.Results) != 2 {
				t.Errorf("a session of %d: %+v", n, d)
			}
		}
		if len(ids) != n || !slices.IsSortedFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }) {
			t.Errorf("of %d sessions: %d, %v", n, len(ids), ids)
		}
		if store.pages != pages {
			t.Errorf("%d sessions took %d pages, want %d", n, store.pages, pages)
		}
	}
	t.Run("who has seen enough costs no more", func(t *testing.T) {
		store := newFakeStore()
		longHistory(store, 120)
		for _, err := range practice.New(store, &fakeCatalogue{}).ExportSessions(t.Context(), player) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		if store.pages != 1 {
			t.Errorf("%d pages were read", store.pages)
		}
	})
	t.Run("an error ends it", func(t *testing.T) {
		store := newFakeStore()
		longHistory(store, 120)
		good, failed := 0, 0
		for _, err := range practice.New(store, &fakeCatalogue{}).ExportSessions(t.Context(), player) {
			if err == nil {
				good++
				store.err = errDown // from the second page on
				continue
			}
			failed++
			if !errors.Is(err, errDown) {
				t.Error(err)
			}
		}
		if good != 50 || failed != 1 {
			t.Errorf("%d sessions, %d errors", good, failed)
		}
	})
}
