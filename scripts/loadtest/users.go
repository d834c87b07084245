package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	// every is how often each of many learners asks (issue "Speed").
	every = 10 * time.Second
	// usersLimit is how long the slowest in a hundred may take, and usersMemory what the daemon may take in MB.
	usersLimit  = 100 * time.Millisecond
	usersMemory = 400
	// spareFiles is what a process opens beside its connections.
	spareFiles = 500
)

// usersScenario keeps a connection for each of many learners, each of whom draws every ten seconds at a time of their own.
func (b *bench) usersScenario(ctx context.Context, d *daemon) error {
	limit, err := raiseFiles(uint64(b.users) + spareFiles) //nolint:gosec // positive
	if err != nil {
		return err
	}
	users := min(b.users, int(limit)-spareFiles) //nolint:gosec // a limit of files
	if users < b.users {
		b.note("users: %d instead of %d: ulimit -n allows %d files", users, b.users, limit)
	}
	bodies, err := d.draws(ctx)
	if err != nil {
		return err
	}
	p, err := d.player(ctx)
	if err != nil {
		return err
	}
	ids, err := d.catalogue.learners(ctx, seedOfMany)
	if err != nil || len(ids) < users {
		return errors.Join(fmt.Errorf("%d learners are there, want %d", len(ids), users), err)
	}
	requests := make([]request, users)
	for i := range requests {
		one, err := p.as(ids[i], b.key)
		if err != nil {
			return err
		}
		requests[i] = newRequest(http.MethodPost, drawPath, one.token, bodies[i%len(bodies)])
	}
	got, memory, err := b.crowd(ctx, d, requests)
	if err = errors.Join(err, got.failed()); err != nil {
		return fmt.Errorf("users: %w", err)
	}
	b.row(fmt.Sprintf("%s learners, a draw every %s", grouped(users), every), got)
	b.line("%-44s %7d MB resident", "", memory>>20)
	b.check(got.quantile(99).Seconds(), usersLimit.Seconds(), "%s learners: seconds of the 99th percentile", grouped(users))
	b.check(float64(memory>>20), usersMemory, "%s learners: MB resident", grouped(users))
	return nil
}

// crowd lets all connect within one period, and then measures two more. It returns the most memory that was seen.
func (b *bench) crowd(ctx context.Context, d *daemon, requests []request) (result, int64, error) {
	start := time.Now()
	measured := start.Add(every)
	end := measured.Add(b.crowded)
	found, warm := newBook(), newBook()
	var all sync.WaitGroup
	for i, r := range requests {
		all.Go(func() {
			w := &wire{address: d.address}
			defer w.close()
			// Their times are spread evenly and do not depend on the answers.
			for at := start.Add(every * time.Duration(i) / time.Duration(len(requests))); at.Before(end); at = at.Add(every) {
				time.Sleep(time.Until(at))
				if ctx.Err() != nil {
					return
				}
				got, err := w.send(ctx, r)
				into := found
				if at.Before(measured) {
					into = warm
				}
				into.enter(at, got, http.StatusOK, err)
			}
		})
	}
	time.Sleep(time.Until(measured))
	before, err := d.cpu()
	if err != nil {
		return result{}, 0, err
	}
	var most int64
	for time.Now().Before(end) && ctx.Err() == nil {
		now, err := resident(d.pid)
		if err != nil {
			return result{}, 0, err
		}
		most = max(most, now)
		time.Sleep(200 * time.Millisecond)
	}
	all.Wait()
	found.r.length = time.Since(measured)
	after, err := d.cpu()
	found.r.cpu = after - before
	return found.r, most, errors.Join(err, ctx.Err(), warm.r.failed())
}
