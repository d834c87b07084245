// Package pronunciation scores how well a learner has read a sentence aloud.
//
// It owns the rules around the scoring: which texts, languages and recordings can be scored at all (what cannot is refused
// before it costs quota), how long a learner waits, and what they read when it does not work. Who scores is an Assessor, a
// speech service as a rule; internal/azure is one. Nothing that a learner says is kept.
package pronunciation
