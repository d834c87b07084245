// Package statsjson is how statistics are told to programs, in JSON: the API answers it, a laptop reads that answer, and
// -o json prints it. So it is spelled once: whoever adds a number adds it here. It does not count.
package statsjson

import (
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/statistics"
)

// Statistics is statistics.Statistics in JSON.
type Statistics struct {
	Speeches       int           `json:"speeches"`
	SpeechesBy     []SpeechCount `json:"speeches_by_level_and_type"`
	Tags           int           `json:"tags"`
	Users          int           `json:"users"`
	Admins         int           `json:"admins"`
	Sessions       int           `json:"sessions"`
	RecentSessions int           `json:"sessions_last_7_days"`
}

// SpeechCount is catalog.SpeechCount in JSON.
type SpeechCount struct {
	Level    catalog.Level        `json:"level"`
	Type     catalog.SentenceType `json:"type"`
	Speeches int                  `json:"speeches"`
}

// NewStatistics tells the numbers. Its lists are never nil: an empty one is [].
func NewStatistics(s statistics.Statistics) Statistics {
	return Statistics{
		Speeches: s.Speeches, SpeechesBy: speechCounts(s.SpeechesBy), Tags: s.Tags, Users: s.Users, Admins: s.Admins,
		Sessions: s.Sessions, RecentSessions: s.RecentSessions,
	}
}

// Statistics is what was told.
func (s Statistics) Statistics() statistics.Statistics {
	return statistics.Statistics{
		Speeches: s.Speeches, SpeechesBy: toldSpeechCounts(s.SpeechesBy), Tags: s.Tags, Users: s.Users, Admins: s.Admins,
		Sessions: s.Sessions, RecentSessions: s.RecentSessions,
	}
}

func speechCounts(counts []catalog.SpeechCount) []SpeechCount {
	return each(counts, func(c catalog.SpeechCount) SpeechCount { return SpeechCount(c) })
}

func toldSpeechCounts(counts []SpeechCount) []catalog.SpeechCount {
	return each(counts, func(c SpeechCount) catalog.SpeechCount { return catalog.SpeechCount(c) })
}

// Dashboard is statistics.Dashboard in JSON.
type Dashboard struct {
	Period         int             `json:"period_days"`
	From           statistics.Date `json:"from_date"`
	To             statistics.Date `json:"to_date"`
	RefreshedAt    *time.Time      `json:"refreshed_at"` // null: never
	Pending        int             `json:"days_pending"`
	LearnersToday  int             `json:"learners_today"`
	LearnersWeek   int             `json:"learners_last_7_days"`
	LearnersMonth  int             `json:"learners_last_30_days"`
	NewUsers       int             `json:"new_users"`
	Sessions       int             `json:"sessions"`
	AverageSeconds *float64        `json:"average_duration_seconds"`
	Days           []Day           `json:"days"`
	Scores         []Scores        `json:"scores"`
	Speeches       []SpeechCount   `json:"speeches_by_level_and_type"`
	Hardest        []Hardest       `json:"hardest"`
	MostIncorrect  []Sentence      `json:"most_incorrect"`
	Endpoints      []Endpoint      `json:"errors_by_endpoint"`
}

// Day is statistics.Day in JSON.
type Day struct {
	Date           statistics.Date `json:"date"`
	NewUsers       int             `json:"new_users"`
	Learners       int             `json:"learners"`
	Sessions       int             `json:"sessions"`
	AverageSeconds *float64        `json:"average_duration_seconds"`
}

// Scores is statistics.Scores in JSON.
type Scores struct {
	Source  string  `json:"source"`
	Results int     `json:"results"`
	Average float64 `json:"average_score"`
	Buckets []int   `json:"results_by_ten"`
}

// Hardest is statistics.Hardest in JSON.
type Hardest struct {
	Source    string     `json:"source"`
	Sentences []Sentence `json:"sentences"`
}

// Sentence is statistics.Sentence in JSON.
type Sentence struct {
	SpeechID  uuid.UUID            `json:"speech_id"`
	Text      string               `json:"text"`
	Level     catalog.Level        `json:"level"`
	Type      catalog.SentenceType `json:"type"`
	Attempts  int                  `json:"attempts"`
	Incorrect int                  `json:"incorrect"`
	Average   *float64             `json:"average_score"`
}

// Endpoint is statistics.Endpoint in JSON.
type Endpoint struct {
	Method       string `json:"method"`
	Route        string `json:"route"`
	Requests     int    `json:"requests"`
	ClientErrors int    `json:"client_errors"`
	ServerErrors int    `json:"server_errors"`
}

// NewDashboard tells the numbers. Its lists are never nil: an empty one is [].
func NewDashboard(d statistics.Dashboard) Dashboard {
	told := Dashboard{
		Period: d.Period, From: d.From, To: d.To, Pending: d.Pending, LearnersToday: d.LearnersToday, LearnersWeek: d.LearnersWeek,
		LearnersMonth: d.LearnersMonth, NewUsers: d.NewUsers, Sessions: d.Sessions, AverageSeconds: d.AverageSeconds,
		Days:          each(d.Days, func(d statistics.Day) Day { return Day(d) }),
		Scores:        each(d.Scores, func(s statistics.Scores) Scores { return Scores(s) }),
		Speeches:      speechCounts(d.Speeches),
		Hardest:       each(d.Hardest, func(h statistics.Hardest) Hardest { return Hardest{h.Source, each(h.Sentences, newSentence)} }),
		MostIncorrect: each(d.MostIncorrect, newSentence),
		Endpoints:     each(d.Endpoints, func(e statistics.Endpoint) Endpoint { return Endpoint(e) }),
	}
	if !d.RefreshedAt.IsZero() {
		at := d.RefreshedAt.UTC()
		told.RefreshedAt = &at
	}
	return told
}

// Dashboard is what was told.
func (d Dashboard) Dashboard() statistics.Dashboard {
	told := statistics.Dashboard{
		Period: d.Period, From: d.From, To: d.To, Pending: d.Pending, LearnersToday: d.LearnersToday, LearnersWeek: d.LearnersWeek,
		LearnersMonth: d.LearnersMonth, NewUsers: d.NewUsers, Sessions: d.Sessions, AverageSeconds: d.AverageSeconds,
		Days:          each(d.Days, func(d Day) statistics.Day { return statistics.Day(d) }),
		Scores:        each(d.Scores, func(s Scores) statistics.Scores { return statistics.Scores(s) }),
		Speeches:      toldSpeechCounts(d.Speeches),
		Hardest:       each(d.Hardest, Hardest.hardest),
		MostIncorrect: each(d.MostIncorrect, Sentence.sentence),
		Endpoints:     each(d.Endpoints, func(e Endpoint) statistics.Endpoint { return statistics.Endpoint(e) }),
	}
	if d.RefreshedAt != nil {
		told.RefreshedAt = *d.RefreshedAt
	}
	return told
}

func (h Hardest) hardest() statistics.Hardest {
	return statistics.Hardest{Source: h.Source, Sentences: each(h.Sentences, Sentence.sentence)}
}

func newSentence(s statistics.Sentence) Sentence { return Sentence(s) }

func (s Sentence) sentence() statistics.Sentence { return statistics.Sentence(s) }

// each is never nil, so that an empty list is [] in JSON.
func each[T, V any](items []T, convert func(T) V) []V {
	out := make([]V, len(items))
	for i, item := range items {
		out[i] = convert(item)
	}
	return out
}
