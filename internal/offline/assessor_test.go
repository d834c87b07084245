package offline

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/pronunciation"
	"github.com/englishapp/englishctl/internal/testenv"
)

// testAssessor has the model already.
func testAssessor(t *testing.T) *Assessor {
	t.Helper()
	a := New("/nowhere", nil)
	a.model = testModel(t)
	return a
}

func TestAssess(t *testing.T) {
	a := testAssessor(t)
	if a.Provider() != "offline" || !reflect.DeepEqual(a.Languages(), []string{"en-US"}) {
		t.Errorf("%s, %v", a.Provider(), a.Languages())
	}
	u := pronunciation.Utterance{Samples: testenv.Recording(t, "goforward.raw"), Text: "Go forward ten meters!", Phonemes: true}
	var both [2]pronunciation.Assessment
	var group sync.WaitGroup
	for i := range both {
		group.Go(func() {
			var err error
			if both[i], err = a.Assess(t.Context(), u); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	got := both[0]
	if !reflect.DeepEqual(both[0], both[1]) {
		t.Errorf("two at once differ: %+v", both)
	}
	if got.Recognized != "Go forward ten meters" || !got.Estimate || got.Pronunciation < 80 || *got.Completeness != 100 || got.Prosody == nil || *got.Confidence < 0.9 {
		t.Errorf("%+v", got)
	}
	for i, want := range []string{"Go", "forward", "ten", "meters"} {
		if w := got.Words[i]; w.Text != want || w.Band != pronunciation.Good || w.Error != "" || w.Phonemes != nil {
			t.Errorf("%+v", w)
		}
	}
}

// TestBands: what a word is worth becomes a band and an error.
func TestBands(t *testing.T) {
	for _, tc := range []struct {
		said  bool
		value float64
		want  pronunciation.Band
	}{{true, 80, pronunciation.Good}, {true, 79.9, pronunciation.Doubtful}, {true, 60, pronunciation.Doubtful}, {true, 59, pronunciation.Poor}, {false, 90, pronunciation.Poor}} {
		if got := band(tc.said, tc.value, poorBelow, goodFrom); got != tc.want {
			t.Errorf("%+v: %s", tc, got)
		}
	}
	got := assessment(&Marks{Words: []WordMark{
		{Text: "a", Known: true, Said: true, Band: pronunciation.Good, Score: 85},
		{Text: "c", Known: true, Band: pronunciation.Poor, Score: 55},
		{Text: "d", Known: true, Band: pronunciation.Poor, Left: true, Score: 2},
		{Text: "e", Band: pronunciation.Unscored, Score: 66},
	}}).Words
	want := []pronunciation.Word{
		{Text: "a", Band: pronunciation.Good, Score: 85}, {Text: "c", Band: pronunciation.Poor, Error: pronunciation.Mispronunciation, Score: 55},
		{Text: "d", Band: pronunciation.Poor, Error: pronunciation.Omission}, {Text: "e", Band: pronunciation.Unscored, Score: 66},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

// TestWhatIsNotScored: each has its code.
func TestWhatIsNotScored(t *testing.T) {
	a := testAssessor(t)
	speech := testenv.Recording(t, "goforward.raw")
	tone := make([]int16, 2*sampleRate)
	for i := range tone {
		tone[i] = int16(6000 * math.Sin(2*math.Pi*300*float64(i)/sampleRate))
	}
	for name, tc := range map[string]struct {
		samples []int16
		text    string
		code    string
	}{
		"another sentence": {speech, "my brother plays tennis on saturday", "different_sentence"},
		"noise":            {noise(2*sampleRate, 1500), "go forward ten meters", "audio_noisy different_sentence"},
		"a tone":           {tone, "go forward ten meters", "audio_noisy different_sentence"},
		"silence":          {noise(2*sampleRate, 1), "go forward ten meters", "speech_not_heard audio_noisy different_sentence"},
		"a moment":         {speech[:1000], "go forward ten meters", "audio_too_short_for_text"},
		"too short":        {speech[:4000], strings.Repeat("go forward ten meters ", 4), "audio_too_short_for_text"},
		"another script":   {speech, "вперёд на десять метров", ""},
		"no word":          {speech, "— 。", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := a.Assess(t.Context(), pronunciation.Utterance{Samples: tc.samples, Text: tc.text})
			f, ok := errors.AsType[*fault.Error](err) // without a code of its own it is "invalid"
			if !ok || !strings.Contains(" "+tc.code+" ", " "+f.Code+" ") {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestNobodyWaits: who hangs up while others are at work gets no marks, and costs nothing.
func TestNobodyWaits(t *testing.T) {
	a := testAssessor(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	u := pronunciation.Utterance{Samples: testenv.Recording(t, "goforward.raw"), Text: "go forward ten meters"}
	if _, err := a.Assess(ctx, u); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := a.places.Acquire(t.Context(), 1); err == nil { // all places are taken where there is one; the others are as good
		defer a.places.Release(1)
	}
	if _, err := a.Assess(ctx, u); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestModelComesLater: a model that cannot be read is a failure of the provider, and tried again with the next utterance.
func TestModelComesLater(t *testing.T) {
	testModel(t)
	dir := filepath.Join(t.TempDir(), "model")
	a := New(dir, nil)
	u := pronunciation.Utterance{Samples: testenv.Recording(t, "goforward.raw"), Text: "go forward ten meters"}
	_, err := a.Assess(t.Context(), u)
	if f, ok := errors.AsType[*pronunciation.Failure](err); !ok || f.Reason != pronunciation.Broken || !strings.Contains(err.Error(), dir) {
		t.Errorf("%v", err)
	}
	if err := os.Symlink(testenv.SpeechModel(t), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Assess(t.Context(), u); err != nil {
		t.Error(err)
	}
}

// FuzzSound: any samples have marks or a reason why not.
func FuzzSound(f *testing.F) {
	a := New("", nil)
	a.model = testModel(f)
	f.Add([]byte("abc"), uint16(3))
	f.Add([]byte{0, 128, 255, 127}, uint16(8000))
	f.Fuzz(func(t *testing.T, pattern []byte, n uint16) {
		if len(pattern) < 2 {
			return
		}
		samples := make([]int16, n)
		for i := range samples {
			samples[i] = int16(pattern[2*i%(len(pattern)-1)]) | int16(pattern[2*i%(len(pattern)-1)+1])<<8
		}
		got, err := a.Assess(t.Context(), pronunciation.Utterance{Samples: samples, Text: "go now"})
		if err == nil && (math.IsNaN(got.Pronunciation) || got.Pronunciation < 0 || got.Pronunciation > 100) {
			t.Errorf("%+v", got)
		}
	})
}
