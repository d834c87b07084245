// Package doctor judges whether a daemon would work with what its settings name.
//
// It looks at nothing itself: whoever has a database, a store or a network at hand looks, and says what was seen as plain
// facts (Postgres, Bucket, Redis, …). What that means, and which setting would change it, is decided here, so that every
// verdict can be tested without the thing that it is about.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Level is how bad a finding is.
type Level string

// The levels.
const (
	// OK is as it should be.
	OK Level = "ok"
	// Warn works, but not well, not safely, or not for long; or could not be looked at.
	Warn Level = "warn"
	// Fail does not work, or lets somebody in who should stay out.
	Fail Level = "fail"
)

// Finding is one thing that was looked at. None of its texts holds a secret.
type Finding struct {
	// Check is what was looked at: "database". Run fills it in where a check has left it empty.
	Check string
	Level Level
	// Found is a sentence, without its full stop, that says what is.
	Found string
	// Settings are those that the advice is about, such as DATABASE_URL; none where no setting would help.
	Settings []string
	// Advice says what to do, in a sentence without its full stop; empty where the level is OK.
	Advice string
}

func ok(format string, args ...any) Finding {
	return Finding{Level: OK, Found: fmt.Sprintf(format, args...)}
}

func warn(format string, args ...any) Finding {
	return Finding{Level: Warn, Found: fmt.Sprintf(format, args...)}
}

func fail(format string, args ...any) Finding {
	return Finding{Level: Fail, Found: fmt.Sprintf(format, args...)}
}

// to returns the finding with what to do about it.
func (f Finding) to(advice string, settings ...string) Finding {
	f.Advice, f.Settings = advice, settings
	return f
}

// about returns the finding under the name of another check.
func (f Finding) about(check string) Finding {
	f.Check = check
	return f
}

// Fine is a finding of level OK, for whoever has looked.
func Fine(found string) []Finding { return []Finding{ok("%s", found)} }

// Unknown says that something could not be looked at, why, and what to do so that it can.
func Unknown(found, advice string, settings ...string) []Finding {
	return []Finding{warn("%s", found).to(advice, settings...)}
}

// Broken says that something does not work.
func Broken(found, advice string, settings ...string) []Finding {
	return []Finding{fail("%s", found).to(advice, settings...)}
}

// Check is something to look at.
type Check struct {
	// Name is what its findings are called, unless they say otherwise.
	Name string
	// Settings are those to look at where the check does not end in time.
	Settings []string
	// Look looks, and ends with its context.
	Look func(ctx context.Context) []Finding
}

// Run makes all checks side by side, gives each of them so much time, and returns their findings in the order of the checks. A check that
// does not end in time has failed. The error is that of ctx, or says that a check itself is broken.
func Run(ctx context.Context, checks []Check, limit time.Duration) ([]Finding, error) {
	type outcome struct {
		check    int
		findings []Finding
		err      error
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done := make(chan outcome, len(checks)) // room for all: nobody waits for what comes too late
	for i, c := range checks {
		go func() {
			findings, err := c.look(bounded)
			done <- outcome{i, findings, err}
		}()
	}
	found := make([][]Finding, len(checks))
	for i, c := range checks {
		found[i] = []Finding{c.late(limit)} // until it says something else
	}
	var errs []error
	for range checks {
		select {
		case o := <-done:
			found[o.check] = o.findings
			errs = append(errs, o.err)
			continue
		case <-bounded.Done():
		}
		break
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return slices.Concat(found...), errors.Join(errs...)
}

// look makes the check and names its findings.
func (c Check) look(ctx context.Context) (found []Finding, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			found, err = nil, fmt.Errorf("the check %q is broken: %v", c.Name, panicked)
		}
	}()
	found = c.Look(ctx)
	for i := range found {
		if found[i].Check == "" {
			found[i].Check = c.Name
		}
	}
	return found, nil
}

func (c Check) late(limit time.Duration) Finding {
	f := fail("does not answer within %s", limit).about(c.Name)
	return f.to("see whether it is reachable from this machine, and how busy it is", c.Settings...)
}

// Worst is the level of the worst finding; OK where there is none.
func Worst(findings []Finding) Level {
	worst := OK
	for _, f := range findings {
		if f.Level == Fail || f.Level == Warn && worst == OK {
			worst = f.Level
		}
	}
	return worst
}

// Count returns how many findings have the level.
func Count(findings []Finding, level Level) int {
	n := 0
	for _, f := range findings {
		if f.Level == level {
			n++
		}
	}
	return n
}
