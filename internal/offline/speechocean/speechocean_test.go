package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/offline"
	"github.com/englishapp/englishctl/internal/testenv"
)

// corpus makes a folder like that of speechocean762, with four recordings that Debian has, and marks as its revisions have them.
func corpus(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var scp, speakers, single, phones strings.Builder
	for i, u := range []struct{ file, text, phones string }{
		{"goforward.raw", "GO FORWARD TEN METERS", "G OW|F AO R W ER D|T EH N|M IY T ER Z"},
		{"something.raw", "GO SOMEWHERE AND DO SOMETHING", "G OW|S AH M W EH R|AH N D|D UW|S AH M TH IH NG"},
		{"goforward.raw", "GO FORWARD TEN METERS", "G OW|F AO R W ER D|T EH N|M IY T ER Z"},
		{"something.raw", "GO SOMEWHERE AND DO SOMETHING", "G OW|S AH M W EH R|AH N D|D UW|S AH M TH IH NG"},
	} {
		id := fmt.Sprintf("00%d0001", i)
		write(t, filepath.Join(dir, "WAVE", id+".WAV"), wave(testenv.Recording(t, u.file)))
		fmt.Fprintf(&scp, "%s\tWAVE/%s.WAV\n", id, id)
		fmt.Fprintf(&speakers, "%s 000%d\n", id, i)
		var words []string
		for k, w := range strings.Fields(u.text) {
			sounds := strings.Split(u.phones, "|")[k]
			fmt.Fprintf(&phones, "%s.%d\t%s\n", id, k, sounds)
			words = append(words, fmt.Sprintf(`{"text": %q, "total": [%d, 10], "accuracy": [%d, 10], "stress": [10, 10], "phones": [%q, %q]}`, w, 10-i, 10-i, sounds, "("+strings.Replace(sounds, " ", ") ", 1)))
		}
		fmt.Fprintf(&single, `%s	{"text": %q, "total": [%d, 9], "accuracy": [%d, 9], "completeness": [1, 0.5], "fluency": [%d, 9], "prosodic": [8, 9], "words": [%s]}`+"\n",
			id, u.text, 9-i, 9-i, 9-i, strings.Join(words, ", "))
	}
	write(t, filepath.Join(dir, "test", "wav.scp"), scp.String())
	write(t, filepath.Join(dir, "test", "utt2spk"), speakers.String())
	write(t, filepath.Join(dir, "test", "utt2score"), single.String())
	write(t, filepath.Join(dir, "resource", "text-phone"), phones.String())
	return dir
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func wave(samples []int16) string {
	data := make([]byte, 2*len(samples))
	for i, s := range samples {
		binary.LittleEndian.PutUint16(data[2*i:], uint16(s)) //nolint:gosec // the bits are wanted
	}
	size := binary.LittleEndian.AppendUint32(nil, uint32(len(data))) //nolint:gosec // short
	return "RIFF0000WAVEfmt \x10\x00\x00\x00" + strings.Repeat("x", 16) + "data" + string(size) + string(data)
}

// TestMeasure goes all the way, twice: the second time nothing is heard again.
func TestMeasure(t *testing.T) {
	o := options{corpus: corpus(t), model: testenv.SpeechModel(t), cache: t.TempDir(), parts: shards}
	if err := run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(o.corpus, "WAVE")); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), o); err != nil {
		t.Errorf("from the cache: %v", err)
	}
	o.corpus = t.TempDir()
	if err := run(t.Context(), o); err == nil {
		t.Error("an empty folder is a corpus")
	}
}

// TestTeach makes a judge of four recordings, twice: the same lessons make the same judge, and the program can read it.
func TestTeach(t *testing.T) {
	o := options{corpus: corpus(t), model: testenv.SpeechModel(t), cache: t.TempDir(), parts: shards}
	if err := os.Rename(filepath.Join(o.corpus, "test"), filepath.Join(o.corpus, "train")); err != nil {
		t.Fatal(err)
	}
	var made [2][]byte
	for i := range made {
		o.teach = filepath.Join(t.TempDir(), "judge.json.gz")
		if err := run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		var err error
		if made[i], err = os.ReadFile(o.teach); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(made[0], made[1]) {
		t.Error("the same lessons make two judges")
	}
	if _, err := offline.ReadJudge(made[0]); err != nil {
		t.Error(err)
	}
}

// TestMarks: the corpus' marks, from single experts and as they are published, are the same.
func TestMarks(t *testing.T) {
	dir := corpus(t)
	split, err := readSplit(dir, "test")
	if err != nil {
		t.Fatal(err)
	}
	u := split[1]
	if u.Speaker != "0001" || u.Accuracy != 8 || u.Completeness != 7.5 || u.Experts != 2 || len(u.Words) != 5 {
		t.Errorf("%+v", u)
	}
	if u.Mean.Accuracy != 8.5 || u.Words[1].Mean != 9.5 {
		t.Errorf("means of %+v, of a word %f", u.Mean, u.Words[1].Mean)
	}
	if w := u.Words[1]; !reflect.DeepEqual(w.Marks, []float64{1, 2, 2, 2, 2, 2}) || !reflect.DeepEqual(w.Phones, strings.Fields("S AH M W EH R")) {
		t.Errorf("%+v", w)
	}
	write(t, filepath.Join(dir, "resource", "scores.json"), `{"0000001": {"text": "GO", "accuracy": 8, "completeness": 10.0, "fluency": 9, "prosodic": 7, "total": 8,
		"words": [{"accuracy": 6, "stress": 10, "total": 6, "text": "GO", "phones": "G OW0", "phones-accuracy": [2.0, 1.6]}]}}`)
	published, err := readMarks(dir, "test")
	if err != nil {
		t.Fatal(err)
	}
	want := word{Text: "GO", Accuracy: 6, Mean: 6, Total: 6, Stress: 10, Phones: []string{"G", "OW"}, Marks: []float64{2, 1.6}}
	if got := published["0000001"]; got.Prosody != 7 || !reflect.DeepEqual(got.Words, []word{want}) {
		t.Errorf("%+v", got)
	}
}

// TestSpaced: where a text has fewer words than the experts have marked, it is read as they have it; what was heard of another text is an error.
func TestSpaced(t *testing.T) {
	u := utterance{ID: "1", Text: "We were the same.I opened", Words: []word{{Text: "We"}, {Text: "were"}, {Text: "the"}, {Text: "same"}, {Text: "I"}, {Text: "opened"}}}
	if got := u.spaced(); got != "We were the same I opened" {
		t.Errorf("%q", got)
	}
	u.Text = "We were . . . the same. I opened"
	if got := u.spaced(); got != u.Text {
		t.Errorf("%q", got)
	}
	if _, err := join([]utterance{u}, []heard{{ID: "1", Right: &offline.Reading{Words: make([]offline.Word, 5)}}}); err == nil {
		t.Error("six marks for five words")
	}
}

// TestBars: of two that are good one is below the bar, of the bad one all are.
func TestBars(t *testing.T) {
	var out strings.Builder
	bars(&out, "good, bad", []float64{4, 8, 3, 5}, []float64{9, 10, 2, 7}, 9, 6, 5)
	if want := "below 5.00:  50.0 %, 100.0 % (good, bad)\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

// TestNotation is about the experts' alphabet, and how it meets CMU's.
func TestNotation(t *testing.T) {
	got := phoneMarks(strings.Fields("B EH R"), []string{"B AR", "{B} (EH) R", "B EH [L] R", "B (AR)"})
	if want := []float64{1.75, 1, 1.5}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for want, marks := range map[float64][]float64{
		6: {4.4, 7.6, 10, 3.6, 6.8}, // so does the corpus itself with this word
		8: {9, 7, 10, 7},            // and between the two in the middle
		7: {7, 6, 10, 8.4},
		5: {5},
	} {
		if got := median(marks); got != want {
			t.Errorf("the median of %v is %f, want %f", marks, got, want)
		}
	}
}

func TestMeasures(t *testing.T) {
	if got := pearson([]float64{1, 2, 3}, []float64{2, 4, 6.5}); math.Abs(got-0.99794) > 1e-4 {
		t.Errorf("pearson: %f", got)
	}
	if got := auc([]float64{3, 2, 2}, []float64{1, 2}); math.Abs(got-5.0/6) > 1e-9 {
		t.Errorf("auc: %f", got)
	}
}

// TestRefusals: those who read the sentence get marks, those who read another one get none.
func TestRefusals(t *testing.T) {
	o := options{corpus: corpus(t), cache: t.TempDir(), parts: shards}
	m, err := offline.Open(testenv.SpeechModel(t))
	if err != nil {
		t.Fatal(err)
	}
	all, err := o.lessons(t.Context(), m, "test")
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i].hearWith(m, &offline.Trained(m).Ear)
	}
	var out strings.Builder
	refusals(&out, m, all)
	if want := "no marks: 0 of 4 who read the sentence, 2 of 2 who read another one\n"; out.String() != want {
		t.Errorf("%s, want %s", out.String(), want)
	}
}

// TestConditions: noise costs marks, and a recording that is compared with itself loses none.
func TestConditions(t *testing.T) {
	m, err := offline.Open(testenv.SpeechModel(t))
	if err != nil {
		t.Fatal(err)
	}
	split, err := readSplit(corpus(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	all := slices.DeleteFunc(conditions(), func(c condition) bool { return c.name != "clean" && c.name != "white noise, 5 dB" })
	chosen, attempts, err := underConditions(t.Context(), m, split, 2, all)
	if err != nil || len(chosen) != 2 {
		t.Fatalf("%d, %v", len(chosen), err)
	}
	clean, noisy := robustnessOf(chosen, attempts, 0), robustnessOf(chosen, attempts, 1)
	if clean.shift != 0 || clean.different != 0 || clean.otherRefused != 1 || clean.sentence != 1 {
		t.Errorf("clean: %+v", clean)
	}
	if (noisy.good >= clean.good || noisy.shift >= 0) && noisy.noisy == 0 {
		t.Errorf("noisy: %+v, clean: %+v", noisy, clean)
	}
	if err := reportConditions(io.Discard, all, chosen, attempts); err != nil {
		t.Error(err)
	}
	lame := condition{"none", func(context.Context, []int16, [][]int16, uint64) ([]int16, error) { return nil, errors.New("no codec") }}
	if got := possible(t.Context(), []condition{all[0], lame}); len(got) != 1 {
		t.Errorf("%d are possible", len(got))
	}
}

// TestHalves: of two people who stop after two words one is understood, and nobody who reads another sentence has marks.
func TestHalves(t *testing.T) {
	model := testenv.SpeechModel(t)
	m, err := offline.Open(model)
	if err != nil {
		t.Fatal(err)
	}
	split, err := readSplit(corpus(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	for i := range split[:2] { // the corpus' texts are read by others as well
		split[i+2].Text = "My brother plays tennis on Saturday"
	}
	var out strings.Builder
	if err := measureHalves(t.Context(), &out, m, model, split, 2); err != nil {
		t.Fatal(err)
	}
	if want := "marks for half of the sentence: 1 of 2; for another one: 0 of 2\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
