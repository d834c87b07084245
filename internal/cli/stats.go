package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/statistics"
)

// statsItem is what -o json prints; the names are those of the API.
type statsItem struct {
	Speeches       int               `json:"speeches"`
	SpeechesBy     []speechCountItem `json:"speeches_by_level_and_type"`
	Tags           int               `json:"tags"`
	Users          int               `json:"users"`
	Admins         int               `json:"admins"`
	Sessions       int               `json:"sessions"`
	RecentSessions int               `json:"sessions_last_7_days"`
}

type speechCountItem struct {
	Level    string `json:"level"`
	Type     string `json:"type"`
	Speeches int    `json:"speeches"`
}

func newStats(e *env) *cobra.Command {
	var output outputOptions
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Count what there is",
		Long: `Count the sentences of each level and type, the tags, the accounts, and the
games that were completed, ever and in the last 7 days. Changes nothing.`,
		Example: `  englishctl stats
  englishctl stats -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := output.check(); err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error {
				counts, err := s.Stats.Count(ctx)
				if err != nil {
					return err
				}
				return output.print(e.Stdout, statsListing(newStatsItem(counts)))
			})
		},
	}
	output.register(cmd, statsColumns)
	return cmd
}

func newStatsItem(counts statistics.Statistics) statsItem {
	item := statsItem{
		Speeches: counts.Speeches, SpeechesBy: make([]speechCountItem, len(counts.SpeechesBy)), Tags: counts.Tags,
		Users: counts.Users, Admins: counts.Admins, Sessions: counts.Sessions, RecentSessions: counts.RecentSessions,
	}
	for i, k := range counts.SpeechesBy {
		item.SpeechesBy[i] = speechCountItem{string(k.Level), string(k.Type), k.Speeches}
	}
	return item
}

var statsColumns = []string{"what", "count"}

func statsListing(s statsItem) listing {
	l := listing{columns: statsColumns, numbers: []string{"count"}, items: s}
	add := func(what string, count int) { l.rows = append(l.rows, []string{what, strconv.Itoa(count)}) }
	add("speeches", s.Speeches)
	for _, by := range s.SpeechesBy {
		add("speeches "+by.Level+" "+by.Type, by.Speeches)
	}
	add("tags", s.Tags)
	add("users", s.Users)
	add("admins", s.Admins)
	add("sessions", s.Sessions)
	add("sessions last 7 days", s.RecentSessions)
	return l
}
