package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/statistics"
)

const (
	// A time of refreshed_at that is yet to come is of a clock that was wrong.
	claimLease = `
	UPDATE statistics_state SET lease_holder = ?, lease_until = ?
	 WHERE id = 1 AND lease_until <= ? AND (refreshed_at IS NULL OR refreshed_at <= ? OR refreshed_at > ?)`

	prolongLease = `UPDATE statistics_state SET lease_until = ? WHERE id = 1 AND lease_holder = ?`

	releaseLease = `UPDATE statistics_state SET lease_holder = '', lease_until = marked_at WHERE id = 1 AND lease_holder = ?`

	finishRefresh = `UPDATE statistics_state SET lease_holder = '', lease_until = ?, refreshed_at = ? WHERE id = 1`

	selectDue = `SELECT marked_at, ranked_at, ranking_ms, ranking_due, learners_due FROM statistics_state WHERE id = 1`

	setMarked = `UPDATE statistics_state SET marked_at = ? WHERE id = 1`

	takeChanges   = `DELETE FROM statistics_changes RETURNING day`
	insertChanges = `INSERT INTO statistics_changes (day)`

	// markDay is for a day that was counted; one that was not has no row.
	markDay = `UPDATE statistics_days SET stale = TRUE WHERE day = ? AND NOT stale`

	countDays = `SELECT count(*) FROM statistics_days`

	forgetDays     = `DELETE FROM statistics_days WHERE day < ?`
	forgetRequests = `DELETE FROM statistics_requests WHERE day < ?`

	selectCounted = `SELECT day FROM statistics_days WHERE NOT stale AND day >= ? AND day <= ?`

	saveDay = `
	INSERT INTO statistics_days (day, new_users, learners, sessions, duration_seconds, stale)
	VALUES (?, ?, ?, ?, ?, FALSE)
	ON CONFLICT (day) DO UPDATE
	   SET new_users = excluded.new_users, learners = excluded.learners, sessions = excluded.sessions,
	       duration_seconds = excluded.duration_seconds, stale = FALSE`

	deleteScores = `DELETE FROM statistics_scores WHERE day = ?`
	insertScores = `INSERT INTO statistics_scores (day, source, bucket, results, score_sum)`
	setDue       = `UPDATE statistics_state SET ranking_due = TRUE, learners_due = TRUE WHERE id = 1`

	saveLearners = `UPDATE statistics_state SET learners_due = FALSE, learners_week = ?, learners_month = ? WHERE id = 1`

	deleteRankings = `DELETE FROM statistics_rankings`
	insertRankings = `
	INSERT INTO statistics_rankings (period_days, measure, source, place, speech_id, attempts, incorrect, average_score)`
	setRanked = `UPDATE statistics_state SET ranking_due = FALSE, ranked_at = ?, ranking_ms = ? WHERE id = 1`

	addRequests = `
	INSERT INTO statistics_requests (day, method, route, requests, client_errors, server_errors)`
	toTheOthers = `
	ON CONFLICT (day, method, route) DO UPDATE
	   SET requests = statistics_requests.requests + excluded.requests,
	       client_errors = statistics_requests.client_errors + excluded.client_errors,
	       server_errors = statistics_requests.server_errors + excluded.server_errors`
)

// Statistics implements statistics.Store.
type Statistics struct{ c conn }

var _ statistics.Store = (*Statistics)(nil)

// Claim implements statistics.Store.
func (s *Statistics) Claim(ctx context.Context, l statistics.Lease, now, due time.Time) (bool, error) {
	n, err := s.c.exec(ctx, claimLease, l.Holder, timestamp(l.Until), timestamp(now), timestamp(due), timestamp(now))
	if err != nil {
		return false, fmt.Errorf("claim the roll-ups: %w", err)
	}
	return n > 0, nil
}

// Release implements statistics.Store.
func (s *Statistics) Release(ctx context.Context, l statistics.Lease) error {
	if _, err := s.c.exec(ctx, releaseLease, l.Holder); err != nil {
		return fmt.Errorf("release the roll-ups: %w", err)
	}
	return nil
}

// leased runs fn in a transaction that fails where the lease is somebody else's by now.
func (s *Statistics) leased(ctx context.Context, l statistics.Lease, fn func(tx conn) error) error {
	return s.c.inTx(ctx, func(tx conn) error {
		n, err := tx.exec(ctx, prolongLease, timestamp(l.Until), l.Holder)
		if err != nil {
			return fmt.Errorf("prolong the lease of the roll-ups: %w", err)
		}
		if n == 0 {
			return fault.Conflict("another process brings the statistics up to date").WithCode("lease_lost")
		}
		return fn(tx)
	})
}

// Mark implements statistics.Store.
func (s *Statistics) Mark(ctx context.Context, l statistics.Lease, w statistics.Window) (statistics.Marked, error) {
	var marked statistics.Marked
	err := s.leased(ctx, l, func(tx conn) error {
		var due struct {
			MarkedAt    timestamp `db:"marked_at"`
			RankedAt    timestamp `db:"ranked_at"`
			RankingMS   int       `db:"ranking_ms"`
			RankingDue  bool      `db:"ranking_due"`
			LearnersDue bool      `db:"learners_due"`
		}
		if err := tx.get(ctx, &due, selectDue); err != nil {
			return fmt.Errorf("select the state of the roll-ups: %w", err)
		}
		marked.RankedAt, marked.RankingDue, marked.LearnersDue = due.RankedAt.time(), due.RankingDue, due.LearnersDue
		marked.RankingTook = time.Duration(due.RankingMS) * time.Millisecond
		if err := tx.markChanged(ctx, due.MarkedAt.time().Add(-w.Overlap)); err != nil {
			return err
		}
		for _, forget := range []string{forgetDays, forgetRequests} {
			if _, err := tx.exec(ctx, forget, day(w.First)); err != nil {
				return fmt.Errorf("forget old days: %w", err)
			}
		}
		if _, err := tx.exec(ctx, setMarked, timestamp(w.Now)); err != nil {
			return fmt.Errorf("note when days were marked: %w", err)
		}
		var err error
		marked.Days, err = tx.uncounted(ctx, w)
		return err
	})
	return marked, err
}

// markChanged marks the days that have lost something, or have got something since.
func (c conn) markChanged(ctx context.Context, since time.Time) error {
	var lost, got []day
	if err := c.all(ctx, &lost, takeChanges); err != nil {
		return fmt.Errorf("take the days that have lost something: %w", err)
	}
	var counted int
	if err := c.get(ctx, &counted, countDays); err != nil {
		return fmt.Errorf("count the days that are counted: %w", err)
	}
	if counted == 0 { // the first time there is nothing to mark, and much to look at
		return nil
	}
	if err := c.all(ctx, &got, c.db.dialect.daysSince, timestamp(since), timestamp(since)); err != nil {
		return fmt.Errorf("select the days that have got something: %w", err)
	}
	days := append(lost, got...)
	slices.Sort(days)
	for _, d := range slices.Compact(days) {
		if _, err := c.exec(ctx, markDay, d); err != nil {
			return fmt.Errorf("mark the day %s: %w", d, err)
		}
	}
	return nil
}

// uncounted returns the days of the window that are marked or have no row, the last one first.
func (c conn) uncounted(ctx context.Context, w statistics.Window) ([]statistics.Date, error) {
	var counted []day
	if err := c.all(ctx, &counted, selectCounted, day(w.First), day(w.Last)); err != nil {
		return nil, fmt.Errorf("select the days that are counted: %w", err)
	}
	var missing []statistics.Date
	for d := w.Last; d >= w.First; d = d.Add(-1) {
		if !slices.Contains(counted, day(d)) {
			missing = append(missing, d)
		}
	}
	return missing, nil
}

// SaveDay implements statistics.Store.
func (s *Statistics) SaveDay(ctx context.Context, l statistics.Lease, c statistics.DayCount) error {
	scores := convert(c.Scores, func(sc statistics.ScoreCount) []any {
		return []any{day(c.Date), sc.Source, sc.Bucket, sc.Results, sc.Sum}
	})
	return s.leased(ctx, l, func(tx conn) error {
		if _, err := tx.exec(ctx, saveDay, day(c.Date), c.NewUsers, c.Learners, c.Sessions, c.Seconds); err != nil {
			return fmt.Errorf("save the counts of %s: %w", c.Date, err)
		}
		if _, err := tx.exec(ctx, deleteScores, day(c.Date)); err != nil {
			return fmt.Errorf("delete the scores of %s: %w", c.Date, err)
		}
		if _, err := tx.insertRows(ctx, insertScores, scores, ``); err != nil {
			return fmt.Errorf("insert the scores of %s: %w", c.Date, err)
		}
		if _, err := tx.exec(ctx, setDue); err != nil {
			return fmt.Errorf("make the ranking due: %w", err)
		}
		return nil
	})
}

// SaveLearners implements statistics.Store.
func (s *Statistics) SaveLearners(ctx context.Context, l statistics.Lease, week, month int) error {
	return s.leased(ctx, l, func(tx conn) error {
		if _, err := tx.exec(ctx, saveLearners, week, month); err != nil {
			return fmt.Errorf("save the numbers of active learners: %w", err)
		}
		return nil
	})
}

// SaveRankings implements statistics.Store.
func (s *Statistics) SaveRankings(
	ctx context.Context, l statistics.Lease, ranked []statistics.Ranking, at time.Time, took time.Duration,
) error {
	rows := convert(ranked, func(r statistics.Ranking) []any {
		return []any{r.Period, r.Measure, r.Source, r.Place, r.SpeechID, r.Attempts, r.Incorrect, r.Average}
	})
	return s.leased(ctx, l, func(tx conn) error {
		if _, err := tx.exec(ctx, deleteRankings); err != nil {
			return fmt.Errorf("delete the rankings: %w", err)
		}
		if _, err := tx.insertRows(ctx, insertRankings, rows, ``); err != nil {
			return fmt.Errorf("insert the rankings: %w", err)
		}
		if _, err := tx.exec(ctx, setRanked, timestamp(at), took.Milliseconds()); err != nil {
			return fmt.Errorf("note when was ranked: %w", err)
		}
		return nil
	})
}

// Finish implements statistics.Store.
func (s *Statistics) Finish(ctx context.Context, l statistics.Lease, at time.Time) error {
	return s.leased(ctx, l, func(tx conn) error {
		if _, err := tx.exec(ctx, finishRefresh, timestamp(at), timestamp(at)); err != nil {
			return fmt.Errorf("note that the roll-ups are up to date: %w", err)
		}
		return nil
	})
}

// AddRequests implements statistics.Store.
func (s *Statistics) AddRequests(ctx context.Context, on statistics.Date, added []statistics.Endpoint) error {
	rows := convert(added, func(e statistics.Endpoint) []any {
		return []any{day(on), e.Method, e.Route, e.Requests, e.ClientErrors, e.ServerErrors}
	})
	if _, err := s.c.insertRows(ctx, addRequests, rows, toTheOthers); err != nil {
		return fmt.Errorf("add requests: %w", err)
	}
	return nil
}

// day is a date as both databases read it: one text, which sorts.
type day statistics.Date

// Scan implements sql.Scanner: PostgreSQL's driver gives times, SQLite's gives texts.
func (d *day) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		*d = day(v.Format(time.DateOnly)) // not UTC: a date is of no zone
	case string:
		*d = day(v)
	default:
		return fmt.Errorf("scan a day: it is a %T", src)
	}
	return nil
}
