package practice

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// The limits of a session. The specification names none but the scores'; these keep a request affordable and every number
// within 32 bits, and are far beyond what a game can be.
const (
	maxResults        = 500
	maxSelectedTags   = 100
	maxRecognizedText = 1000               // characters
	maxDuration       = 7 * 24 * time.Hour // a phone may be put away in the middle of a game
	maxResponseTimeMS = int(maxDuration / time.Millisecond)
	maxBatch          = 50
)

// The years that a session may lie in: before the epoch no phone has a clock, and RFC 3339 ends with 9999.
const (
	firstYear = 1970
	lastYear  = 9999
)

// Valid reports whether m is one of Modes.
func (m Mode) Valid() bool { return slices.Contains(Modes, m) }

// Valid reports whether r is one of Responses.
func (r Response) Valid() bool { return slices.Contains(Responses, r) }

// check notes in c every rule that the draft breaks (decisions.md, "Sessions"). Counts that disagree with the results are
// no mistake: clients define their streaks.
func (d Draft) check(c *fault.Check) {
	if !d.Mode.Valid() {
		c.Addf("mode", "%q is not a mode: one of %s", d.Mode, catalog.OneOf(Modes))
	}
	if !d.Level.Valid() {
		c.Addf("level", "%q is not a level: one of %s", d.Level, catalog.OneOf(catalog.Levels))
	}
	if !d.SentenceType.Valid() {
		c.Addf("sentence_type", "%q is not a sentence type: one of %s", d.SentenceType, catalog.OneOf(catalog.SentenceTypes))
	}
	c.Require(len(d.SelectedTags) <= maxSelectedTags, "selected_tags",
		"%d tags are too many: at most %d", len(d.SelectedTags), maxSelectedTags)
	d.checkCounts(c)
	checkScore(c, "avg_pronunciation_score", d.Mode, d.AvgPronunciationScore)
	d.checkTimes(c)
	d.checkResults(c)
}

func (d Draft) checkCounts(c *fault.Check) {
	c.Require(between(d.TotalSentences, 1, maxResults), "total_sentences",
		"%d is not allowed: between 1 and %d", d.TotalSentences, maxResults)
	c.Require(d.CorrectCount >= 0, "correct_count", "%d is negative", d.CorrectCount)
	c.Require(d.CorrectCount <= d.TotalSentences, "correct_count",
		"%d is more than total_sentences, which is %d", d.CorrectCount, d.TotalSentences)
	c.Require(d.MaxStreak >= 0, "max_streak", "%d is negative", d.MaxStreak)
	c.Require(d.MaxStreak <= d.CorrectCount, "max_streak",
		"%d is more than correct_count, which is %d", d.MaxStreak, d.CorrectCount)
}

func (d Draft) checkTimes(c *fault.Check) {
	maxSeconds := int(maxDuration / time.Second)
	c.Require(between(d.DurationSeconds, 0, maxSeconds), "duration_seconds",
		"%d is not allowed: between 0 and %d seconds", d.DurationSeconds, maxSeconds)
	checkTime(c, "started_at", d.StartedAt)
	checkTime(c, "completed_at", d.CompletedAt)
	c.Require(d.CompletedAt.IsZero() || !d.CompletedAt.Before(d.StartedAt), "completed_at",
		"a session cannot end before it has started")
}

func checkTime(c *fault.Check, field string, t time.Time) {
	if t.IsZero() {
		c.Addf(field, "a time is required")
		return
	}
	c.Require(inRange(t), field, "the year is out of range: from %d to %d", firstYear, lastYear)
}

func inRange(t time.Time) bool { return between(t.UTC().Year(), firstYear, lastYear) }

func (d Draft) checkResults(c *fault.Check) {
	n := len(d.Results)
	c.Require(n == d.TotalSentences, "results", "%d results for total_sentences %d: one each", n, d.TotalSentences)
	if n > maxResults {
		c.Addf("results", "%d results are too many: at most %d", n, maxResults)
		return // nobody reads what is wrong with each of them
	}
	takenBy := make(map[int]int, n)
	for i, r := range d.Results {
		var found fault.Check
		r.check(&found, d.Mode)
		first, taken := takenBy[r.SequenceNumber]
		switch {
		case !between(r.SequenceNumber, 1, n):
			found.Addf("sequence_number", "%d is not allowed: the %d results count from 1 to %d", r.SequenceNumber, n, n)
		case taken:
			found.Addf("sequence_number", "%d is the number of results[%d] too", r.SequenceNumber, first)
		default:
			takenBy[r.SequenceNumber] = i
		}
		if wrong := found.Fields(); len(wrong) > 0 {
			c.Merge(fmt.Sprintf("results[%d].", i), wrong)
		}
	}
}

// check notes in c every rule that the result breaks by itself.
func (r Result) check(c *fault.Check, mode Mode) {
	if !r.UserResponse.Valid() {
		c.Addf("user_response", "%q is not a response: one of %s", r.UserResponse, catalog.OneOf(Responses))
	}
	c.Require(between(r.ResponseTimeMS, 0, maxResponseTimeMS), "response_time_ms",
		"%d is not allowed: between 0 and %d milliseconds", r.ResponseTimeMS, maxResponseTimeMS)
	checkScore(c, "pronunciation_score", mode, r.PronunciationScore)
	c.Require(r.QuotedScore == "" || mode != ListenOnly, "score_id", "nothing is scored in %s: null is the only value", ListenOnly)
	if r.RecognizedText == nil {
		return
	}
	text := *r.RecognizedText
	c.Require(mode != ListenOnly, "recognized_text", "nothing is recognized in %s: null is the only value", ListenOnly)
	c.Require(utf8.RuneCountInString(text) <= maxRecognizedText, "recognized_text",
		"%d characters are too many: at most %d", utf8.RuneCountInString(text), maxRecognizedText)
	c.Require(utf8.ValidString(text) && !strings.ContainsRune(text, 0), "recognized_text",
		"a text is UTF-8 without NUL characters")
}

func checkScore(c *fault.Check, field string, mode Mode, score *float64) {
	if score == nil {
		return
	}
	c.Require(mode != ListenOnly, field, "nothing is scored in %s: null is the only value", ListenOnly)
	c.Require(*score >= 0 && *score <= 100, field, "%v is not a score: between 0 and 100", *score) // false for NaN too
}

// checkKey notes in c an idempotency key that could not have come through an HTTP header unharmed.
func checkKey(c *fault.Check, key string) {
	visible := !strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' })
	c.Require(visible && len(key) <= maxKeyBytes, "Idempotency-Key",
		"a key has 1 to %d visible ASCII characters", maxKeyBytes)
}

func between(n, low, high int) bool { return n >= low && n <= high }
