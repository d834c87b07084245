package catalog_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/catalog"
)

func TestCountSpeeches(t *testing.T) {
	w := newWorld(t)
	w.speech(t, "A2", "answer")
	w.speech(t, "A2", "answer")
	if err := w.DeleteSpeech(t.Context(), w.speech(t, "A1", "question").ID); err != nil {
		t.Fatal(err)
	}
	got, err := w.CountSpeeches(t.Context())
	want := []catalog.SpeechCount{
		{"A1", "question", 0}, {"A1", "answer", 0}, {"A2", "question", 0}, {"A2", "answer", 2}, {"B1", "question", 0},
		{"B1", "answer", 0}, {"B2", "question", 0}, {"B2", "answer", 0}, {"C1", "question", 0}, {"C1", "answer", 0},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatal(err, diff)
	}
	w.failOn("CountSpeeches", errDown)
	if _, err := w.CountSpeeches(t.Context()); !errors.Is(err, errDown) {
		t.Fatalf("err = %v", err)
	}
}
