package offline

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/englishapp/englishctl/internal/offline/forest"
	"github.com/englishapp/englishctl/internal/testenv"
)

// TestTrained: the judge that is part of the program knows the model's sounds, and asks for features that there are.
func TestTrained(t *testing.T) {
	m := testModel(t)
	if Trained(m) == nil {
		_, err := ownJudge()
		t.Fatalf("no judge: %v", err)
	}
	other := *m
	other.definition = &definition{names: slices.Clone(m.names)}
	other.names[3] = "XX"
	if Trained(&other) != nil {
		t.Error("the judge judges another model's sounds")
	}
	r, err := heardOf(t, testenv.Recording(t, "goforward.raw")).Read(t.Context(), "go forward ten meters")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(m.SoundFeatures(r, &r.Words[0], 1, Trained(m))); n != soundNumbers {
		t.Errorf("a sound has %d features, want %d", n, soundNumbers)
	}
	if n := len(WordFeatures(r, 0, []float64{1, 2})); n != wordNumbers {
		t.Errorf("a word has %d features, want %d", n, wordNumbers)
	}
	features := SentenceFeatures(r, Trained(m), []float64{1, 2}, []float64{3})
	if n := len(features); n != sentenceNumbers {
		t.Errorf("a sentence has %d features, want %d", n, sentenceNumbers)
	}
	for i, v := range features {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("feature %d is %f", i, v)
		}
	}
}

func TestReadJudge(t *testing.T) {
	write := func(j Judge) []byte {
		var b bytes.Buffer
		if err := j.Encode(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	small := Judge{Phones: []string{"A"}, Priors: []float64{2}, Lengths: []float64{2}, Ear: *dull(t, 1, nil), Sentence: *lenient(sentenceNumbers, MarksPerSentence), Sound: Panel{Examiner: *lenient(soundNumbers, 1)}, Word: Panel{Examiner: *lenient(wordNumbers, 1)}}
	if j, err := ReadJudge(write(small)); err != nil || j.Priors[0] != 2 {
		t.Errorf("%+v, %v", j, err)
	}
	odd := forest.Forest{Trees: []forest.Tree{{Features: []int{1000}, Thresholds: []float32{0}, Leaves: []float32{0, 1}}}}
	for name, content := range map[string][]byte{
		"nothing": nil, "cut off": trained[:len(trained)/2], "no sounds": write(Judge{}), "few priors": write(Judge{Phones: []string{"A"}, Lengths: []float64{2}}),
		"few lengths": write(Judge{Phones: []string{"A"}, Priors: []float64{2}}), "no ear": write(Judge{Phones: []string{"A"}, Priors: []float64{2}, Lengths: []float64{2}, Sentence: *lenient(sentenceNumbers, MarksPerSentence), Sound: Panel{Examiner: *lenient(soundNumbers, 1)}, Word: Panel{Examiner: *lenient(wordNumbers, 1)}}),
		"no examiner":                            write(Judge{Phones: []string{"A"}, Priors: []float64{2}, Lengths: []float64{2}, Ear: *dull(t, 1, nil)}),
		"an examiner who knows too few features": write(Judge{Phones: []string{"A"}, Priors: []float64{2}, Lengths: []float64{2}, Ear: *dull(t, 1, nil), Sentence: *lenient(sentenceNumbers-1, MarksPerSentence), Sound: Panel{Examiner: *lenient(soundNumbers, 1)}, Word: Panel{Examiner: *lenient(wordNumbers, 1)}}),
		"a feature too many for words":           write(Judge{Phones: []string{"A"}, Priors: []float64{2}, Word: Panel{Forest: odd}}),
		"a feature too many for sentences":       write(Judge{Phones: []string{"A"}, Priors: []float64{2}, Same: odd}),
	} {
		if _, err := ReadJudge(content); err == nil {
			t.Errorf("%s is a judge", name)
		}
	}
}
