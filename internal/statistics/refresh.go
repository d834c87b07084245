package statistics

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// RefreshEvery is how often daemons bring the roll-ups up to date.
	RefreshEvery = time.Minute
	// leaseTime is how long a process that died keeps the others waiting. No statement of a refresh takes as long.
	leaseTime = 2 * time.Minute
	// overlap is how far clocks of daemons may differ, together with how long a game may take to be stored.
	overlap = 10 * time.Minute
	// releaseTime is how long giving the lease back may take after a failure.
	releaseTime = 5 * time.Second
	// rankingShare is how many times as long as a ranking took the next one waits, so that it takes a hundredth of one processor at most;
	// longestRanking bounds that.
	rankingShare   = 100
	longestRanking = time.Hour
)

// keptDays is how many days of roll-ups there are: the longest period.
const keptDays = 90

// Refresh brings the roll-ups up to date unless that was done within the given time, or another process is at it, and reports whether it
// did. Days of which nothing has changed are not counted again. Where it fails, the next one goes on where it stopped.
func (s *Service) Refresh(ctx context.Context, within time.Duration) (bool, error) {
	now := s.now()
	r := refresh{Service: s, ctx: ctx, now: now, lease: Lease{Holder: s.holder, Until: now.Add(leaseTime)}}
	mine, err := s.store.Claim(ctx, r.lease, now, now.Add(-within))
	if err != nil || !mine {
		return false, err
	}
	if err := r.run(); err != nil {
		freeing, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
		defer cancel()
		return false, errors.Join(err, s.store.Release(freeing, r.lease))
	}
	return true, nil
}

// refresh is one Refresh.
type refresh struct {
	*Service
	ctx   context.Context
	now   time.Time
	lease Lease
}

func (r *refresh) run() error {
	today := DateOf(r.now)
	marked, err := r.store.Mark(r.ctx, r.lease, Window{First: today.Add(1 - keptDays), Last: today, Now: r.now, Overlap: overlap})
	if err != nil {
		return fmt.Errorf("look for days to count: %w", err)
	}
	for _, day := range marked.Days {
		if err := r.count(day); err != nil {
			return fmt.Errorf("count the day %s: %w", day, err)
		}
	}
	changed := len(marked.Days) > 0
	if wait := min(rankingShare*marked.RankingTook, longestRanking); (marked.RankingDue || changed) && !r.now.Before(marked.RankedAt.Add(wait)) {
		if err := r.rank(today); err != nil {
			return fmt.Errorf("rank the sentences: %w", err)
		}
	}
	if marked.LearnersDue || changed {
		if err := r.countLearners(today); err != nil {
			return fmt.Errorf("count active learners: %w", err)
		}
	}
	return r.store.Finish(r.ctx, r.prolonged(), r.now)
}

// prolonged is the lease with all of its time before it.
func (r *refresh) prolonged() Lease {
	r.lease.Until = r.Service.now().Add(leaseTime)
	return r.lease
}

func (r *refresh) count(day Date) error {
	counted, err := r.store.CountDay(r.ctx, day)
	if err != nil {
		return err
	}
	return r.store.SaveDay(r.ctx, r.prolonged(), counted)
}

// countLearners counts who was active in the last week and month. They are no sums of days: most come on several.
func (r *refresh) countLearners(today Date) error {
	week, err := r.store.CountLearners(r.ctx, today.Add(1-weekDays), today)
	if err != nil {
		return err
	}
	month, err := r.store.CountLearners(r.ctx, today.Add(1-monthDays), today)
	if err != nil {
		return err
	}
	return r.store.SaveLearners(r.ctx, r.prolonged(), week, month)
}

// rank makes the lists of the hardest sentences, all periods in one go.
func (r *refresh) rank(today Date) error {
	begun := r.Service.now()
	since := make([]Date, len(Periods))
	for i, period := range Periods {
		since[len(Periods)-1-i] = today.Add(1 - period)
	}
	k := newRanker(len(Periods))
	if err := r.store.EachTally(r.ctx, since, today, k.add); err != nil {
		return err
	}
	var ranked []Ranking
	for i, period := range Periods {
		ranked = append(ranked, k.rankings(len(Periods)-1-i, period)...)
	}
	return r.store.SaveRankings(r.ctx, r.prolonged(), ranked, r.now, r.Service.now().Sub(begun))
}
