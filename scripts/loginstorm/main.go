// Command loginstorm measures what players notice of an attack on the passwords: how long random draws take, at a steady
// rate, while nobody attacks, while 200 logins with wrong passwords come at once from 200 addresses, and while they come
// from one.
//
//	make storm
//
// It starts the program that its argument names as a daemon with the settings of the environment (nothing set: the embedded
// default in a folder that is removed afterwards), fills it with the starter pack, and takes the part of a proxy that tells
// the clients' addresses. Draws are sent at their time whether the ones before are answered or not, and their
// duration counts from that time. It exits with 1 if an attack more than doubles the 99th percentile.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// settings are what can be chosen.
type settings struct {
	program string
	rate    int           // draws a second
	logins  int           // at once
	phase   time.Duration // of one measurement
	rounds  int           // of all three measurements
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) > 1 && os.Args[1] == attackers {
		if err := beAttackers(ctx, os.Args[2:], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "loginstorm: attackers:", err)
			os.Exit(1)
		}
		return
	}
	var s settings
	flag.IntVar(&s.rate, "rate", 50, "random draws a `second`")
	flag.IntVar(&s.logins, "logins", 200, "logins at once")
	flag.DurationVar(&s.phase, "phase", 8*time.Second, "how long each measurement takes")
	flag.IntVar(&s.rounds, "rounds", 3, "how often all is measured")
	flag.Parse()
	if s.program = flag.Arg(0); s.program == "" || s.rate < 1 || s.logins < 1 || s.rounds < 1 {
		fmt.Fprintln(os.Stderr, "usage: loginstorm [flags] bin/englishctl")
		flag.PrintDefaults()
		os.Exit(2)
	}
	if err := run(ctx, s, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "loginstorm:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings, out io.Writer) (err error) {
	d, err := start(ctx, s.program)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	p, err := d.player(ctx)
	if err != nil {
		return err
	}
	if err := p.warm(ctx); err != nil {
		return err
	}
	all := make([]sample, len(attacks))
	fmt.Fprintf(out, "%d draws a second; %d logins at once\n\n%-20s %8s %8s %8s %8s  %s\n", s.rate, s.logins, "", "draws", "p50 ms", "p99 ms", "max ms", "logins")
	for round := range s.rounds {
		for i, a := range attacks {
			one, err := measure(ctx, s, p, func(ctx context.Context) (map[int]int, error) {
				if a.every == 0 {
					return nil, nil
				}
				return attack(ctx, d.address, s.logins, i, round)
			})
			if err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
			fmt.Fprintln(out, one.row(a.name))
			all[i].add(one)
		}
	}
	fmt.Fprintln(out, "\nall rounds")
	for i, a := range attacks {
		fmt.Fprintln(out, all[i].row(a.name))
	}
	return judge(all)
}

// judge compares the attacks with the quiet.
func judge(all []sample) error {
	quiet := all[0].percentile(99)
	for i, a := range attacks[1:] {
		if got := all[i+1].percentile(99); got > 2*quiet {
			return fmt.Errorf("%s: the 99th percentile is %.1f times that of the quiet, want at most 2", a.name, float64(got)/float64(quiet))
		}
	}
	return nil
}
