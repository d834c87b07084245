package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/statistics"
	"github.com/englishapp/englishctl/internal/statistics/statsjson"
)

// statsItem is what -o json prints; the names are those of the API.
type statsItem struct {
	statsjson.Statistics
	Dashboard statsjson.Dashboard `json:"dashboard"`
}

// statsOptions are those of all statistics.
type statsOptions struct {
	output outputOptions
	days   int
}

func (o *statsOptions) register(cmd *cobra.Command, columns []string) {
	o.output.register(cmd, columns)
	cmd.Flags().IntVar(&o.days, "days", statistics.DefaultPeriod, "how many days with today: 7, 30 or 90")
	periods := make([]string, len(statistics.Periods))
	for i, p := range statistics.Periods {
		periods[i] = strconv.Itoa(p)
	}
	_ = cmd.RegisterFlagCompletionFunc("days", fixed(periods...))
}

func (o *statsOptions) check() error {
	if !slices.Contains(statistics.Periods, o.days) {
		return usagef("--days %d is not allowed; allowed: 7, 30 or 90", o.days)
	}
	return o.output.check()
}

func newStats(e *env) *cobra.Command {
	var o statsOptions
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Count what there is, and how much is played",
		Long: `Count the sentences of each level and type, the tags, the accounts, and the
games that were completed; and how many learners were active, how many accounts
are new, and how long a game took. Days are those of UTC and --days includes
today. -o json has all numbers of the panel's dashboard, and the commands below
print them as tables. A daemon's numbers are at most two minutes old. Changes
nothing that people have made.`,
		Example: `  englishctl stats
  englishctl stats --days 7 -o json
  englishctl stats days --days 90 -o csv
  englishctl stats hardest`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error { return runStats(ctx, e, s.Stats, o) })
		},
	}
	o.register(cmd, statsColumns)
	for _, table := range statsTables {
		cmd.AddCommand(newStatsTable(e, table))
	}
	return cmd
}

func runStats(ctx context.Context, e *env, stats counter, o statsOptions) error {
	counts, err := stats.Count(ctx)
	if err != nil {
		return err
	}
	d, err := stats.Dashboard(ctx, o.days)
	if err != nil {
		return err
	}
	if err := o.output.print(e.Stdout, statsListing(statsItem{statsjson.NewStatistics(counts), statsjson.NewDashboard(d)})); err != nil {
		return err
	}
	e.sayPending(d)
	return nil
}

// sayPending says that days are not counted yet, which takes a while after an upgrade.
func (e *env) sayPending(d statistics.Dashboard) {
	if d.Pending > 0 {
		e.sayf("%d of %d days have not been counted yet\n", d.Pending, d.Period)
	}
}

var statsColumns = []string{"what", "count"}

func statsListing(s statsItem) listing {
	l := listing{columns: statsColumns, numbers: []string{"count"}, items: s}
	add := func(what string, count int) { l.rows = append(l.rows, []string{what, strconv.Itoa(count)}) }
	add("speeches", s.Speeches)
	for _, by := range s.SpeechesBy {
		add("speeches "+string(by.Level)+" "+string(by.Type), by.Speeches)
	}
	add("tags", s.Tags)
	add("users", s.Users)
	add("admins", s.Admins)
	add("sessions", s.Sessions)
	add("sessions last 7 days", s.RecentSessions)
	d := s.Dashboard
	add("learners today", d.LearnersToday)
	add("learners in 7 days", d.LearnersWeek)
	add("learners in 30 days", d.LearnersMonth)
	within := fmt.Sprintf(" in %d days", d.Period)
	add("new users"+within, d.NewUsers)
	add("sessions"+within, d.Sessions)
	l.rows = append(l.rows, []string{"seconds per session" + within, decimal(d.AverageSeconds)})
	return l
}

// decimal is a number with one digit after the point; nothing where there is none.
func decimal(n *float64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatFloat(*n, 'f', 1, 64)
}
