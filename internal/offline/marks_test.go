package offline

import (
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/testenv"
)

// recordings are people, not synthesisers, from Debian's package, with what they say. The marks were computed once and looked at: they
// change where a stage changes.
var recordings = []struct {
	file, text                           string
	accuracy, fluency, overall, goodness float64
}{
	{"goforward.raw", "go forward ten meters", 94.6, 93.4, 95.6, -1.75},
	{"something.raw", "go somewhere and do something", 97.9, 97.9, 100, -1.43},
	{"librivox/sense_and_sensibility_01_austen_64kb-0880.wav", "he was not an ill disposed young man", 92.5, 90.2, 91.5, -1.97},
	{"librivox/sense_and_sensibility_01_austen_64kb-0930.wav", "he might even have been made amiable himself", 91.1, 94.1, 94.6, -2.14},
}

// TestPeople: what people say gets its marks; the same recording against another text gets none.
func TestPeople(t *testing.T) {
	for i, rec := range recordings {
		h := heardOf(t, testenv.Recording(t, rec.file))
		r, err := h.Read(t.Context(), rec.text)
		if err != nil {
			t.Fatal(err)
		}
		m := Linear(r)
		for _, c := range []struct {
			what           string
			got, want, may float64
		}{
			{"accuracy", m.Accuracy, rec.accuracy, 1}, {"fluency", m.Fluency, rec.fluency, 1}, {"overall", m.Overall, rec.overall, 1},
			{"completeness", m.Completeness, 100, 0}, {"goodness", m.Goodness, rec.goodness, 0.1},
		} {
			if math.Abs(c.got-c.want) > c.may {
				t.Errorf("%s: %s is %f, want %f", rec.file, c.what, c.got, c.want)
			}
		}
		if m.Check(r) != nil || m.Recognized() != rec.text || m.Confidence < 0.95 {
			t.Errorf("%s: %v, %q, %f", rec.file, m.Check(r), m.Recognized(), m.Confidence)
		}
		other, err := h.Read(t.Context(), recordings[(i+1)%len(recordings)].text)
		if err != nil {
			t.Fatal(err)
		}
		wrong := Linear(other)
		if f, ok := errors.AsType[*fault.Error](wrong.Check(other)); !ok || f.Code != "different_sentence" || wrong.Confidence > 0.4 {
			t.Errorf("%s against another text: %v, %f", rec.file, wrong.Check(other), wrong.Confidence)
		}
	}
}

// TestOneWordWrong: of a sentence with another word in it, that one is found, and the others keep their marks.
func TestOneWordWrong(t *testing.T) {
	h := heardOf(t, testenv.Say(t, "slt", "What do you drink for breakfast?"))
	r, err := h.Read(t.Context(), "What do you wash for breakfast?")
	if err != nil {
		t.Fatal(err)
	}
	m := Linear(r)
	for i, w := range m.Words {
		if w.Said == (i == 3) {
			t.Errorf("%+v", w)
		}
	}
	if m.Recognized() != "What do you for breakfast" || m.Completeness > 84 || m.Completeness < 83 {
		t.Errorf("%q, %f", m.Recognized(), m.Completeness)
	}
	if wrong := testModel(t).Mark(r).Words[3]; wrong.Said || wrong.Score > poorBelow {
		t.Errorf("%+v: another word was said well, but not this one", wrong)
	}
}

// TestUnknownWords: nobody can tell whether they were said, so nothing says so, and they make no text more complete.
func TestUnknownWords(t *testing.T) {
	h := heardOf(t, testenv.Say(t, "slt", "What do you drink for breakfast?"))
	r, err := h.Read(t.Context(), "What do you wash for breakfast 你好 你好?")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []Marks{Linear(r), testModel(t).Mark(r)} {
		if m.Recognized() != "What do you for breakfast" || m.Completeness > 84 || m.Completeness < 83 {
			t.Errorf("%q, %f", m.Recognized(), m.Completeness)
		}
	}
}

// TestWordLeftOut: a word that was not said at all has no time.
func TestWordLeftOut(t *testing.T) {
	h := heardOf(t, testenv.Say(t, "rms", "I saw my friend at the station."))
	r, err := h.Read(t.Context(), "I saw my beautiful friend at the station.")
	if err != nil {
		t.Fatal(err)
	}
	m := Linear(r)
	for i, w := range m.Words {
		if w.Left != (i == 3) {
			t.Errorf("%+v, %d frames", w, r.Words[i].To-r.Words[i].From)
		}
	}
}

// properties of the marks of one recording: how loud it is and what silence comes first changes little, and twice the same is the same.
func TestProperties(t *testing.T) {
	const text = "he was not an ill disposed young man"
	samples := testenv.Recording(t, "librivox/sense_and_sensibility_01_austen_64kb-0880.wav")
	mark := func(samples []int16) [2]Marks {
		r, err := heardOf(t, samples).Read(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		return [2]Marks{Linear(r), testModel(t).Mark(r)}
	}
	wants := mark(samples)
	if again := mark(samples); !reflect.DeepEqual(again, wants) {
		t.Errorf("again: %+v, want %+v", again, wants)
	}
	quiet := make([]int16, len(samples))
	for i, s := range samples {
		quiet[i] = s / 10
	}
	late := append(make([]int16, sampleRate), samples...)
	for name, c := range map[string]struct {
		samples []int16
		may     float64
	}{"20 dB less": {quiet, 3}, "after silence": {late, 1}} {
		for i, got := range mark(c.samples) {
			want := wants[i]
			for what, d := range map[string]float64{"overall": got.Overall - want.Overall, "accuracy": got.Accuracy - want.Accuracy, "fluency": got.Fluency - want.Fluency} {
				if math.Abs(d) > c.may {
					t.Errorf("%s, %d: %s changes by %f", name, i, what, d)
				}
			}
		}
	}
}

// TestPace is about readings that are made up.
func TestPace(t *testing.T) {
	r := &Reading{Voiced: 200, Silences: []int{5, 30, 12}, Words: []Word{{Sounds: make([]Sound, 16)}}}
	if got := r.pace(); got != (pace{pause: 0.21, rate: 8, longest: 0.3}) {
		t.Errorf("%+v", got)
	}
	if got := (&Reading{Silences: []int{1000}}).pace(); got != (pace{pause: 0.6, rate: 3, longest: 3}) {
		t.Errorf("an empty one: %+v", got)
	}
}
