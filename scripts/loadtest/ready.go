package main

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// readyScenario starts the daemon three times and takes the middle one, until it is ready and until somebody has drawn.
func (b *bench) readyScenario(ctx context.Context, c catalogue, atMost time.Duration) error {
	var ready, drawn []time.Duration
	for range 3 {
		began := time.Now()
		d, err := b.serve(ctx, c)
		if err != nil {
			return err
		}
		up := time.Since(began)
		if _, err := once(ctx, d.address, newRequest(http.MethodGet, "/api/v1/tags", "", nil), http.StatusOK); err != nil {
			return err
		}
		ready, drawn = append(ready, up), append(drawn, time.Since(began))
		if err := d.stop(); err != nil {
			return err
		}
	}
	slices.Sort(ready)
	slices.Sort(drawn)
	b.line("%-44s %7.0f ms to ready, %.0f ms to the first tags", "start with "+grouped(c.speeches)+" sentences",
		1000*ready[1].Seconds(), 1000*drawn[1].Seconds())
	b.check(ready[1].Seconds(), atMost.Seconds(), "start with %s sentences: seconds to ready", grouped(c.speeches))
	return nil
}
