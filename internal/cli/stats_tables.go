package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/statistics"
	"github.com/englishapp/englishctl/internal/statistics/statsjson"
)

// statsTable is one of the dashboard's tables as a command of its own.
type statsTable struct {
	name, short, long string
	columns           []string
	inTable           []string
	numbers           []string
	// rows are for people and spreadsheets, items for programs.
	rows  func(d statsjson.Dashboard) [][]string
	items func(d statsjson.Dashboard) any
}

var statsTables = []statsTable{
	{
		name: "days", short: "Show the numbers of each day",
		long: `Show for each day how many accounts were made, how many learners have completed
a game, how many games that were, and how many seconds one took on average.`,
		columns: []string{"date", "new_users", "learners", "sessions", "seconds"},
		numbers: []string{"new_users", "learners", "sessions", "seconds"},
		rows: func(d statsjson.Dashboard) [][]string {
			return rowsOf(d.Days, func(i statsjson.Day) []string {
				return []string{string(i.Date), strconv.Itoa(i.NewUsers), strconv.Itoa(i.Learners), strconv.Itoa(i.Sessions), decimal(i.AverageSeconds)}
			})
		},
		items: func(d statsjson.Dashboard) any { return d.Days },
	},
	{
		name: "scores", short: "Show how scores are distributed",
		long: `Show how many results have scores below 10, from 10 to below 20, and so on, by
who gave them: azure, offline, server (from before the server noted which), or
client (learners' apps say so). Scores of different sources do not compare.`,
		columns: []string{"source", "from", "to", "results"},
		numbers: []string{"from", "to", "results"},
		rows: func(d statsjson.Dashboard) (rows [][]string) {
			for _, s := range d.Scores {
				for i, n := range s.Buckets {
					rows = append(rows, []string{s.Source, strconv.Itoa(10 * i), strconv.Itoa(10*i + 10), strconv.Itoa(n)})
				}
			}
			return rows
		},
		items: func(d statsjson.Dashboard) any { return d.Scores },
	},
	{
		name: "hardest", short: "Show the sentences with the lowest scores",
		long: fmt.Sprintf(`Show the ten sentences with the lowest average scores, for each source of
scores: of those that it has scored %d times or more. Deleted ones are left out.
Incorrect is how many of these attempts the learners found wrong.`, statistics.MinAttempts),
		columns: []string{"source", "average", "attempts", "incorrect", "level", "type", "text", "speech_id"},
		inTable: []string{"source", "average", "attempts", "level", "text"},
		numbers: []string{"average", "attempts", "incorrect"},
		rows: func(d statsjson.Dashboard) (rows [][]string) {
			for _, h := range d.Hardest {
				for _, s := range h.Sentences {
					rows = append(rows, []string{
						h.Source, decimal(s.Average), strconv.Itoa(s.Attempts), strconv.Itoa(s.Incorrect), string(s.Level), string(s.Type), s.Text, s.SpeechID.String(),
					})
				}
			}
			return rows
		},
		items: func(d statsjson.Dashboard) any { return d.Hardest },
	},
	{
		name: "incorrect", short: "Show the sentences that were most often wrong",
		long: `Show the ten sentences that learners have most often found themselves wrong at.
Attempts are all times that it was played. Deleted ones are left out.`,
		columns: []string{"incorrect", "attempts", "level", "type", "text", "speech_id"},
		inTable: []string{"incorrect", "attempts", "level", "text"},
		numbers: []string{"incorrect", "attempts"},
		rows: func(d statsjson.Dashboard) [][]string {
			return rowsOf(d.MostIncorrect, func(s statsjson.Sentence) []string {
				return []string{strconv.Itoa(s.Incorrect), strconv.Itoa(s.Attempts), string(s.Level), string(s.Type), s.Text, s.SpeechID.String()}
			})
		},
		items: func(d statsjson.Dashboard) any { return d.MostIncorrect },
	},
	{
		name: "errors", short: "Show which endpoints have answered with errors",
		long: `Show the endpoints of the API and the panel that have answered with errors, the
worst first, over all daemons: client_errors are answers of 4xx, server_errors
those of 5xx and connections that were cut. What a running daemon has counted in
its last minute is not in it.`,
		columns: []string{"method", "route", "requests", "client_errors", "server_errors"},
		numbers: []string{"requests", "client_errors", "server_errors"},
		rows: func(d statsjson.Dashboard) [][]string {
			return rowsOf(d.Endpoints, func(i statsjson.Endpoint) []string {
				return []string{i.Method, i.Route, strconv.Itoa(i.Requests), strconv.Itoa(i.ClientErrors), strconv.Itoa(i.ServerErrors)}
			})
		},
		items: func(d statsjson.Dashboard) any { return d.Endpoints },
	},
}

func rowsOf[T any](items []T, row func(T) []string) [][]string {
	rows := make([][]string, len(items))
	for i, item := range items {
		rows[i] = row(item)
	}
	return rows
}

func newStatsTable(e *env, table statsTable) *cobra.Command {
	var o statsOptions
	cmd := &cobra.Command{
		Use: table.name, Short: table.short, Long: table.long,
		Example: fmt.Sprintf("  englishctl stats %[1]s\n  englishctl stats %[1]s --days 90 -o csv", table.name),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error {
				d, err := s.Stats.Dashboard(ctx, o.days)
				if err != nil {
					return err
				}
				item := statsjson.NewDashboard(d)
				l := listing{columns: table.columns, inTable: table.inTable, numbers: table.numbers, rows: table.rows(item), items: table.items(item)}
				if err := o.output.print(e.Stdout, l); err != nil {
					return err
				}
				e.sayPending(d)
				return nil
			})
		},
	}
	o.register(cmd, table.columns)
	return cmd
}
