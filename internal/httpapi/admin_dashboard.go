package httpapi

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/statistics"
)

type dashboardResponse struct {
	Days           int                   `json:"period_days"`
	From           statistics.Date       `json:"from_date"`
	To             statistics.Date       `json:"to_date"`
	RefreshedAt    *time.Time            `json:"refreshed_at"` // null: never
	Pending        int                   `json:"days_pending"`
	LearnersToday  int                   `json:"learners_today"`
	LearnersWeek   int                   `json:"learners_last_7_days"`
	LearnersMonth  int                   `json:"learners_last_30_days"`
	NewUsers       int                   `json:"new_users"`
	Sessions       int                   `json:"sessions"`
	AverageSeconds *float64              `json:"average_duration_seconds"`
	Daily          []dayResponse         `json:"days"`
	Scores         []scoresResponse      `json:"scores"`
	SpeechesBy     []speechCountResponse `json:"speeches_by_level_and_type"`
	Hardest        []hardestResponse     `json:"hardest"`
	MostIncorrect  []sentenceResponse    `json:"most_incorrect"`
	Endpoints      []endpointResponse    `json:"errors_by_endpoint"`
}

type dayResponse struct {
	Date           statistics.Date `json:"date"`
	NewUsers       int             `json:"new_users"`
	Learners       int             `json:"learners"`
	Sessions       int             `json:"sessions"`
	AverageSeconds *float64        `json:"average_duration_seconds"`
}

type scoresResponse struct {
	Source  string  `json:"source"`
	Results int     `json:"results"`
	Average float64 `json:"average_score"`
	Buckets []int   `json:"results_by_ten"`
}

type hardestResponse struct {
	Source    string             `json:"source"`
	Sentences []sentenceResponse `json:"sentences"`
}

type sentenceResponse struct {
	SpeechID  uuid.UUID            `json:"speech_id"`
	Text      string               `json:"text"`
	Level     catalog.Level        `json:"level"`
	Type      catalog.SentenceType `json:"type"`
	Attempts  int                  `json:"attempts"`
	Incorrect int                  `json:"incorrect"`
	Average   *float64             `json:"average_score"`
}

type endpointResponse struct {
	Method       string `json:"method"`
	Route        string `json:"route"`
	Requests     int    `json:"requests"`
	ClientErrors int    `json:"client_errors"`
	ServerErrors int    `json:"server_errors"`
}

func newDay(d statistics.Day) dayResponse                { return dayResponse(d) }
func newScores(s statistics.Scores) scoresResponse       { return scoresResponse(s) }
func newSentence(s statistics.Sentence) sentenceResponse { return sentenceResponse(s) }
func newEndpoint(e statistics.Endpoint) endpointResponse { return endpointResponse(e) }

func newHardest(h statistics.Hardest) hardestResponse {
	return hardestResponse{h.Source, list(h.Sentences, newSentence)}
}

func (a *API) showDashboard(w http.ResponseWriter, r *http.Request) error {
	q := parseQuery(r)
	period := q.number("days", statistics.DefaultPeriod)
	if err := q.err(); err != nil {
		return err
	}
	d, err := a.stats.Dashboard(r.Context(), period)
	if err != nil {
		return err
	}
	answer := dashboardResponse{
		Days: d.Period, From: d.From, To: d.To, Pending: d.Pending, LearnersToday: d.LearnersToday, LearnersWeek: d.LearnersWeek,
		LearnersMonth: d.LearnersMonth, NewUsers: d.NewUsers, Sessions: d.Sessions, AverageSeconds: d.AverageSeconds,
		Daily: list(d.Days, newDay), Scores: list(d.Scores, newScores), SpeechesBy: list(d.Speeches, newSpeechCount),
		Hardest: list(d.Hardest, newHardest), MostIncorrect: list(d.MostIncorrect, newSentence), Endpoints: list(d.Endpoints, newEndpoint),
	}
	if !d.RefreshedAt.IsZero() {
		at := d.RefreshedAt.UTC()
		answer.RefreshedAt = &at
	}
	return writeJSON(w, http.StatusOK, answer)
}
