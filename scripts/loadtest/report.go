package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// bench is one run: what was asked for, and what was found.
type bench struct {
	settings
	program string
	key     string // of tokens
	out     io.Writer
	undo    cleanup
	stack   string            // that is being measured
	found   map[string]result // by stack and title, for comparisons across catalogues
	checks  []check
}

// check is a target and what was found.
type check struct {
	stack, what string
	got, want   float64
	atLeast     bool
}

func (c check) met() bool {
	if c.want == 0 {
		return true // for information
	}
	if c.atLeast {
		return c.got >= c.want
	}
	return c.got <= c.want
}

func (c check) String() string {
	verdict, sign := "met", "at most"
	if c.atLeast {
		sign = "at least"
	}
	target := fmt.Sprintf("%s %s", sign, number(c.want))
	switch {
	case c.want == 0:
		verdict, target = "", ""
	case !c.met():
		verdict = "MISSED"
	}
	return fmt.Sprintf("%-10s %-6s %8s  %-14s %s", c.stack, verdict, number(c.got), target, c.what)
}

// number has three digits that count.
func number(f float64) string { return strconv.FormatFloat(f, 'g', 3, 64) }

// check notes a value that may be atMost so large; 0: for information.
func (b *bench) check(got, atMost float64, what string, args ...any) {
	b.checks = append(b.checks, check{b.stack, fmt.Sprintf(what, args...), got, atMost, false})
}

func (b *bench) checkAtLeast(got, atLeast float64, what string, args ...any) {
	b.checks = append(b.checks, check{b.stack, fmt.Sprintf(what, args...), got, atLeast, true})
}

// missed are the targets that were not met.
func (b *bench) missed() []check {
	return slices.DeleteFunc(slices.Clone(b.checks), check.met)
}

func ratio(a, b time.Duration) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func (b *bench) line(format string, args ...any) { fmt.Fprintf(b.out, format+"\n", args...) }

// say is what is of interest only while one waits.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.talk, format+"\n", args...) }

func (b *bench) note(format string, args ...any) { b.line("  "+format, args...) }

// head begins a table. A row has 80 columns.
func (b *bench) head() {
	b.line("\n%s\n%-44s %6s %6s %6s %6s %8s", b.stack, "", "req/s", "p50 ms", "p99 ms", "max", "CPU µs")
}

func (b *bench) row(name string, r result) {
	ms := func(q float64) float64 { return float64(r.quantile(q).Microseconds()) / 1000 }
	b.line("%-44s %6.0f %6.1f %6.1f %6.0f %8d", name, r.rate(), ms(50), ms(99), ms(100), r.each().Microseconds())
}

// grouped writes 1000000 as 1,000,000.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
