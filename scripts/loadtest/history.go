package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const (
	// games is how many the learner of the history has played, and deep the last page of them (20 to a page).
	games = 10_000
	deep  = 500
)

// historyScenario measures the first and the last page of a learner who has played much, by number and by cursor.
func (b *bench) historyScenario(ctx context.Context, d *daemon) error {
	ids, err := d.catalogue.learners(ctx, seedOfOne)
	if err != nil || len(ids) != 1 {
		return errors.Join(fmt.Errorf("%d learners have played much, want one", len(ids)), err)
	}
	p, err := d.player(ctx)
	if err != nil {
		return err
	}
	learner, err := p.as(ids[0], b.key)
	if err != nil {
		return err
	}
	ask := func(query string) request {
		return newRequest(http.MethodGet, savePath+query, learner.token, nil)
	}
	if err := b.pages(ctx, d, "by number", ask("?page=1"), ask(fmt.Sprintf("?page=%d", deep)), 0); err != nil {
		return err
	}
	cursor, err := lastCursor(ctx, d, ask)
	if err != nil {
		return err
	}
	if cursor == "" {
		b.note("history: answers have no cursor")
		return nil
	}
	return b.pages(ctx, d, "by cursor", ask("?page=1"), ask("?cursor="+url.QueryEscape(cursor)), 1.5)
}

// pages compares two pages.
func (b *bench) pages(ctx context.Context, d *daemon, how string, first, last request, atMost float64) error {
	var each [2]time.Duration
	for i, page := range []request{first, last} {
		got, err := load{
			server: d.server, rate: 100, duration: b.duration, warmup: b.warmup, wires: 32, status: http.StatusOK,
			next: func(int) request { return page },
		}.run(ctx)
		if err = errors.Join(err, got.failed()); err != nil {
			return fmt.Errorf("history: %w", err)
		}
		b.row(fmt.Sprintf("history of %s, page %d %s", grouped(games), []int{1, deep}[i], how), got)
		each[i] = got.each()
	}
	b.check(ratio(each[1], each[0]), atMost, "history %s: CPU of page %d over page 1", how, deep)
	return nil
}

// lastCursor follows the cursors to that of the last page; "" where answers have none.
func lastCursor(ctx context.Context, d *daemon, ask func(string) request) (string, error) {
	cursor, query := "", ""
	for range deep - 1 {
		got, err := once(ctx, d.address, ask(query), http.StatusOK)
		if err != nil {
			return "", err
		}
		var answer struct {
			Pagination struct {
				Next string `json:"next_cursor"`
			}
		}
		if err := json.Unmarshal(got.body, &answer); err != nil {
			return "", err
		}
		if answer.Pagination.Next == "" {
			return "", nil
		}
		cursor = answer.Pagination.Next
		query = "?cursor=" + url.QueryEscape(cursor)
	}
	return cursor, nil
}
