package cli

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/paging"
)

// recentDays is how far back "recent" reaches.
const recentDays = 7

// statsItem is what -o json prints.
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
	var format string
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Count what there is",
		Long: `Count the sentences of each level and type, the tags, the accounts, and the
games that were completed, ever and in the last 7 days. Changes nothing.`,
		Example: `  englishctl stats
  englishctl stats -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error {
				stats, err := countAll(ctx, s, time.Now())
				if err != nil {
					return err
				}
				return statsListing(stats).print(e.Stdout, format)
			})
		},
	}
	addOutputFlag(cmd, &format)
	return cmd
}

func countAll(ctx context.Context, s services, now time.Time) (stats statsItem, err error) {
	kinds, err := s.Catalog.CountSpeeches(ctx)
	if err != nil {
		return stats, err
	}
	for _, k := range kinds {
		stats.Speeches += k.Speeches
		stats.SpeechesBy = append(stats.SpeechesBy, speechCountItem{string(k.Level), string(k.Type), k.Speeches})
	}
	tags, err := s.Catalog.AllTags(ctx)
	if err != nil {
		return stats, err
	}
	stats.Tags = len(tags)
	one := paging.Page{Number: 1, Limit: 1}
	if _, stats.Users, err = s.Accounts.Users(ctx, account.UserFilter{}, one); err != nil {
		return stats, err
	}
	if _, stats.Admins, err = s.Accounts.Users(ctx, account.UserFilter{Role: account.Admin}, one); err != nil {
		return stats, err
	}
	if stats.Sessions, err = s.Practice.CountSince(ctx, time.Time{}); err != nil {
		return stats, err
	}
	stats.RecentSessions, err = s.Practice.CountSince(ctx, now.AddDate(0, 0, -recentDays))
	return stats, err
}

func statsListing(s statsItem) listing {
	l := listing{columns: []string{"what", "count"}, items: s}
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
