package statistics

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// Periods are the lengths of time that a dashboard can be of, in days of UTC; today is the last of them.
var Periods = []int{7, 30, 90}

// DefaultPeriod is the one that is shown unless another is asked for.
const DefaultPeriod = 30

// How far back active learners of the last week and month reach, in days of UTC with today.
const (
	weekDays  = 7
	monthDays = 30
)

// listed is how many sentences a list of the hardest has, and maxEndpoints how many endpoints are named.
const (
	listed       = 10
	maxEndpoints = 30
)

// Date is a day of UTC, as "2026-01-02".
type Date string

// DateOf returns the day of UTC that a time is in.
func DateOf(t time.Time) Date { return Date(t.UTC().Format(time.DateOnly)) }

// Begin returns the first moment of the day. What is no date begins at the zero time.
func (d Date) Begin() time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Add returns the day that is so many days later.
func (d Date) Add(days int) Date { return DateOf(d.Begin().AddDate(0, 0, days)) }

// The sources of scores beside the names of providers.
const (
	// FromServer is a score that the server has given, from before it was noted by which provider.
	FromServer = "server"
	// FromClient is a score that learners' apps report.
	FromClient = "client"
)

// Dashboard is how much is played and how well, in a period. Nothing in it names a learner.
type Dashboard struct {
	// Period is the number of days, From and To the first and the last of them. To is today, which is not over.
	Period   int
	From, To Date
	// RefreshedAt is when the numbers were brought up to date; zero if they never were.
	RefreshedAt time.Time
	// Pending is how many days of the period have not been counted yet: they are still being counted for the first time.
	Pending int

	// Who has completed a game today, and within the last 7 and 30 days with today, whatever the period.
	LearnersToday, LearnersWeek, LearnersMonth int
	// NewUsers and Sessions are the sums of Days.
	NewUsers, Sessions int
	// AverageSeconds is how long a game took, in seconds; nil where there is none.
	AverageSeconds *float64
	// Days are those of the period, the first one first, with none missing.
	Days []Day
	// Scores are the scores by who gave them: those of different sources do not compare (docs/pronunciation.md).
	Scores []Scores
	// Speeches are the live sentences now, as in Statistics.SpeechesBy.
	Speeches []catalog.SpeechCount
	// Hardest are the sentences with the lowest average scores, for each source of scores.
	Hardest []Hardest
	// MostIncorrect are the sentences that were answered wrongly most often.
	MostIncorrect []Sentence
	// Endpoints are those of the API and the panel that have answered with errors, the worst first, at most 30.
	Endpoints []Endpoint
}

// Day is one day of UTC. Games belong to the day on which they were completed.
type Day struct {
	Date     Date
	NewUsers int // accounts made on the day that still exist
	Learners int // who have completed a game
	Sessions int // completed games
	// AverageSeconds is how long a game took, in seconds; nil where there is none.
	AverageSeconds *float64
}

// Scores are the scores of one source.
type Scores struct {
	Source  string // a provider such as "azure", FromServer or FromClient
	Results int
	Average float64 // 0 to 100
	// Buckets has ten numbers of results: with scores below 10, from 10 to below 20, … and from 90 to 100.
	Buckets []int
}

// Hardest is the list of one source of scores, the lowest average first, at most ten.
type Hardest struct {
	Source    string
	Sentences []Sentence
}

// Sentence is one that learners find hard. Deleted ones are not listed.
type Sentence struct {
	SpeechID uuid.UUID
	Text     string
	Level    catalog.Level
	Type     catalog.SentenceType
	// Attempts is how often it was scored by the source, or in a list of wrong answers how often it was played at all.
	Attempts int
	// Incorrect is how many of the attempts were answered wrongly.
	Incorrect int
	// Average is that of the scores of the attempts, 0 to 100; nil in a list of wrong answers, which mixes sources.
	Average *float64
}

// Endpoint is a route of the API or the panel, with its requests to all daemons.
type Endpoint struct {
	Method string // "GET", or "other" for what HTTP does not know
	Route  string // the template of the path; "unknown" for paths that there are not
	// Requests counts all, ClientErrors those that were answered with 4xx, ServerErrors those with 5xx and those whose connection was cut.
	Requests, ClientErrors, ServerErrors int
}

// Dashboard returns the numbers of a period as they were when they were last brought up to date (see Refresh); the counts of sentences
// are of now. It returns fault.Invalid (field days) for a period that is none of Periods.
func (s *Service) Dashboard(ctx context.Context, period int) (Dashboard, error) {
	if err := checkPeriod(period); err != nil {
		return Dashboard{}, err
	}
	today := DateOf(s.now())
	d := Dashboard{Period: period, From: today.Add(1 - period), To: today}
	found, err := s.store.RollUp(ctx, d.From, today, period)
	if err != nil {
		return Dashboard{}, fmt.Errorf("read the roll-ups: %w", err)
	}
	if d.Speeches, err = s.content.CountSpeeches(ctx); err != nil {
		return Dashboard{}, err
	}
	d.RefreshedAt, d.LearnersWeek, d.LearnersMonth = found.RefreshedAt, found.LearnersWeek, found.LearnersMonth
	d.addDays(found.Days)
	d.Scores = distributions(found.Scores)
	d.addRankings(found.Rankings)
	d.Endpoints = found.Endpoints[:min(len(found.Endpoints), maxEndpoints)]
	return d, nil
}

func checkPeriod(period int) error {
	var c fault.Check
	allowed := false
	for _, p := range Periods {
		allowed = allowed || p == period
	}
	c.Require(allowed, "days", "%d is not allowed: 7, 30 or 90", period)
	return c.Err()
}

// addDays puts the days that were counted among all of the period.
func (d *Dashboard) addDays(counted []DayCount) {
	byDate := make(map[Date]DayCount, len(counted))
	for _, c := range counted {
		byDate[c.Date] = c
	}
	var seconds int64
	d.Days = make([]Day, 0, d.Period)
	for date := d.From; date <= d.To; date = date.Add(1) {
		c, known := byDate[date]
		if !known {
			d.Pending++
		}
		d.Days = append(d.Days, Day{date, c.NewUsers, c.Learners, c.Sessions, average(float64(c.Seconds), c.Sessions)})
		d.NewUsers += c.NewUsers
		d.Sessions += c.Sessions
		seconds += c.Seconds
	}
	d.LearnersToday = byDate[d.To].Learners
	d.AverageSeconds = average(float64(seconds), d.Sessions)
}

// average is rounded to one digit after the point; nil where there is nothing.
func average(sum float64, n int) *float64 {
	if n == 0 {
		return nil
	}
	mean := math.Round(sum/float64(n)*10) / 10
	return &mean
}

// distributions joins the counts of buckets, which come by source.
func distributions(counts []ScoreCount) []Scores {
	var all []Scores
	sums := map[string]float64{}
	for _, c := range counts {
		if n := len(all); n == 0 || all[n-1].Source != c.Source {
			all = append(all, Scores{Source: c.Source, Buckets: make([]int, buckets)})
		}
		last := &all[len(all)-1]
		last.Results += c.Results
		last.Buckets[c.Bucket] += c.Results
		sums[c.Source] += c.Sum
	}
	for i := range all {
		if mean := average(sums[all[i].Source], all[i].Results); mean != nil {
			all[i].Average = *mean
		}
	}
	return all
}

// addRankings sorts the ranked sentences, which come by measure, source and place, into lists of ten.
func (d *Dashboard) addRankings(ranked []RankedSentence) {
	for _, r := range ranked {
		if r.Measure == ByIncorrect {
			if len(d.MostIncorrect) < listed {
				d.MostIncorrect = append(d.MostIncorrect, r.Sentence)
			}
			continue
		}
		if n := len(d.Hardest); n == 0 || d.Hardest[n-1].Source != r.Source {
			d.Hardest = append(d.Hardest, Hardest{Source: r.Source})
		}
		last := &d.Hardest[len(d.Hardest)-1]
		if len(last.Sentences) < listed {
			last.Sentences = append(last.Sentences, r.Sentence)
		}
	}
}
