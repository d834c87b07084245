package statistics

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// buckets is how many tens scores are sorted into.
const buckets = 10

// Store is what statistics needs of a database. Of several processes at one database one brings the roll-ups up to date at a time: the
// one that has the lease. Every write under a lease prolongs it, and returns fault.Conflict (code lease_lost), writing nothing, where it
// is somebody else's by now.
type Store interface {
	// Claim takes the lease until its end, if nobody has it at the given time, and reports whether it did. It does not where the
	// roll-ups were brought up to date after due.
	Claim(ctx context.Context, l Lease, now, due time.Time) (bool, error)
	// Mark marks the days of which something has changed: that have lost a game or an account since the last call, or have got one that
	// was stored (or was made) in the given overlap before the last call, or later. Then it forgets all days before the window, and
	// returns those of the window that are marked or were never counted, the last one first, with what else is due.
	Mark(ctx context.Context, l Lease, w Window) (Marked, error)
	// CountDay counts a day anew, from the games and accounts themselves. Its Scores come by source and bucket.
	CountDay(ctx context.Context, day Date) (DayCount, error)
	// SaveDay puts the counts of a day in place of those that are there, removes its mark and makes the ranking and the learners due.
	SaveDay(ctx context.Context, l Lease, c DayCount) error
	// CountLearners returns how many learners have completed a game on the given days, both inclusive.
	CountLearners(ctx context.Context, from, to Date) (int, error)
	// EachTally calls row for every live sentence and source of scores in the games of the days from the first of since to the last day
	// inclusive, once, the rows of one sentence one after the other. since is sorted, the earliest first; the tallies are of the days
	// since each.
	EachTally(ctx context.Context, since []Date, last Date, row func(Tally)) error
	// SaveRankings puts rankings in place of all that are there, and notes when that was and how long it took.
	SaveRankings(ctx context.Context, l Lease, ranked []Ranking, at time.Time, took time.Duration) error
	// SaveLearners puts the numbers of active learners in place of those that are there.
	SaveLearners(ctx context.Context, l Lease, week, month int) error
	// Finish notes that the roll-ups are up to date as of that time, and gives the lease back.
	Finish(ctx context.Context, l Lease, at time.Time) error
	// Release gives the lease back; no error if it is not the holder's.
	Release(ctx context.Context, l Lease) error
	// RollUp returns what is rolled up of the days, both inclusive, and the ranking of the period, all of one moment. Days that were not
	// counted are missing. Scores come by source, rankings by measure, source and place without sentences that are deleted by now,
	// endpoints those with errors, most server errors first, then most client errors.
	RollUp(ctx context.Context, from, to Date, period int) (RollUp, error)
	// AddRequests adds to the requests of a day.
	AddRequests(ctx context.Context, day Date, added []Endpoint) error
}

// Lease is the right to bring the roll-ups up to date.
type Lease struct {
	Holder string // unique to a process
	Until  time.Time
}

// Window are the days that are kept.
type Window struct {
	First, Last Date
	Now         time.Time
	// Overlap is how long before its end a transaction may have taken its time, and how far clocks may differ.
	Overlap time.Duration
}

// Marked is what there is to do.
type Marked struct {
	Days []Date
	// LearnersDue says that a day was counted after the learners of the last week and month.
	LearnersDue bool
	// RankingDue says that a day was counted after the last ranking, RankedAt when that was, and RankingTook how long it took.
	RankingDue  bool
	RankedAt    time.Time
	RankingTook time.Duration
}

// DayCount are the numbers of a day as they are stored.
type DayCount struct {
	Date                         Date
	NewUsers, Learners, Sessions int
	Seconds                      int64 // of all games together
	Scores                       []ScoreCount
}

// ScoreCount are the scores of a source in a bucket: 0 is below 10, 9 is 90 to 100.
type ScoreCount struct {
	Source  string
	Bucket  int
	Results int
	Sum     float64
}

// Tally is how a sentence was answered, in results with a score of one source, or without a score where Source is empty.
type Tally struct {
	SpeechID uuid.UUID
	Source   string
	// Counts are those of each period, in the order of EachTally's since.
	Counts []TallyCount
}

// TallyCount is a Tally of one period.
type TallyCount struct {
	Attempts, Incorrect int
	Sum                 float64 // of the scores
}

// Measure is what makes a sentence hard.
type Measure string

// The measures.
const (
	ByScore     Measure = "score"
	ByIncorrect Measure = "incorrect"
)

// Ranking is the place of a sentence in the list of a period.
type Ranking struct {
	Period              int // in days
	Measure             Measure
	Source              string // empty for ByIncorrect
	Place               int    // from 1
	SpeechID            uuid.UUID
	Attempts, Incorrect int
	Average             *float64
}

// RankedSentence is one of a list.
type RankedSentence struct {
	Measure Measure
	Source  string
	Sentence
}

// RollUp is what the store has of a period.
type RollUp struct {
	RefreshedAt                 time.Time
	LearnersWeek, LearnersMonth int
	Days                        []DayCount // without scores
	Scores                      []ScoreCount
	Rankings                    []RankedSentence
	Endpoints                   []Endpoint
}
