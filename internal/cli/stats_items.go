package cli

import (
	"time"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/statistics"
)

// dashboardItem is a dashboard as -o json prints it; the names are those of the API.
type dashboardItem struct {
	Days           int               `json:"period_days"`
	From           statistics.Date   `json:"from_date"`
	To             statistics.Date   `json:"to_date"`
	RefreshedAt    *time.Time        `json:"refreshed_at"`
	Pending        int               `json:"days_pending"`
	LearnersToday  int               `json:"learners_today"`
	LearnersWeek   int               `json:"learners_last_7_days"`
	LearnersMonth  int               `json:"learners_last_30_days"`
	NewUsers       int               `json:"new_users"`
	Sessions       int               `json:"sessions"`
	AverageSeconds *float64          `json:"average_duration_seconds"`
	Daily          []dayItem         `json:"days"`
	Scores         []scoresItem      `json:"scores"`
	SpeechesBy     []speechCountItem `json:"speeches_by_level_and_type"`
	Hardest        []hardestItem     `json:"hardest"`
	MostIncorrect  []sentenceItem    `json:"most_incorrect"`
	Endpoints      []endpointItem    `json:"errors_by_endpoint"`
}

type dayItem struct {
	Date           statistics.Date `json:"date"`
	NewUsers       int             `json:"new_users"`
	Learners       int             `json:"learners"`
	Sessions       int             `json:"sessions"`
	AverageSeconds *float64        `json:"average_duration_seconds"`
}

type scoresItem struct {
	Source  string  `json:"source"`
	Results int     `json:"results"`
	Average float64 `json:"average_score"`
	Buckets []int   `json:"results_by_ten"`
}

type hardestItem struct {
	Source    string         `json:"source"`
	Sentences []sentenceItem `json:"sentences"`
}

type sentenceItem struct {
	SpeechID  string   `json:"speech_id"`
	Text      string   `json:"text"`
	Level     string   `json:"level"`
	Type      string   `json:"type"`
	Attempts  int      `json:"attempts"`
	Incorrect int      `json:"incorrect"`
	Average   *float64 `json:"average_score"`
}

type endpointItem struct {
	Method       string `json:"method"`
	Route        string `json:"route"`
	Requests     int    `json:"requests"`
	ClientErrors int    `json:"client_errors"`
	ServerErrors int    `json:"server_errors"`
}

func newDashboardItem(d statistics.Dashboard) dashboardItem {
	item := dashboardItem{
		Days: d.Period, From: d.From, To: d.To, Pending: d.Pending, LearnersToday: d.LearnersToday, LearnersWeek: d.LearnersWeek,
		LearnersMonth: d.LearnersMonth, NewUsers: d.NewUsers, Sessions: d.Sessions, AverageSeconds: d.AverageSeconds,
		Daily:  itemsOf(d.Days, func(d statistics.Day) dayItem { return dayItem(d) }),
		Scores: itemsOf(d.Scores, func(s statistics.Scores) scoresItem { return scoresItem(s) }), SpeechesBy: newSpeechCounts(d.Speeches),
		Hardest: itemsOf(d.Hardest, func(h statistics.Hardest) hardestItem {
			return hardestItem{h.Source, itemsOf(h.Sentences, newSentenceItem)}
		}),
		MostIncorrect: itemsOf(d.MostIncorrect, newSentenceItem),
		Endpoints:     itemsOf(d.Endpoints, func(e statistics.Endpoint) endpointItem { return endpointItem(e) }),
	}
	if !d.RefreshedAt.IsZero() {
		at := d.RefreshedAt.UTC()
		item.RefreshedAt = &at
	}
	return item
}

func newSentenceItem(s statistics.Sentence) sentenceItem {
	return sentenceItem{s.SpeechID.String(), s.Text, string(s.Level), string(s.Type), s.Attempts, s.Incorrect, s.Average}
}

func newSpeechCounts(counts []catalog.SpeechCount) []speechCountItem {
	return itemsOf(counts, func(c catalog.SpeechCount) speechCountItem {
		return speechCountItem{string(c.Level), string(c.Type), c.Speeches}
	})
}

// itemsOf is never nil, so that an empty list prints as [].
func itemsOf[T, Item any](values []T, item func(T) Item) []Item {
	items := make([]Item, len(values))
	for i, v := range values {
		items[i] = item(v)
	}
	return items
}
