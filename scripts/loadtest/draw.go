package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

const drawPath = "/api/v1/game/speeches/random"

var (
	levels = []string{"A1", "A2", "B1", "B2", "C1"}
	types  = []string{"question", "answer"}
)

// draws returns bodies that ask for ten sentences: of each level and type, with five tags each.
func (d *daemon) draws(ctx context.Context) ([][]byte, error) {
	tags, err := d.tags(ctx)
	if err != nil {
		return nil, err
	}
	var bodies [][]byte
	for i := range 50 {
		five := make([]string, 5)
		for j := range five {
			five[j] = tags[(i*7+j*5)%len(tags)] // of 37, which is prime: all differ
		}
		body, err := json.Marshal(map[string]any{
			"level": levels[i%len(levels)], "type": types[i/len(levels)%len(types)], "tags": five, "limit": 10,
		})
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, body)
	}
	// Of the seed's few sentences not every five tags have any.
	var good [][]byte
	p, err := d.player(ctx)
	if err != nil {
		return nil, err
	}
	for _, body := range bodies {
		got, err := once(ctx, d.address, newRequest(http.MethodPost, drawPath, p.token, body), http.StatusOK)
		var answer struct{ Speeches []struct{ ID string } }
		if err == nil && json.Unmarshal(got.body, &answer) == nil && len(answer.Speeches) == 10 {
			good = append(good, body)
		}
	}
	if len(good) < 20 {
		return nil, fmt.Errorf("only %d of %d draws find ten sentences", len(good), len(bodies))
	}
	return good, nil
}

// drawScenario measures random draws beside the bare handler.
func (b *bench) drawScenario(ctx context.Context, d *daemon) error {
	bodies, err := d.draws(ctx)
	if err != nil {
		return err
	}
	p, err := d.player(ctx)
	if err != nil {
		return err
	}
	requests := make([]request, len(bodies))
	for i, body := range bodies {
		requests[i] = newRequest(http.MethodPost, drawPath, p.token, body)
	}
	next := func(n int) request { return requests[n%len(requests)] }
	example, err := once(ctx, d.address, requests[0], http.StatusOK)
	if err != nil {
		return err
	}
	bare, err := b.undo.startBare(same(example, b.key))
	if err != nil {
		return err
	}
	return b.beside(ctx, "draw", d, bare, http.StatusOK, next, 2)
}

// same is an order to answer like that, header and body; the date net/http adds by itself. key is that of tokens, or "" where
// none is looked at.
func same(r reply, key string) bareOrder {
	o := bareOrder{Key: key, Status: r.status, Header: map[string]string{}, Body: string(r.body)}
	for name := range r.header {
		if name != "Date" {
			o.Header[name] = r.header.Get(name)
		}
	}
	return o
}

// beside measures the same requests at the daemon and at a bare server, in turn, and compares the processor time.
func (b *bench) beside(ctx context.Context, name string, d *daemon, bare server, status int, next func(int) request, atMost float64) error {
	var ours, theirs result
	measure := func(s server, into *result) error {
		got, err := load{
			server: s, rate: b.rate, duration: b.duration / rounds, warmup: b.warmup, wires: 64, next: next, status: status,
		}.run(ctx)
		if err == nil {
			err = got.failed()
		}
		into.add(got)
		return err
	}
	for range rounds {
		if err := measure(bare, &theirs); err != nil {
			return fmt.Errorf("%s: the bare handler: %w", name, err)
		}
		if err := measure(d.server, &ours); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	title := fmt.Sprintf("%s, %s sentences", name, grouped(d.catalogue.speeches))
	b.row("bare handler for "+name, theirs)
	b.row(title, ours)
	b.found[d.catalogue.stack.name+" "+title] = ours
	b.check(ratio(ours.each(), theirs.each()), atMost, "%s: CPU of a request over the bare handler's", title)
	return nil
}

// rounds is how often what is compared is measured in turn, so that a busy moment of the machine meets both.
const rounds = 4

// add merges another measurement of the same.
func (r *result) add(other result) {
	if r.took == nil {
		r.took = newHistogram()
	}
	if other.took != nil {
		r.took.Merge(other.took)
	}
	r.errors += other.errors
	if r.first == nil {
		r.first = other.first
	}
	r.cpu += other.cpu
	r.length += other.length
}

// tagsScenario measures the tag list, whole and not modified.
func (b *bench) tagsScenario(ctx context.Context, d *daemon) error {
	whole := newRequest(http.MethodGet, "/api/v1/tags", "", nil)
	example, err := once(ctx, d.address, whole, http.StatusOK)
	if err != nil {
		return err
	}
	bare, err := b.undo.startBare(same(example, ""))
	if err != nil {
		return err
	}
	if err := b.beside(ctx, "tags", d, bare, http.StatusOK, func(int) request { return whole }, 1.5); err != nil {
		return err
	}
	known := newRequest(http.MethodGet, "/api/v1/tags", "", nil, "If-None-Match", example.header.Get("ETag"))
	if example, err = once(ctx, d.address, known, http.StatusNotModified); err != nil {
		return err
	}
	if bare, err = b.undo.startBare(same(example, "")); err != nil {
		return err
	}
	return b.beside(ctx, "tags 304", d, bare, http.StatusNotModified, func(int) request { return known }, 1.5)
}
