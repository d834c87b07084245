package practice_test

import (
	"errors"
	"testing"
	"time"
)

func TestCountSince(t *testing.T) {
	h := newHouse(t)
	if _, err := h.Save(t.Context(), player, draft(), ""); err != nil {
		t.Fatal(err)
	}
	completed := draft().CompletedAt
	for since, want := range map[time.Time]int{{}: 1, completed: 1, completed.Add(time.Second): 0} {
		if got, err := h.CountSince(t.Context(), since); err != nil || got != want {
			t.Errorf("since %s: %d, %v; want %d", since, got, err, want)
		}
	}
	h.store.err = errDown
	if _, err := h.CountSince(t.Context(), time.Time{}); !errors.Is(err, errDown) {
		t.Fatalf("err = %v", err)
	}
}
