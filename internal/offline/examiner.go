package offline

import (
	"errors"

	"github.com/englishapp/englishctl/internal/offline/forest"
	"github.com/englishapp/englishctl/internal/offline/neural"
)

// Examiner is a neural network that gives marks from 0 to 10 for features. It finds what is worth something between the steps that trees make.
type Examiner struct {
	Means, Deviations []float32 // of the features, for the learners that it knows
	Layers            []neural.Layer

	net *neural.Net
}

// MarksPerSentence is how many marks the examiner of sentences gives: accuracy, fluency, prosody and overall, in this order.
const MarksPerSentence = 4

// unusual is how many deviations a feature is from its mean at most: what nobody has learned from is not taken further.
const unusual = 4

// Open makes the examiner ready to give so many marks for so many features. It returns an error where it has learned others.
func (e *Examiner) Open(features, marks int) error {
	var ok bool
	if e.net, ok = neural.New(e.Layers, features, marks); !ok || len(e.Means) != features || len(e.Deviations) != features {
		return errors.New("the judge's examiner is for other features")
	}
	return nil
}

// Standard puts features into the examiner's inputs: how many deviations they are from their means.
func (e *Examiner) Standard(features []float64, in []float32) {
	for i, v := range features {
		in[i] = min(max((float32(v)-e.Means[i])/e.Deviations[i], -unusual), unusual)
	}
}

// Mark returns the marks for features.
func (e *Examiner) Mark(features []float64) (marks []float64) {
	in := make([]float32, len(features))
	e.Standard(features, in)
	for _, v := range e.net.Apply(in) {
		marks = append(marks, clip(float64(v), 0, 10))
	}
	return marks
}

// Panel is a forest and an examiner of one mark. They are wrong about different things: the mean of both is nearer to experts than either.
type Panel struct {
	Forest   forest.Forest
	Examiner Examiner
}

// Open makes the panel ready for so many features. It returns an error where it has learned with others.
func (p *Panel) Open(features int) error {
	if !p.Forest.Valid(features) {
		return errors.New("the judge's forest is for other features")
	}
	return p.Examiner.Open(features, 1)
}

// Mark returns the mark for features.
func (p *Panel) Mark(features []float64) float64 {
	return (p.Forest.Predict(features) + p.Examiner.Mark(features)[0]) / 2
}
