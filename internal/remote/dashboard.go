package remote

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/statistics"
)

type dashboardAnswer struct {
	Days           int              `json:"period_days"`
	From           statistics.Date  `json:"from_date"`
	To             statistics.Date  `json:"to_date"`
	RefreshedAt    time.Time        `json:"refreshed_at"`
	Pending        int              `json:"days_pending"`
	LearnersToday  int              `json:"learners_today"`
	LearnersWeek   int              `json:"learners_last_7_days"`
	LearnersMonth  int              `json:"learners_last_30_days"`
	NewUsers       int              `json:"new_users"`
	Sessions       int              `json:"sessions"`
	AverageSeconds *float64         `json:"average_duration_seconds"`
	Daily          []dayAnswer      `json:"days"`
	Scores         []scoresAnswer   `json:"scores"`
	SpeechesBy     []countAnswer    `json:"speeches_by_level_and_type"`
	Hardest        []hardestAnswer  `json:"hardest"`
	MostIncorrect  []sentenceAnswer `json:"most_incorrect"`
	Endpoints      []endpointAnswer `json:"errors_by_endpoint"`
}

type dayAnswer struct {
	Date           statistics.Date `json:"date"`
	NewUsers       int             `json:"new_users"`
	Learners       int             `json:"learners"`
	Sessions       int             `json:"sessions"`
	AverageSeconds *float64        `json:"average_duration_seconds"`
}

type scoresAnswer struct {
	Source  string  `json:"source"`
	Results int     `json:"results"`
	Average float64 `json:"average_score"`
	Buckets []int   `json:"results_by_ten"`
}

type hardestAnswer struct {
	Source    string           `json:"source"`
	Sentences []sentenceAnswer `json:"sentences"`
}

type sentenceAnswer struct {
	SpeechID  uuid.UUID            `json:"speech_id"`
	Text      string               `json:"text"`
	Level     catalog.Level        `json:"level"`
	Type      catalog.SentenceType `json:"type"`
	Attempts  int                  `json:"attempts"`
	Incorrect int                  `json:"incorrect"`
	Average   *float64             `json:"average_score"`
}

type endpointAnswer struct {
	Method       string `json:"method"`
	Route        string `json:"route"`
	Requests     int    `json:"requests"`
	ClientErrors int    `json:"client_errors"`
	ServerErrors int    `json:"server_errors"`
}

func (a dayAnswer) day() statistics.Day                { return statistics.Day(a) }
func (a scoresAnswer) scores() statistics.Scores       { return statistics.Scores(a) }
func (a sentenceAnswer) sentence() statistics.Sentence { return statistics.Sentence(a) }
func (a endpointAnswer) endpoint() statistics.Endpoint { return statistics.Endpoint(a) }

func (a hardestAnswer) hardest() statistics.Hardest {
	return statistics.Hardest{Source: a.Source, Sentences: each(a.Sentences, sentenceAnswer.sentence)}
}

// Dashboard is statistics.Service.Dashboard.
func (s *Stats) Dashboard(ctx context.Context, period int) (statistics.Dashboard, error) {
	var a dashboardAnswer
	query := url.Values{"days": {strconv.Itoa(period)}}
	err := s.client.do(ctx, call{method: http.MethodGet, path: "/admin/dashboard", query: query}, &a)
	return statistics.Dashboard{
		Period: a.Days, From: a.From, To: a.To, RefreshedAt: a.RefreshedAt, Pending: a.Pending, LearnersToday: a.LearnersToday,
		LearnersWeek: a.LearnersWeek, LearnersMonth: a.LearnersMonth, NewUsers: a.NewUsers, Sessions: a.Sessions, AverageSeconds: a.AverageSeconds,
		Days: each(a.Daily, dayAnswer.day), Scores: each(a.Scores, scoresAnswer.scores), Speeches: each(a.SpeechesBy, countAnswer.count),
		Hardest: each(a.Hardest, hardestAnswer.hardest), MostIncorrect: each(a.MostIncorrect, sentenceAnswer.sentence),
		Endpoints: each(a.Endpoints, endpointAnswer.endpoint),
	}, err
}
