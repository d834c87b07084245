package offline

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the trained judge
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/englishapp/englishctl/internal/offline/forest"
)

// Judge marks readings as experts do: what it knows was learned from the marks of the train split of speechocean762, by the command
// speechocean. An ear hears the recording, sounds are judged first, then words, with the marks of their sounds, then the sentence, with the marks of both.
type Judge struct {
	Phones   []string  // the model's sounds, by their number
	Priors   []float64 // mean marks of the sounds, 0 to 2, by their number
	Lengths  []float64 // mean logarithms of the sounds' lengths in frames, by their number
	Ear      Ear
	Sound    Panel         // 0 to 2
	Word     Panel         // 0 to 10, as all that follow
	Sentence Examiner      // see MarksPerSentence
	Said     forest.Forest // of a word: 1 for what was said, 0 for an unrelated one
	Same     forest.Forest // of a sentence: 1 for what was said, 0 for another one
}

// Opinion is what a judge says of a reading.
type Opinion struct {
	Sounds                              [][]float64 // by word and sound, 0 to 2
	Words                               []float64   // 0 to 10, as all that follow
	Said                                []float64   // by word: 0 to 1
	Accuracy, Fluency, Prosody, Overall float64
	Same                                float64 // 0 to 1
}

// Hear judges a reading of the model.
func (j *Judge) Hear(m *Model, r *Reading) Opinion {
	var o Opinion
	var sounds, words []float64
	for i := range r.Words {
		w := &r.Words[i]
		marks := make([]float64, len(w.Sounds))
		for k := range w.Sounds {
			marks[k] = clip(j.Sound.Mark(m.SoundFeatures(r, w, k, j)), 0, 2)
		}
		features := WordFeatures(r, i, marks)
		o.Sounds = append(o.Sounds, marks)
		o.Words = append(o.Words, clip(j.Word.Mark(features), 0, 10))
		o.Said = append(o.Said, clip(j.Said.Predict(features), 0, 1))
		if len(marks) > 0 {
			sounds, words = append(sounds, marks...), append(words, o.Words[i])
		}
	}
	features := SentenceFeatures(r, j, sounds, words)
	marks := j.Sentence.Mark(features)
	o.Accuracy, o.Fluency, o.Prosody, o.Overall = marks[0], marks[1], marks[2], marks[3]
	o.Same = clip(j.Same.Predict(features), 0, 1)
	return o
}

// Encode writes a judge as ReadJudge reads it: packed. Its numbers lose the digits that nobody hears.
func (j *Judge) Encode(w io.Writer) error {
	for _, f := range []*forest.Forest{&j.Sound.Forest, &j.Word.Forest, &j.Said, &j.Same} {
		f.Round()
	}
	packed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	return errors.Join(json.NewEncoder(packed).Encode(j), packed.Close())
}

// ReadJudge reads a judge, and makes sure that it asks for no feature that there is not.
func ReadJudge(content []byte) (*Judge, error) {
	packed, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("read the judge: %w", err)
	}
	var j Judge
	if err := json.NewDecoder(io.LimitReader(packed, maxFile)).Decode(&j); err != nil {
		return nil, fmt.Errorf("read the judge: %w", err)
	}
	if !j.Same.Valid(SameNumbers) {
		return nil, errors.New("the judge of sentences is for other features")
	}
	if !j.Said.Valid(wordNumbers) {
		return nil, errors.New("the judge of words is for other features")
	}
	if len(j.Phones) == 0 || len(j.Priors) != len(j.Phones) || len(j.Lengths) != len(j.Phones) {
		return nil, errors.New("the judge does not know its sounds")
	}
	if err := errors.Join(j.Ear.Open(len(j.Phones)), j.Sound.Open(soundNumbers), j.Word.Open(wordNumbers), j.Sentence.Open(sentenceNumbers, MarksPerSentence)); err != nil {
		return nil, err
	}
	return &j, nil
}

//go:embed judge.json.gz
var trained []byte

// ownJudge is the trained judge, which is part of the program.
var ownJudge = sync.OnceValues(func() (*Judge, error) { return ReadJudge(trained) })

// Trained returns the trained judge, which is part of the program, or nil where it has learned with other sounds than the model's: then the formulas mark.
func Trained(m *Model) *Judge {
	j, err := ownJudge()
	if err != nil || !slices.Equal(j.Phones, m.names) {
		return nil
	}
	return j
}
