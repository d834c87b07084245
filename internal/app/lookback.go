package app

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/englishapp/englishctl/internal/statistics"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// requestsTime is how long a stopping daemon tries to store what it has counted.
const requestsTime = 5 * time.Second

// lookedBack is what a daemon knows of the dashboard between two looks at the database.
type lookedBack struct {
	requests statistics.Requests
	// last is what was read last; nil before that.
	last atomic.Pointer[statistics.Dashboard]
}

// lookBack keeps the roll-ups of statistics up to date, together with all other daemons, until ctx ends. What fails is logged and tried
// again the next time.
func (d *Daemon) lookBack(ctx context.Context) {
	ticker := time.NewTicker(statistics.RefreshEvery)
	defer ticker.Stop()
	for {
		d.refreshStatistics(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// refreshStatistics takes a turn, if no other daemon has within nearly a turn's time.
func (d *Daemon) refreshStatistics(ctx context.Context) {
	d.addRequests(ctx)
	if _, err := d.Stats.Refresh(ctx, statistics.RefreshEvery*9/10); err != nil && ctx.Err() == nil {
		d.log.ErrorContext(ctx, "the statistics were not brought up to date", "error", err)
	}
	read, err := d.Stats.Dashboard(ctx, statistics.DefaultPeriod)
	if err == nil {
		d.lookedBack.last.Store(&read)
	} else if ctx.Err() == nil {
		d.log.ErrorContext(ctx, "the statistics could not be read for the metrics", "error", err)
	}
}

// addRequests adds the requests that this daemon has answered to those of all.
func (d *Daemon) addRequests(ctx context.Context) {
	adding, cancel := context.WithTimeout(ctx, requestsTime)
	defer cancel()
	if err := d.Stats.AddRequests(adding, &d.lookedBack.requests); err != nil && ctx.Err() == nil {
		d.log.ErrorContext(ctx, "the requests of the last minute were not added to the statistics", "error", err)
	}
}

// counters count requests for Prometheus and for the dashboard.
type counters struct {
	metrics  *telemetry.Metrics
	requests *statistics.Requests
}

// Begin notes that a request has come in.
func (c counters) Begin() { c.metrics.Begin() }

// Request notes that a request was answered.
func (c counters) Request(method, route string, status int, took time.Duration) {
	c.metrics.Request(method, route, status, took)
	c.requests.Add(telemetry.KnownMethod(method), route, status)
}

// gauges are the numbers of the dashboard as they were read last, of 30 days where they are of a period. There are none before the
// first look.
func (l *lookedBack) gauges() []telemetry.Measure {
	d := l.last.Load()
	if d == nil {
		return nil
	}
	today := d.Days[len(d.Days)-1]
	const (
		active = "Learners who have completed a game today, and in 7 and 30 days with today (UTC)."
		users  = "Accounts made today and in 30 days (UTC) that still exist."
		games  = "Games completed today and in 30 days (UTC)."
		lasted = "How long a game took on average, today and in 30 days (UTC); missing where there was none."
	)
	all := []telemetry.Measure{
		within("learners_active", active, "1", float64(d.LearnersToday)), within("learners_active", active, "7", float64(d.LearnersWeek)),
		within("learners_active", active, "30", float64(d.LearnersMonth)),
		within("users_new", users, "1", float64(today.NewUsers)), within("users_new", users, "30", float64(d.NewUsers)),
		within("sessions_completed", games, "1", float64(today.Sessions)), within("sessions_completed", games, "30", float64(d.Sessions)),
	}
	for days, seconds := range map[string]*float64{"1": today.AverageSeconds, "30": d.AverageSeconds} {
		if seconds != nil {
			all = append(all, within("session_duration_average_seconds", lasted, days, *seconds))
		}
	}
	all = append(all, scoreGauges(d)...)
	all = append(all, sentenceGauges(d)...)
	for _, e := range d.Endpoints {
		for kind, n := range map[string]int{"client": e.ClientErrors, "server": e.ServerErrors} {
			all = append(all, telemetry.Measure{
				Name: "endpoint_errors", Help: "Answers of 4xx (client) and 5xx (server) by endpoint in 30 days, of all daemons.",
				Labels: map[string]string{"method": e.Method, "route": e.Route, "kind": kind}, Value: float64(n),
			})
		}
	}
	if !d.RefreshedAt.IsZero() {
		all = append(all, telemetry.Measure{
			Name: "statistics_refreshed_timestamp_seconds", Help: "When the numbers of games and learners were brought up to date.",
			Value: float64(d.RefreshedAt.Unix()),
		})
	}
	return all
}

// within is a number of so many days.
func within(name, help, days string, value float64) telemetry.Measure {
	return telemetry.Measure{Name: name, Help: help, Labels: map[string]string{"days": days}, Value: value}
}

func scoreGauges(d *statistics.Dashboard) []telemetry.Measure {
	var all []telemetry.Measure
	for _, s := range d.Scores {
		all = append(all, telemetry.Measure{
			Name: "score_average", Help: "Average score of 30 days, by who gave the scores.", Labels: map[string]string{"source": s.Source}, Value: s.Average,
		})
		for i, n := range s.Buckets {
			all = append(all, telemetry.Measure{
				Name: "score_results", Help: "Results of 30 days with scores from so many points on, in tens, by who gave the scores.",
				Labels: map[string]string{"source": s.Source, "from": strconv.Itoa(10 * i)}, Value: float64(n),
			})
		}
	}
	return all
}

func sentenceGauges(d *statistics.Dashboard) []telemetry.Measure {
	var all []telemetry.Measure
	for _, c := range d.Speeches {
		all = append(all, telemetry.Measure{
			Name: "speeches", Help: "Sentences by level and type.",
			Labels: map[string]string{"level": string(c.Level), "type": string(c.Type)}, Value: float64(c.Speeches),
		})
	}
	for _, h := range d.Hardest {
		for _, s := range h.Sentences {
			all = append(all, telemetry.Measure{
				Name: "hardest_speech_score", Help: "Average scores of the ten hardest sentences of 30 days, by who gave the scores.",
				Labels: map[string]string{"source": h.Source, "speech_id": s.SpeechID.String()}, Value: *s.Average,
			})
		}
	}
	for _, s := range d.MostIncorrect {
		all = append(all, telemetry.Measure{
			Name: "most_incorrect_speech_answers", Help: "Wrong answers to the ten sentences that had the most in 30 days.",
			Labels: map[string]string{"speech_id": s.SpeechID.String()}, Value: float64(s.Incorrect),
		})
	}
	return all
}
