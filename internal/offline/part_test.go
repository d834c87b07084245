package offline

import (
	"math"
	"slices"
	"testing"

	"github.com/englishapp/englishctl/internal/pronunciation"
	"github.com/englishapp/englishctl/internal/testenv"
)

// TestPartOfText: who stops in the middle, or begins there, is told what is missing, and gets as much less.
func TestPartOfText(t *testing.T) {
	rec := recordings[3]
	samples := testenv.Recording(t, rec.file)
	r, err := heardOf(t, samples).Read(t.Context(), rec.text)
	if err != nil {
		t.Fatal(err)
	}
	_, whole := codeOf(t, samples, rec.text)
	parts := [][2]int{{0, 4}, {4, 8}, {0, 5}} // words
	if testenv.RaceDetector {
		parts = parts[:1] // nothing is shared; see there
	}
	for _, read := range parts {
		cut := slices.Concat(samples[r.Words[read[0]].From*frameShift:r.Words[read[1]-1].To*frameShift], noise(sampleRate/4, 20))
		code, got := codeOf(t, cut, rec.text)
		if code != "" {
			t.Errorf("%v: %s", read, code)
			continue
		}
		for i, w := range got.Words {
			if in := i >= read[0] && i < read[1]; w.Said != in || w.Left == in || !in && (w.Score != 0 || w.Band != pronunciation.Poor) {
				t.Errorf("%v: %+v", read, w)
			}
		}
		share := float64(read[1]-read[0]) / float64(len(r.Words))
		if got.Completeness != 100*share || got.Overall > share*100 || got.Overall < share*whole.Overall-15 {
			t.Errorf("%v: %f complete, overall %f of %f", read, got.Completeness, got.Overall, whole.Overall)
		}
	}
	few := slices.Concat(samples[r.Words[2].From*frameShift:r.Words[3].To*frameShift], noise(sampleRate, 20))
	if code, got := codeOf(t, few, rec.text); code == "" {
		t.Errorf("two words of eight have the marks %+v", got)
	}
}

// TestSaidTwice: whoever begins again, or says all of it twice, has read it.
func TestSaidTwice(t *testing.T) {
	const text = "I saw my friend at the station."
	all, begun := testenv.Say(t, "rms", text), testenv.Say(t, "rms", "I saw my")
	for name, samples := range map[string][]int16{
		"twice": slices.Concat(all, all), "a false start": slices.Concat(begun, all),
	} {
		if code, got := codeOf(t, samples, text); code != "" || got.Recognized() != "I saw my friend at the station" {
			t.Errorf("%s: %q, %q", name, code, got.Recognized())
		}
	}
}

// TestMissingWord: where one word of a short text is missing, or another was said in its place, that one is left out, and no more.
func TestMissingWord(t *testing.T) {
	for _, tc := range []struct {
		voice, said, text, recognized string
		complete                      float64
	}{
		{"slt", "I like tea.", "I like green tea.", "I like tea", 75},
		{"slt", "She goes to school.", "She never goes to school.", "She goes to school", 80},
		{"slt", "I like tea.", "I never like 茶 tea.", "I like tea", 80},
		{"awb", "She goes to school.", "She never goes to school.", "She goes to school", 80},
		{"awb", "She goes to the school.", "She goes to the beautiful school.", "She goes to the school", 83},
	} {
		code, got := codeOf(t, testenv.Say(t, tc.voice, tc.said), tc.text)
		if code != "" || math.Floor(got.Completeness) != tc.complete || got.Recognized() != tc.recognized {
			t.Errorf("%s, %s: %q, %f complete: %q", tc.voice, tc.text, code, got.Completeness, got.Recognized())
		}
	}
}

// TestOneWord: a text of a word needs no more speech than that, also where it is one sound.
func TestOneWord(t *testing.T) {
	for _, word := range []string{"Go.", "Yes.", "Apple.", "I.", "Oh.", "Hi."} {
		if code, got := codeOf(t, testenv.Say(t, "slt", word), word); code != "" || got.Completeness != 100 {
			t.Errorf("%s: %q, %+v", word, code, got)
		}
	}
}
