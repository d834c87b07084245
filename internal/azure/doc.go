// Package azure lets Azure Speech score pronunciation, over its REST API for short audio, in pure Go.
//
// The protocol is that of Microsoft's documentation ("Speech to text REST API for short audio", "Use pronunciation
// assessment") and samples; where they contradict each other, both readings are taken. The answer's scores stand directly in the
// best hypothesis and its words (REST), or in an object PronunciationAssessment there (Speech SDK). One call is one attempt:
// trying again and waiting are pronunciation's.
package azure
