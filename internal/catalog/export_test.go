package catalog_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

func TestExport(t *testing.T) {
	w := newStudio(t)
	food, drink := w.tag(t, "Food"), w.tag(t, "Drink")
	add := func(level catalog.Level, typ catalog.SentenceType, text, recording string) catalog.Speech {
		t.Helper()
		speech, err := w.CreateSpeech(t.Context(), catalog.NewSpeech{
			Recording: strings.NewReader("RIFF" + recording), Text: text, Level: level, Type: typ,
		})
		if err != nil {
			t.Fatal(err)
		}
		return speech
	}
	add("B1", "answer", "Later.", "")
	add("A1", "answer", "I don't know, what’s up?", "")
	add("A1", "question", "Where?", "1")
	twin := add("A1", "question", "Where?", "2")
	add("A1", "question", "where", "")
	add("A1", "answer", "你好", "")
	add("A1", "answer", "One two three four five six seven eight nine ten.", "")
	add("A1", "answer", strings.Repeat("x", 50), "")
	if _, err := w.UpdateSpeech(t.Context(), twin.ID, catalog.SpeechChange{TagIDs: &[]uuid.UUID{food, drink}}); err != nil {
		t.Fatal(err)
	}
	foreign := w.speech(t, "A1", "answer")

	rows, elsewhere, err := w.Export(t.Context(), catalog.SpeechQuery{})
	if err != nil || len(elsewhere) != 1 || elsewhere[0].ID != foreign.ID {
		t.Fatalf("Export left out %v, %v", elsewhere, err)
	}
	var got []string
	for _, row := range rows {
		got = append(got, row.FileName+" "+row.TagNames())
	}
	want := []string{
		"a1-question-where.wav ", "a1-question-where_2.wav ", "a1-question-where_3.wav Drink,Food",
		"a1-answer-i-dont-know-whats-up.wav ", "a1-answer-one-two-three-four-five-six-seven-eight.wav ",
		"a1-answer-" + strings.Repeat("x", 40) + ".wav ", "a1-answer.wav ", "b1-answer-later.wav ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}

	rows, elsewhere, err = w.Export(t.Context(), catalog.SpeechQuery{TagID: &food})
	if err != nil || len(rows) != 1 || rows[0].ID != twin.ID || len(elsewhere) != 0 {
		t.Fatalf("Export of a tag = %v, %v, %v", rows, elsewhere, err)
	}
	_, _, err = w.Export(t.Context(), catalog.SpeechQuery{Type: "shout"})
	wantFault(t, err, fault.KindInvalid, "type")
}
