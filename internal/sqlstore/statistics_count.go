package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/statistics"
)

const (
	countPlayed = `
	SELECT count(*) AS sessions, count(DISTINCT user_id) AS learners, COALESCE(sum(duration_seconds), 0) AS seconds
	  FROM game_sessions
	 WHERE completed_at >= ? AND completed_at < ?`

	countNewUsers = `SELECT count(*) FROM users WHERE created_at >= ? AND created_at < ?`

	countLearners = `SELECT count(DISTINCT user_id) FROM game_sessions WHERE completed_at >= ? AND completed_at < ?`

	// scoreSource is who has given the score of a result "r".
	scoreSource = `CASE WHEN r.score_id IS NULL THEN '` + statistics.FromClient + `' ELSE COALESCE(r.score_provider, '` + statistics.FromServer + `') END`

	countScores = `
	SELECT source, bucket, count(*) AS results, sum(score) AS score_sum
	  FROM (SELECT ` + scoreSource + ` AS source, r.pronunciation_score AS score,
	               CASE WHEN r.pronunciation_score >= 90 THEN 9 ELSE CAST(floor(r.pronunciation_score / 10) AS INTEGER) END AS bucket
	          FROM game_sessions s
	          JOIN game_results r ON r.session_id = s.id
	         WHERE s.completed_at >= ? AND s.completed_at < ? AND r.pronunciation_score IS NOT NULL) scored
	 GROUP BY source, bucket
	 ORDER BY source, bucket`

	selectRolledUpDays = `
	SELECT day, new_users, learners, sessions, duration_seconds
	  FROM statistics_days
	 WHERE day >= ? AND day <= ?
	 ORDER BY day`

	sumScores = `
	SELECT source, bucket, sum(results) AS results, sum(score_sum) AS score_sum
	  FROM statistics_scores
	 WHERE day >= ? AND day <= ?
	 GROUP BY source, bucket
	 ORDER BY source, bucket`

	selectRankings = `
	SELECT k.measure, k.source, k.speech_id, k.attempts, k.incorrect, k.average_score, s.text, s.level, s.type
	  FROM statistics_rankings k
	  JOIN speeches s ON s.id = k.speech_id
	 WHERE k.period_days = ? AND s.deleted_at IS NULL
	 ORDER BY k.measure, k.source, k.place`

	sumRequests = `
	SELECT method, route, sum(requests) AS requests, sum(client_errors) AS client_errors, sum(server_errors) AS server_errors
	  FROM statistics_requests
	 WHERE day >= ? AND day <= ?
	 GROUP BY method, route
	HAVING sum(client_errors) + sum(server_errors) > 0
	 ORDER BY server_errors DESC, client_errors DESC, route, method`

	selectRefreshed = `SELECT refreshed_at, learners_week, learners_month FROM statistics_state WHERE id = 1`
)

// CountDay implements statistics.Store.
func (s *Statistics) CountDay(ctx context.Context, date statistics.Date) (statistics.DayCount, error) {
	from, to := timestamp(date.Begin()), timestamp(date.Add(1).Begin())
	counted := statistics.DayCount{Date: date}
	err := s.c.inOneVersion(ctx, func(tx conn) error {
		var played struct {
			Sessions, Learners int
			Seconds            int64
		}
		if err := tx.get(ctx, &played, countPlayed, from, to); err != nil {
			return fmt.Errorf("count the games of %s: %w", date, err)
		}
		counted.Sessions, counted.Learners, counted.Seconds = played.Sessions, played.Learners, played.Seconds
		if err := tx.get(ctx, &counted.NewUsers, countNewUsers, from, to); err != nil {
			return fmt.Errorf("count the new users of %s: %w", date, err)
		}
		var scores []scoreRow
		if err := tx.all(ctx, &scores, countScores, from, to); err != nil {
			return fmt.Errorf("count the scores of %s: %w", date, err)
		}
		counted.Scores = convert(scores, scoreRow.count)
		return nil
	})
	return counted, err
}

type scoreRow struct {
	Source  string
	Bucket  int
	Results int
	Sum     float64 `db:"score_sum"`
}

func (r scoreRow) count() statistics.ScoreCount { return statistics.ScoreCount(r) }

// CountLearners implements statistics.Store.
func (s *Statistics) CountLearners(ctx context.Context, from, to statistics.Date) (int, error) {
	var n int
	if err := s.c.get(ctx, &n, countLearners, timestamp(from.Begin()), timestamp(to.Add(1).Begin())); err != nil {
		return 0, fmt.Errorf("count the learners from %s to %s: %w", from, to, err)
	}
	return n, nil
}

// EachTally implements statistics.Store.
func (s *Statistics) EachTally(
	ctx context.Context, since []statistics.Date, last statistics.Date, row func(statistics.Tally),
) error {
	query, args := tallyQuery(since, last)
	err := s.c.each(ctx, func(rows *sql.Rows) error {
		t := statistics.Tally{Counts: make([]statistics.TallyCount, len(since))}
		into := []any{&t.SpeechID, &t.Source}
		for i := range t.Counts {
			into = append(into, &t.Counts[i].Attempts, &t.Counts[i].Incorrect, &t.Counts[i].Sum)
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("scan a tally: %w", err)
		}
		row(t)
		return nil
	}, query, args...)
	if err != nil {
		return fmt.Errorf("count the answers to each sentence: %w", err)
	}
	return nil
}

// tallyQuery counts for each of the days what has been played since, in one go.
func tallyQuery(since []statistics.Date, last statistics.Date) (query string, args []any) {
	query = `SELECT r.speech_id, CASE WHEN r.pronunciation_score IS NULL THEN '' ELSE ` + scoreSource + ` END AS source`
	for _, first := range since {
		query += `,
	       sum(CASE WHEN s.completed_at >= ? THEN 1 ELSE 0 END),
	       sum(CASE WHEN s.completed_at >= ? AND r.user_response = 'incorrect' THEN 1 ELSE 0 END),
	       COALESCE(sum(CASE WHEN s.completed_at >= ? THEN r.pronunciation_score END), 0.0)`
		begin := timestamp(first.Begin())
		args = append(args, begin, begin, begin)
	}
	query += `
	  FROM game_sessions s
	  JOIN game_results r ON r.session_id = s.id
	  JOIN speeches p ON p.id = r.speech_id
	 WHERE s.completed_at >= ? AND s.completed_at < ? AND p.deleted_at IS NULL
	 GROUP BY 1, 2
	 ORDER BY 1, 2`
	return query, append(args, timestamp(since[0].Begin()), timestamp(last.Add(1).Begin()))
}

// RollUp implements statistics.Store.
func (s *Statistics) RollUp(ctx context.Context, from, to statistics.Date, period int) (statistics.RollUp, error) {
	var found statistics.RollUp
	err := s.c.inOneVersion(ctx, func(tx conn) error {
		var state struct {
			RefreshedAt *timestamp `db:"refreshed_at"`
			Week        int        `db:"learners_week"`
			Month       int        `db:"learners_month"`
		}
		if err := tx.get(ctx, &state, selectRefreshed); err != nil {
			return fmt.Errorf("select when the roll-ups were refreshed: %w", err)
		}
		found.RefreshedAt, found.LearnersWeek, found.LearnersMonth = orZero(state.RefreshedAt.timePtr()), state.Week, state.Month
		var days []dayRow
		if err := tx.all(ctx, &days, selectRolledUpDays, day(from), day(to)); err != nil {
			return fmt.Errorf("select the days from %s to %s: %w", from, to, err)
		}
		found.Days = convert(days, dayRow.count)
		var scores []scoreRow
		if err := tx.all(ctx, &scores, sumScores, day(from), day(to)); err != nil {
			return fmt.Errorf("sum the scores from %s to %s: %w", from, to, err)
		}
		found.Scores = convert(scores, scoreRow.count)
		var ranked []rankedRow
		if err := tx.all(ctx, &ranked, selectRankings, period); err != nil {
			return fmt.Errorf("select the ranking of %d days: %w", period, err)
		}
		found.Rankings = convert(ranked, rankedRow.sentence)
		var endpoints []endpointRow
		if err := tx.all(ctx, &endpoints, sumRequests, day(from), day(to)); err != nil {
			return fmt.Errorf("sum the requests from %s to %s: %w", from, to, err)
		}
		found.Endpoints = convert(endpoints, endpointRow.endpoint)
		return nil
	})
	return found, err
}

type dayRow struct {
	Day      day
	NewUsers int `db:"new_users"`
	Learners int
	Sessions int
	Seconds  int64 `db:"duration_seconds"`
}

func (r dayRow) count() statistics.DayCount {
	return statistics.DayCount{
		Date: statistics.Date(r.Day), NewUsers: r.NewUsers, Learners: r.Learners, Sessions: r.Sessions, Seconds: r.Seconds,
	}
}

type rankedRow struct {
	Measure   string
	Source    string
	SpeechID  uuid.UUID `db:"speech_id"`
	Attempts  int
	Incorrect int
	Average   *float64 `db:"average_score"`
	Text      string
	Level     string
	Type      string
}

func (r rankedRow) sentence() statistics.RankedSentence {
	return statistics.RankedSentence{
		Measure: statistics.Measure(r.Measure), Source: r.Source,
		Sentence: statistics.Sentence{
			SpeechID: r.SpeechID, Text: r.Text, Level: catalog.Level(r.Level), Type: catalog.SentenceType(r.Type),
			Attempts: r.Attempts, Incorrect: r.Incorrect, Average: r.Average,
		},
	}
}

type endpointRow struct {
	Method       string
	Route        string
	Requests     int
	ClientErrors int `db:"client_errors"`
	ServerErrors int `db:"server_errors"`
}

func (r endpointRow) endpoint() statistics.Endpoint { return statistics.Endpoint(r) }
