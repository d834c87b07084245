package azure

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/englishapp/englishctl/internal/pronunciation"
)

// reply is an answer with status 200, in the form of the REST API or in that of the Speech SDK.
type reply struct {
	RecognitionStatus status
	DisplayText       string
	NBest             []hypothesis
}

type hypothesis struct {
	Confidence              number
	Lexical                 string
	Display                 string
	scores                         // REST
	PronunciationAssessment scores // SDK
	Words                   []word
}

type word struct {
	Word string
	scores
	PronunciationAssessment scores
	Phonemes                []phoneme
}

type phoneme struct {
	Phoneme string
	scores
	PronunciationAssessment scores
}

type scores struct {
	AccuracyScore     number
	FluencyScore      number
	CompletenessScore number
	ProsodyScore      number
	PronScore         number
	ErrorType         string
}

// or returns the scores with the gaps filled from others: where both forms are there, the nested one wins.
func (s scores) or(others scores) scores {
	return scores{
		AccuracyScore: s.AccuracyScore.or(others.AccuracyScore), FluencyScore: s.FluencyScore.or(others.FluencyScore),
		CompletenessScore: s.CompletenessScore.or(others.CompletenessScore), ProsodyScore: s.ProsodyScore.or(others.ProsodyScore),
		PronScore: s.PronScore.or(others.PronScore), ErrorType: orElse(s.ErrorType, others.ErrorType),
	}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// number is a JSON number, or a string with one in it, as Azure's own examples have it.
type number struct{ value *float64 }

// UnmarshalJSON leaves the number empty where there is none.
func (n *number) UnmarshalJSON(raw []byte) error {
	n.value = nil
	text := strings.Trim(string(raw), `"`)
	if text == "null" || text == "" {
		return nil
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
		return fmt.Errorf("%.40s is no number", raw)
	}
	n.value = &value
	return nil
}

func (n number) or(other number) number {
	if n.value == nil {
		return other
	}
	return n
}

// upTo returns the value between 0 and most, or nil where there is none.
func (n number) upTo(most float64) *float64 {
	if n.value == nil {
		return nil
	}
	value := min(max(*n.value, 0), most)
	return &value
}

// score returns the value between 0 and 100, 0 where there is none.
func (n number) score() float64 {
	if value := n.upTo(100); value != nil {
		return *value
	}
	return 0
}

// status is a word, or in the SDK's form sometimes the number 0, for success.
type status string

// UnmarshalJSON takes both.
func (s *status) UnmarshalJSON(raw []byte) error {
	if string(raw) == "0" {
		*s = "Success"
		return nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return fmt.Errorf("%.40s is no status", raw)
	}
	*s = status(text)
	return nil
}

// Decode reads an answer with status 200, or a result of the Speech SDK, neither of which need be a success. It returns what
// pronunciation.Assessor does.
func Decode(body []byte) (pronunciation.Assessment, error) {
	var r reply
	if err := json.Unmarshal(body, &r); err != nil {
		return pronunciation.Assessment{}, broken("read what Azure Speech answers: %w", err)
	}
	if err := r.RecognitionStatus.failure(); err != nil {
		return pronunciation.Assessment{}, err
	}
	if len(r.NBest) == 0 {
		return pronunciation.Assessment{}, pronunciation.ErrNothingHeard
	}
	return r.assessment()
}

// failure says what a status other than success means; the words beside those of the REST API are the SDK's.
func (s status) failure() error {
	switch s {
	case "Success":
		return nil
	case "NoMatch":
		return pronunciation.ErrNoWords
	case "InitialSilenceTimeout", "EndSilenceTimeout":
		return pronunciation.ErrSilent
	case "BabbleTimeout", "InitialBabbleTimeout":
		return pronunciation.ErrNoise
	case "", "EndOfDictation": // "{}" was seen where there was no sound
		return pronunciation.ErrNothingHeard
	case "TooManyRequests":
		return &pronunciation.Failure{Reason: pronunciation.Throttled, Cause: fmt.Errorf("recognition status %s of Azure Speech", s)}
	case "BadRequest", "InvalidMessage":
		return &pronunciation.Failure{Reason: pronunciation.Rejected, Cause: fmt.Errorf("recognition status %s of Azure Speech", s)}
	case "Forbidden":
		return &pronunciation.Failure{Reason: pronunciation.Refused, Cause: fmt.Errorf("recognition status %s of Azure Speech", s)}
	default: // "Error" and what is not documented
		return broken("recognition status %.40q of Azure Speech", string(s))
	}
}

func (r reply) assessment() (pronunciation.Assessment, error) {
	best := r.NBest[0]
	s := best.PronunciationAssessment.or(best.scores)
	if s.PronScore.value == nil {
		return pronunciation.Assessment{}, broken("the answer of Azure Speech has words, but no scores")
	}
	recognized, words := orElse(r.DisplayText, orElse(best.Display, best.Lexical)), wordsOf(best.Words)
	if recognized == "" && !slices.ContainsFunc(words, said) {
		return pronunciation.Assessment{}, pronunciation.ErrNoWords // a success in name only: the zeros are no scores
	}
	return pronunciation.Assessment{
		Recognized:    recognized,
		Confidence:    best.Confidence.upTo(1),
		Pronunciation: s.PronScore.score(),
		Accuracy:      s.AccuracyScore.upTo(100),
		Fluency:       s.FluencyScore.upTo(100),
		Completeness:  s.CompletenessScore.upTo(100),
		Prosody:       s.ProsodyScore.upTo(100),
		Words:         words,
	}, nil
}

func said(w pronunciation.Word) bool { return w.Error != pronunciation.Omission }

func wordsOf(words []word) []pronunciation.Word {
	out := make([]pronunciation.Word, len(words))
	for i, w := range words {
		s := w.PronunciationAssessment.or(w.scores)
		out[i] = pronunciation.Word{Text: w.Word, Score: s.AccuracyScore.score(), Error: wordErrors[s.ErrorType]}
		if out[i].Error == pronunciation.Omission || out[i].Error == pronunciation.Insertion {
			out[i].Score = 0 // what Azure gives is not documented, and means nothing
		}
		for _, p := range w.Phonemes {
			score := p.PronunciationAssessment.or(p.scores).AccuracyScore.score()
			out[i].Phonemes = append(out[i].Phonemes, pronunciation.Phoneme{Name: p.Phoneme, Score: score})
		}
	}
	return out
}

// wordErrors are the documented ones; "None" and what is not documented is no error.
var wordErrors = map[string]pronunciation.WordError{
	"Mispronunciation": pronunciation.Mispronunciation,
	"Omission":         pronunciation.Omission,
	"Insertion":        pronunciation.Insertion,
	"UnexpectedBreak":  pronunciation.UnexpectedBreak,
	"MissingBreak":     pronunciation.MissingBreak,
	"Monotone":         pronunciation.Monotone,
}
