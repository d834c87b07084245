package catalog

import (
	"slices"
	"strings"
)

// Level is a CEFR level of difficulty.
type Level string

// Levels are the levels that the product knows, easiest first (spec, "Speech").
var Levels = []Level{"A1", "A2", "B1", "B2", "C1"}

// Valid reports whether l is one of Levels.
func (l Level) Valid() bool { return slices.Contains(Levels, l) }

// SentenceType says whether a sentence asks or answers.
type SentenceType string

// The sentence types (spec, "Speech").
const (
	Question SentenceType = "question"
	Answer   SentenceType = "answer"
)

// SentenceTypes are the types that the product knows.
var SentenceTypes = []SentenceType{Question, Answer}

// Valid reports whether t is one of SentenceTypes.
func (t SentenceType) Valid() bool { return slices.Contains(SentenceTypes, t) }

// OneOf names the allowed values for an error message: "A1, A2, B1, B2, C1".
func OneOf[T ~string](allowed []T) string {
	words := make([]string, len(allowed))
	for i, a := range allowed {
		words[i] = string(a)
	}
	return strings.Join(words, ", ")
}
