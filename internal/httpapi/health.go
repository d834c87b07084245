package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"
)

// readyTime bounds what /readyz waits for.
const readyTime = 2 * time.Second

type aliveResponse struct {
	Status string `json:"status"`
}

// alive answers while the process can answer at all. Whoever restarts processes asks here: a restart mends no database.
func alive(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, aliveResponse{"ok"})
}

type readyResponse struct {
	Status string `json:"status"` // "ready" or "not_ready"
	// Checks maps what the daemon depends on to "ok", "failed" or "timeout". Why it failed stands in the log only.
	Checks map[string]string `json:"checks"`
}

// ready says whether requests can be served now. Whoever spreads the load asks here. What all daemons share they lose together, and
// nobody is served better elsewhere: a balancer leaves that out by ?exclude=NAME.
func (a *API) ready(w http.ResponseWriter, r *http.Request) error {
	if a.draining.Load() {
		return writeJSON(w, http.StatusServiceUnavailable, readyResponse{"not_ready", map[string]string{"running": "failed"}})
	}
	checks, err := a.checksFor(r)
	if err != nil {
		return err
	}
	answer, status := readyResponse{"ready", make(map[string]string)}, http.StatusOK
	errs := probeAll(r.Context(), checks)
	for i, c := range checks {
		answer.Checks[c.Name] = checkState(errs[i])
		if errs[i] == nil {
			continue
		}
		level := slog.LevelDebug // what play goes on without has said so itself, once, not at every probe
		if !c.Optional {
			level = slog.LevelWarn
			answer.Status, status = "not_ready", http.StatusServiceUnavailable
		}
		a.log.Log(r.Context(), level, "a check has failed", "check", c.Name, "error", errs[i])
	}
	return writeJSON(w, status, answer)
}

// checksFor are the checks that a caller has not excluded. A name that there is not is an error: who misspells one would learn of it
// in an outage.
func (a *API) checksFor(r *http.Request) ([]Check, error) {
	q := parseQuery(r)
	excluded := q.values["exclude"]
	names := make([]string, len(a.checks))
	for i, c := range a.checks {
		names[i] = c.Name
	}
	for _, name := range excluded {
		if !slices.Contains(names, name) {
			q.check.Addf("exclude", "%s", notOneOf(name, names))
		}
	}
	checks := slices.DeleteFunc(slices.Clone(a.checks), func(c Check) bool { return slices.Contains(excluded, c.Name) })
	return checks, q.err()
}

func checkState(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	default:
		return "failed"
	}
}

// probeAll runs checks side by side and returns what each of them said within readyTime.
func probeAll(ctx context.Context, checks []Check) []error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	type result struct {
		check int
		err   error
	}
	results := make(chan result, len(checks)) // room for all: one that comes too late must not hang for ever
	said := make([]error, len(checks))
	for i, c := range checks {
		said[i] = context.DeadlineExceeded // until it says something else
		go func() { results <- result{i, probe(ctx, c)} }()
	}
	for range checks {
		select {
		case res := <-results:
			said[res.check] = res.err
		case <-ctx.Done():
			return said
		}
	}
	return said
}

// probe keeps a panic in a check from ending the process: it runs outside recoverPanics.
func probe(ctx context.Context, c Check) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	return c.Probe(ctx)
}
