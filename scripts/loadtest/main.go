// Command loadtest puts load on the program as many phones would, on the embedded default and on PostgreSQL, Redis and MinIO,
// and compares what it costs with what it has to cost: a bare handler that verifies the same token and writes the same bytes,
// and the database alone.
//
//	make load                                   # all scenarios on both stacks
//	make load LOAD="-scenarios draw,tags"       # some of them
//	make load LOAD="-large 1000000 -sustain 60s -data /var/tmp/load"
//
// Requests begin when they should, whether those before are answered or not, and their time counts from that moment. The
// figure to compare is the processor time of a request, of all processes that serve it: that of the daemon, of PostgreSQL and
// of Redis. It depends least on what else the machine does. Rates and times are for orientation.
//
// It is run in the repository's root, on Linux, and names each target that was missed; it exits with 1 if a request failed, and
// with -strict also if a target was missed.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// settings are what can be chosen.
type settings struct {
	scenarios string
	stacks    string
	rate      int           // requests a second, of draws and tags
	duration  time.Duration // of one measurement
	warmup    time.Duration
	sustain   time.Duration // of saves
	crowded   time.Duration // of the many learners
	users     int
	large     int // sentences of the large catalogue
	data      string
	profile   string
	strict    bool
	talk      io.Writer
}

func (s *settings) flags() *flag.FlagSet {
	f := flag.NewFlagSet("loadtest", flag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprintln(f.Output(), "usage: loadtest [flags] bin/englishctl")
		f.PrintDefaults()
	}
	f.StringVar(&s.scenarios, "scenarios", strings.Join(scenarioNames, ","), "which, by `name`")
	f.StringVar(&s.stacks, "stacks", "sqlite,postgresql", "on which stacks; postgresql where with-services has started it")
	f.IntVar(&s.rate, "rate", 500, "draws and tag lists a `second`")
	f.DurationVar(&s.duration, "duration", 4*time.Second, "how long one measurement takes")
	f.DurationVar(&s.warmup, "warmup", time.Second, "how long before that the same goes on")
	f.DurationVar(&s.sustain, "sustain", 10*time.Second, "how long saves are sustained")
	f.DurationVar(&s.crowded, "crowded", 10*time.Second, "how long the many learners are measured, after ten seconds in which they arrive")
	f.IntVar(&s.users, "users", 10_000, "`learners` with a connection each")
	f.IntVar(&s.large, "large", 100_000, "`sentences` of the large catalogue")
	f.StringVar(&s.data, "data", "", "`folder` that keeps filled databases for the next run (PostgreSQL keeps its own); empty: none is kept")
	f.StringVar(&s.profile, "profile", "", "`folder` for profiles of the daemon while it draws, saves and tells the history; empty: none")
	f.BoolVar(&s.strict, "strict", false, "exit with 1 where a target is missed")
	return f
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == bareServer {
		exit(beBare(os.Stdin, os.Stdout))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := settings{talk: os.Stderr}
	f := s.flags()
	if err := f.Parse(os.Args[1:]); err != nil || f.NArg() != 1 || s.rate < 1 || s.users < 1 {
		f.Usage()
		os.Exit(2)
	}
	exit(run(ctx, s, f.Arg(0), os.Stdout))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "loadtest:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(ctx context.Context, s settings, program string, out io.Writer) (err error) {
	if err := s.known(); err != nil {
		return err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	b := &bench{settings: s, program: program, key: hex.EncodeToString(key), out: out, found: map[string]result{}}
	defer func() { err = errors.Join(err, b.undo.run()) }()
	began := time.Now()
	if err := b.all(ctx); err != nil {
		return err
	}
	b.line("\nTargets (%.0f s in all)", time.Since(began).Seconds())
	for _, c := range b.checks {
		b.line("%s", c)
	}
	if missed := b.missed(); s.strict && len(missed) > 0 {
		return fmt.Errorf("%d targets were missed", len(missed))
	}
	return nil
}

// scenarioNames are all that can be asked for, in the order in which they are measured.
var scenarioNames = []string{"draw", "tags", "save", "history", "users", "start", "large"}

// known refuses names that are none.
func (s settings) known() error {
	for name := range strings.SplitSeq(s.scenarios, ",") {
		if !slices.Contains(scenarioNames, name) {
			return fmt.Errorf("-scenarios: there is no %q; there are %s", name, strings.Join(scenarioNames, ", "))
		}
	}
	for name := range strings.SplitSeq(s.stacks, ",") {
		if name != "sqlite" && name != "postgresql" {
			return fmt.Errorf("-stacks: there is no %q; there are sqlite and postgresql", name)
		}
	}
	return nil
}

func (s settings) wants(scenario string) bool {
	return slices.Contains(strings.Split(s.scenarios, ","), scenario)
}

// all measures on each stack.
func (b *bench) all(ctx context.Context) error {
	if strings.Contains(b.stacks, "sqlite") {
		s, err := b.embedded()
		if err != nil {
			return err
		}
		if err := b.on(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	if strings.Contains(b.stacks, "postgresql") {
		s, err := b.production(ctx)
		if err != nil {
			return err
		}
		if s == nil {
			b.line("\nPostgreSQL: its services are not there; scripts/with-services starts them")
			return nil
		}
		if err := b.on(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// on measures on one stack: with few sentences, and then with many.
func (b *bench) on(ctx context.Context, s *stack) error {
	b.stack = s.name
	b.head()
	if err := b.small(ctx, s); err != nil {
		return err
	}
	if !b.wants("large") {
		return nil
	}
	return b.many(ctx, s)
}

const small = 1000 // sentences, as the seed has them

func (b *bench) small(ctx context.Context, s *stack) error {
	played, learners := 0, 0
	if b.wants("history") {
		played = games
	}
	if b.wants("users") {
		learners = b.users
	}
	c, err := b.catalogue(ctx, s, small, played, learners)
	if err != nil {
		return err
	}
	if b.wants("start") {
		if err := b.readyScenario(ctx, c, 150*time.Millisecond); err != nil {
			return err
		}
	}
	d, err := b.serve(ctx, c)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		run  func(context.Context, *daemon) error
	}{
		{"draw", b.drawScenario}, {"tags", b.tagsScenario}, {"save", b.saveScenario}, {"history", b.historyScenario}, {"users", b.usersScenario},
	} {
		if !b.wants(step.name) {
			continue
		}
		if err := b.profiled(ctx, d, step.name, step.run); err != nil {
			return err
		}
	}
	return d.stop()
}

// many compares a large catalogue with the small one.
func (b *bench) many(ctx context.Context, s *stack) error {
	c, err := b.catalogue(ctx, s, b.large, 0, 0)
	if err != nil {
		return err
	}
	if err := b.readyScenario(ctx, c, 3*time.Second); err != nil {
		return err
	}
	d, err := b.serve(ctx, c)
	if err != nil {
		return err
	}
	if err := b.drawScenario(ctx, d); err != nil {
		return err
	}
	title := func(n int) string { return fmt.Sprintf("%s draw, %s sentences", s.name, grouped(n)) }
	few, ok := b.found[title(small)]
	if ok {
		b.check(ratio(b.found[title(b.large)].each(), few.each()), 1.2, "draw: CPU with %s sentences over that with %s", grouped(b.large), grouped(small))
	}
	memory, err := resident(d.pid)
	if err != nil {
		return err
	}
	b.line("%-44s %7d MB resident", "", memory>>20)
	return d.stop()
}
