package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/seeding"
)

type seedOptions struct {
	request       seeding.Request
	until         string
	passwordStdin bool
	yes           bool
	output        outputOptions
}

func newSeed(e *env) *cobra.Command {
	var o seedOptions
	cmd := &cobra.Command{
		Use:   "seed [--speeches N] [--users N] [--sessions N]",
		Short: "Fill a database for tests and load",
		Long: `Fill a database for tests and load: sentences of all levels and types with 37
tags, and, if you like, learners with the games they have played. The same
--seed makes the same ids, texts and tags on every machine.

It only adds what is missing: run again, it changes nothing, and with a higher
number it adds the rest. What somebody has edited or deleted since stays so.
Different seeds stand side by side. The recordings are those of the starter
pack, of the right level and type, but they do not say what the text says.

Learners are called learner-0001@seed-42.invalid and so on. Nobody can sign in
as one of them, unless --password-stdin gives the new ones a password. Games
need both learners and sentences.

Where there are sentences that this seed has not made, it says how many and asks
first; without a terminal it then needs --yes. If it is interrupted, the same
command goes on where it stopped. It works on the database and the recordings of
the settings, beside a running daemon or without one.`,
		Example: `  englishctl seed --speeches 1000 --seed 42 --yes
  englishctl seed --speeches 500 --users 20 --sessions 300 --yes -o json
  englishctl seed --users 5 --password-stdin --yes < password.txt`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.complete(e); err != nil {
				return err
			}
			return e.seed(cmd, o)
		},
	}
	cmd.Flags().IntVar(&o.request.Speeches, "speeches", 1000, "how many sentences there shall be, up to 10,000,000")
	cmd.Flags().Uint64Var(&o.request.Seed, "seed", 42, "the number that everything follows from")
	cmd.Flags().IntVar(&o.request.Users, "users", 0, "how many learners there shall be, up to 1,000,000")
	cmd.Flags().IntVar(&o.request.Sessions, "sessions", 0, "how many played games there shall be, up to 10,000,000")
	cmd.Flags().StringVar(&o.until, "until", seeding.DefaultUntil.Format(time.DateOnly),
		"the games lie in the 90 days before this date or RFC 3339 time")
	cmd.Flags().BoolVar(&o.passwordStdin, "password-stdin", false, "read a password for all new learners from stdin")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	o.output.register(cmd, seedColumns)
	return cmd
}

// complete checks the flags and makes a request of them.
func (o *seedOptions) complete(e *env) (err error) {
	if err := o.output.check(); err != nil {
		return err
	}
	if o.request.Until, err = parseUntil(o.until); err != nil || !o.passwordStdin {
		return err
	}
	o.request.Password, err = e.password(true)
	return err
}

func parseUntil(text string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, usagef("--until %q is neither a date (2026-01-31) nor an RFC 3339 time", text)
}

// seed works on this machine's services only: through a daemon it would be slow, and its rows are none that an editor makes.
func (e *env) seed(cmd *cobra.Command, o seedOptions) (err error) {
	a, err := e.open(cmd)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	ctx := cmd.Context()
	plan, err := a.Seeds.Plan(ctx, o.request)
	if err != nil {
		return leaving(ctx, err, nothingChanged)
	}
	if plan.Adds() && plan.Foreign > 0 {
		question := fmt.Sprintf("There are %d sentences here that seed %d has not made. Add %s?",
			plan.Foreign, o.request.Seed, missing(plan))
		if err := e.confirm(question, o.yes); err != nil {
			return err
		}
	}
	if o.request.Speeches > 0 {
		if err := a.PrepareAudio(ctx); err != nil {
			return err
		}
	}
	report, err := e.apply(ctx, a.Seeds, plan)
	if err != nil {
		return leaving(ctx, err, "what was added stays; the same command goes on where it stopped")
	}
	return o.output.print(e.Stdout, seedListing(o.request.Seed, report))
}

// apply carries the plan out and shows how far it is.
func (e *env) apply(ctx context.Context, seeds *seeding.Service, plan seeding.Plan) (seeding.Report, error) {
	var of seeding.Kind
	var bar *progress
	end := func() {
		if bar != nil {
			bar.end()
		}
	}
	defer func() { end() }()
	done := 0
	return seeds.Apply(ctx, plan, func(kind seeding.Kind, so, total int) {
		if kind != of {
			end()
			of, done, bar = kind, 0, e.begin(work{doing: "adding", thing: things[kind], total: total})
		}
		bar.advance(so-done, 0)
		done = so
	})
}

// things are the kinds in the words of content staff.
var things = map[seeding.Kind]string{seeding.Speeches: "sentence", seeding.Users: "learner", seeding.Sessions: "game"}

// missing says what a plan would add: "1000 sentences, 20 learners".
func missing(p seeding.Plan) string {
	var parts []string
	for _, kind := range seeding.Kinds {
		if n := p.Missing[kind]; n > 0 {
			parts = append(parts, counted(n, things[kind]))
		}
	}
	return strings.Join(parts, ", ")
}

// seedItem is what -o json prints.
type seedItem struct {
	Seed       uint64    `json:"seed"`
	Recordings seedCount `json:"recordings"`
	Tags       seedCount `json:"tags"`
	Speeches   seedCount `json:"speeches"`
	Users      seedCount `json:"users"`
	Sessions   seedCount `json:"sessions"`
}

type seedCount struct {
	Created   int `json:"created"`
	Unchanged int `json:"unchanged"`
}

var seedColumns = []string{"kind", "created", "unchanged"}

func seedListing(seed uint64, r seeding.Report) listing {
	count := func(kind seeding.Kind) seedCount { return seedCount(r[kind]) }
	l := listing{columns: seedColumns, numbers: seedColumns[1:], items: seedItem{
		seed, count(seeding.Recordings), count(seeding.Tags), count(seeding.Speeches), count(seeding.Users), count(seeding.Sessions),
	}}
	for _, kind := range seeding.Kinds {
		l.rows = append(l.rows, []string{string(kind), strconv.Itoa(r[kind].Created), strconv.Itoa(r[kind].Unchanged)})
	}
	return l
}
