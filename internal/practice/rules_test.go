package practice_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/practice"
)

func TestSaveChecksEveryRule(t *testing.T) {
	type d = *practice.Draft
	tests := []struct {
		name  string
		start func() practice.Draft
		edit  func(d)
		want  []string
	}{
		{"a good session", draft, func(d) {}, nil},
		{"a good session in listen_only", quiet, func(d) {}, nil},
		{"scores may be null in listen_and_repeat", quiet, func(d d) { d.Mode = practice.ListenAndRepeat }, nil},

		{"mode is required", quiet, func(d d) { d.Mode = "" }, []string{"mode"}},
		{"mode is a known one", quiet, func(d d) { d.Mode = "Listen_Only" }, []string{"mode"}},
		{"level is a known one", draft, func(d d) { d.Level = "D1" }, []string{"level"}},
		{"sentence type is a known one", draft, func(d d) { d.SentenceType = "both" }, []string{"sentence_type"}},
		{"response is a known one", draft, func(d d) { d.Results[1].UserResponse = "right" }, []string{"results[1].user_response"}},
		{"response is required", draft, func(d d) { d.Results[0].UserResponse = "" }, []string{"results[0].user_response"}},

		{"no tag selected is fine", draft, func(d d) { d.SelectedTags = nil }, nil},
		{"unknown tags are fine", draft, func(d d) { d.SelectedTags = []uuid.UUID{id(250)} }, nil},
		{"100 tags are fine", draft, func(d d) { d.SelectedTags = make([]uuid.UUID, 100) }, nil},
		{"101 tags are too many", draft, func(d d) { d.SelectedTags = make([]uuid.UUID, 101) }, []string{"selected_tags"}},

		{"fewer results than total_sentences", draft, func(d d) { d.TotalSentences = 3 }, []string{"results"}},
		{"more results than total_sentences", draft, func(d d) { d.TotalSentences = 1 }, []string{"results"}},
		{"no results for two sentences", draft, func(d d) { d.Results = nil }, []string{"results"}},
		{"a session has a sentence", draft, func(d d) { d.TotalSentences, d.CorrectCount, d.MaxStreak, d.Results = 0, 0, 0, nil },
			[]string{"total_sentences"}},
		{"total_sentences is not negative", draft, func(d d) { d.TotalSentences = -1 },
			[]string{"total_sentences", "correct_count", "results"}},
		{"500 results are fine", func() practice.Draft { return long(500) }, func(d) {}, nil},
		{"501 results are too many", func() practice.Draft { return long(501) }, func(d d) { d.Results[0].UserResponse = "" },
			[]string{"total_sentences", "results"}},

		{"all correct is fine", draft, func(d d) { d.CorrectCount, d.MaxStreak = 2, 2 }, nil},
		{"counts may disagree with the results", draft, func(d d) { d.CorrectCount, d.MaxStreak = 2, 1 }, nil},
		{"none correct is fine", draft, func(d d) { d.CorrectCount, d.MaxStreak = 0, 0 }, nil},
		{"correct_count above total", draft, func(d d) { d.CorrectCount = 3 }, []string{"correct_count"}},
		{"correct_count is not negative", draft, func(d d) { d.CorrectCount, d.MaxStreak = -1, -1 },
			[]string{"correct_count", "max_streak"}},
		{"max_streak above correct_count", draft, func(d d) { d.MaxStreak = 2 }, []string{"max_streak"}},
		{"max_streak is not negative", draft, func(d d) { d.MaxStreak = -1 }, []string{"max_streak"}},

		{"sequence numbers in another order are fine", draft, func(d d) {
			d.Results[0].SequenceNumber, d.Results[1].SequenceNumber = 2, 1
		}, nil},
		{"the same speech under two numbers is fine", draft, func(d d) { d.Results[1].SpeechID = d.Results[0].SpeechID }, nil},
		{"a sequence number twice", draft, func(d d) { d.Results[1].SequenceNumber = 1 }, []string{"results[1].sequence_number"}},
		{"a speech twice under one number", draft, func(d d) { d.Results[1] = d.Results[0] }, []string{"results[1].sequence_number"}},
		{"sequence numbers count from 1", draft, func(d d) { d.Results[0].SequenceNumber = 0 }, []string{"results[0].sequence_number"}},
		{"sequence numbers end with the results", draft, func(d d) { d.Results[1].SequenceNumber = 3 },
			[]string{"results[1].sequence_number"}},

		{"scores of 0 and 100 are fine", draft, func(d d) {
			d.AvgPronunciationScore, d.Results[0].PronunciationScore = ptr(0.0), ptr(100.0)
		}, nil},
		{"average below 0", draft, func(d d) { d.AvgPronunciationScore = ptr(-0.1) }, []string{"avg_pronunciation_score"}},
		{"average above 100", draft, func(d d) { d.AvgPronunciationScore = ptr(100.1) }, []string{"avg_pronunciation_score"}},
		{"average is a number", draft, func(d d) { d.AvgPronunciationScore = ptr(math.NaN()) }, []string{"avg_pronunciation_score"}},
		{"score below 0", draft, func(d d) { d.Results[1].PronunciationScore = ptr(-1.0) }, []string{"results[1].pronunciation_score"}},
		{"score above 100", draft, func(d d) { d.Results[0].PronunciationScore = ptr(101.0) },
			[]string{"results[0].pronunciation_score"}},
		{"score is a number", draft, func(d d) { d.Results[0].PronunciationScore = ptr(math.NaN()) },
			[]string{"results[0].pronunciation_score"}},
		{"score is finite", draft, func(d d) { d.Results[0].PronunciationScore = ptr(math.Inf(1)) },
			[]string{"results[0].pronunciation_score"}},

		{"no average in listen_only", quiet, func(d d) { d.AvgPronunciationScore = ptr(50.0) }, []string{"avg_pronunciation_score"}},
		{"no score in listen_only", quiet, func(d d) { d.Results[1].PronunciationScore = ptr(0.0) },
			[]string{"results[1].pronunciation_score"}},
		{"no recognized text in listen_only", quiet, func(d d) { d.Results[0].RecognizedText = ptr("") },
			[]string{"results[0].recognized_text"}},

		{"recognized text of 1000 characters", draft, func(d d) { d.Results[0].RecognizedText = ptr(strings.Repeat("é", 1000)) }, nil},
		{"recognized text of 1001 characters", draft, func(d d) { d.Results[0].RecognizedText = ptr(strings.Repeat("e", 1001)) },
			[]string{"results[0].recognized_text"}},
		{"recognized text without NUL", draft, func(d d) { d.Results[0].RecognizedText = ptr("a\x00b") },
			[]string{"results[0].recognized_text"}},
		{"recognized text is UTF-8", draft, func(d d) { d.Results[0].RecognizedText = ptr("\xff") },
			[]string{"results[0].recognized_text"}},
		{"recognized text is only text", draft, func(d d) { d.Results[0].RecognizedText = ptr("'; DROP TABLE users;--<b>") }, nil},

		{"no duration is fine", draft, func(d d) { d.DurationSeconds = 0 }, nil},
		{"a week is fine", draft, func(d d) { d.DurationSeconds = 604_800 }, nil},
		{"more than a week", draft, func(d d) { d.DurationSeconds = 604_801 }, []string{"duration_seconds"}},
		{"negative duration", draft, func(d d) { d.DurationSeconds = -1 }, []string{"duration_seconds"}},
		{"negative response time", draft, func(d d) { d.Results[1].ResponseTimeMS = -1 }, []string{"results[1].response_time_ms"}},
		{"response time of a week", draft, func(d d) { d.Results[1].ResponseTimeMS = 604_800_000 }, nil},
		{"response time beyond a week", draft, func(d d) { d.Results[1].ResponseTimeMS = 604_800_001 },
			[]string{"results[1].response_time_ms"}},

		{"ended when it started is fine", draft, func(d d) { d.CompletedAt = d.StartedAt }, nil},
		{"ended before it started", draft, func(d d) { d.CompletedAt = d.StartedAt.Add(-1) }, []string{"completed_at"}},
		{"zones do not matter for the order", draft, func(d d) {
			d.CompletedAt = d.StartedAt.In(time.FixedZone("", -7*3600))
		}, nil},
		{"times are required", draft, func(d d) { d.StartedAt, d.CompletedAt = time.Time{}, time.Time{} },
			[]string{"started_at", "completed_at"}},
		{"start before 1970", draft, func(d d) { d.StartedAt = time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC) },
			[]string{"started_at"}},
		{"end after 9999 in UTC", draft, func(d d) {
			d.CompletedAt = time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -2*3600))
		}, []string{"completed_at"}},

		{"every broken rule is named", draft, func(d d) {
			d.Level, d.MaxStreak, d.Results[0].ResponseTimeMS, d.Results[1].UserResponse = "", 9, -1, "?"
		}, []string{"level", "max_streak", "results[0].response_time_ms", "results[1].user_response"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			in := tt.start()
			tt.edit(&in)
			_, err := h.Save(t.Context(), player, in, "")
			if diff := cmp.Diff(tt.want, broken(t, err)); diff != "" {
				t.Fatalf("broken fields (-want +got):\n%s", diff)
			}
			if stored := len(h.store.sessions); (err == nil) != (stored == 1) {
				t.Fatalf("%d sessions are stored after the error %v", stored, err)
			}
		})
	}
}

func TestIdempotencyKeyRules(t *testing.T) {
	bad := []string{"Idempotency-Key"}
	tests := []struct {
		name, key string
		want      []string
	}{
		{"none is fine", "", nil},
		{"one character is enough", "k", nil},
		{"all visible ASCII is fine", `!"#$%&'()*+,-./09:;<=>?@AZ[\]^_az{|}~`, nil},
		{"255 characters are fine", strings.Repeat("k", 255), nil},
		{"256 characters are too many", strings.Repeat("k", 256), bad},
		{"no space", "a b", bad},
		{"no control characters", "a\x00", bad},
		{"no delete character", "a\x7f", bad},
		{"ASCII only", "clé", bad},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newHouse(t).Save(t.Context(), player, draft(), tt.key)
			if diff := cmp.Diff(tt.want, broken(t, err)); diff != "" {
				t.Fatalf("broken fields (-want +got):\n%s", diff)
			}
		})
	}
}
