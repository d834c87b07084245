package offline

import (
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/testenv"
)

// heard prepares samples for alignments.
func heardOf(tb testing.TB, samples []int16) *Hearing {
	tb.Helper()
	h, err := testModel(tb).Listen(tb.Context(), samples)
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

func (m *Model) chains(text string) (words [][][]phone) {
	for _, t := range m.speak(text) {
		words = append(words, t.sounds...)
	}
	return words
}

// TestAlignment: the segments are without gaps, in the order of the words, in one of their pronunciations, and the score is the sum over
// their frames.
func TestAlignment(t *testing.T) {
	m := testModel(t)
	h := heardOf(t, testenv.Recording(t, "goforward.raw"))
	words := m.chains("go forward ten meters")
	found, err := h.align(t.Context(), words)
	if err != nil {
		t.Fatal(err)
	}
	at, spoken := 0, map[int][]phone{}
	for i, s := range found {
		if s.from != at || s.to <= s.from || s.states[0]+s.states[1]+s.states[2] != s.frames() {
			t.Errorf("segment %d is from %d to %d with %v, after %d", i, s.from, s.to, s.states, at)
		}
		at = s.to
		sum := float32(0)
		for k, f := 0, s.from; k < statesPerPhone; k++ {
			for range s.states[k] {
				sum += h.score(f, s.senones[k])
				f++
			}
		}
		if d := sum - s.score; d > 0.1 || d < -0.1 {
			t.Errorf("segment %d scores %f, its frames %f", i, s.score, sum)
		}
		if s.word != noWord {
			spoken[s.word] = append(spoken[s.word], s.phone)
		}
	}
	if at != h.frames {
		t.Errorf("the segments end at %d of %d", at, h.frames)
	}
	for w, variants := range words {
		known := false
		for _, v := range variants {
			known = known || m.spelled(v) == m.spelled(spoken[w])
		}
		if !known {
			t.Errorf("word %d is spoken %q", w, m.spelled(spoken[w]))
		}
	}
}

// TestVariantIsChosen: flite says "the" in two ways.
func TestVariantIsChosen(t *testing.T) {
	h := heardOf(t, testenv.Say(t, "slt", "I like the apple, and the tea."))
	r, err := h.Read(t.Context(), "I like the apple, and the tea.")
	if err != nil {
		t.Fatal(err)
	}
	if vowel, weak := r.Words[2].Sounds[1].Phone, r.Words[5].Sounds[1].Phone; vowel != "IY" || weak != "AH" {
		t.Errorf("the apple: %s, the tea: %s", vowel, weak)
	}
}

// TestSilenceIsFound: half a second of silence between words is no part of them.
func TestSilenceIsFound(t *testing.T) {
	const gap = 8000
	one, two := testenv.Say(t, "rms", "Good morning."), testenv.Say(t, "rms", "How are you?")
	samples := append(append(append([]int16(nil), one...), noise(gap, 3)...), two...)
	r, err := heardOf(t, samples).Read(t.Context(), "Good morning. How are you?")
	if err != nil {
		t.Fatal(err)
	}
	from, to := r.Words[1].To*frameShift, r.Words[2].From*frameShift
	if from > len(one)+1600 || to < len(one)+gap-1600 {
		t.Errorf("the silence is from %d to %d, want from %d to %d", from, to, len(one), len(one)+gap)
	}
	if len(r.Silences) == 0 || r.pace().longest < 0.4 {
		t.Errorf("silences: %v", r.Silences)
	}
}

// TestUnknownWord: a word whose sounds nobody knows takes what is left for it, and does not spoil its neighbours.
func TestUnknownWord(t *testing.T) {
	h := heardOf(t, testenv.Say(t, "slt", "I live in Moscow with my brother."))
	r, err := h.Read(t.Context(), "I live in Москва with my brother.")
	if err != nil {
		t.Fatal(err)
	}
	w := r.Words[3]
	if w.Known || len(w.Sounds) > 0 || w.To-w.From < 20 {
		t.Errorf("%+v", w)
	}
	marks := Linear(r)
	if got := marks.Words[3]; got.Known || got.Score != marks.Accuracy {
		t.Errorf("it has the mark %+v", got)
	}
	for _, i := range []int{2, 4, 6} {
		if g := r.Words[i].Goodness(); g < -4 {
			t.Errorf("%s has %f", r.Words[i].Text, g)
		}
	}
}

// TestTooShortForText: less time than sounds need is an error, and so is a text without words.
func TestTooShortForText(t *testing.T) {
	h := heardOf(t, noise(3000, 500))
	if _, err := h.Read(t.Context(), strings.Repeat("What do you eat for breakfast? ", 3)); err != errTooShort { //nolint:errorlint // it is returned as it is
		t.Errorf("%v", err)
	}
	if _, err := h.Read(t.Context(), " – "); err != errNoWords { //nolint:errorlint // it is returned as it is
		t.Errorf("%v", err)
	}
	if _, err := testModel(t).Listen(t.Context(), nil); err != errTooShort { //nolint:errorlint // it is returned as it is
		t.Errorf("%v", err)
	}
}
