package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
)

// savesPerSecond is the load under which things fail.
const savesPerSecond = 100

// phones save games at a steady rate, whatever is answered, and remember what they were told. A game has a key, under which a
// phone that has got no answer, or a bad one, repeats it.
type phones struct {
	t         *testing.T
	learner   client
	speeches  []string
	address   atomic.Pointer[string] // of the daemon, which may change
	stop      chan struct{}
	all       sync.WaitGroup
	every     time.Duration // from one save to the next
	impatient *http.Client

	mu       sync.Mutex
	games    map[string]string // session id by key; "" where no save was acknowledged
	statuses map[int]int       // 0: no answer
	slowest  time.Duration
	taken    int            // acknowledged so far
	problems map[string]int // codes of refusals
}

// patience is how long a phone waits for an answer.
const patience = 3 * time.Second

// startSaving begins to save, by a learner of the daemon's.
func (d *daemon) startSaving() *phones {
	d.t.Helper()
	impatient := &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: savesPerSecond}}
	return d.learner().startSaving(time.Second/savesPerSecond, impatient)
}

// startSaving begins to save by this learner, one game after each interval.
func (c client) startSaving(every time.Duration, by *http.Client) *phones {
	c.t.Helper()
	p := &phones{
		t: c.t, learner: c, speeches: c.drawAll("A2", "answer", 3), stop: make(chan struct{}), every: every, impatient: by,
		games: map[string]string{}, statuses: map[int]int{}, problems: map[string]int{},
	}
	p.address.Store(&c.base)
	p.all.Go(p.save)
	c.t.Cleanup(p.end)
	return p
}

// at sends what follows to another daemon.
func (p *phones) at(d *daemon) { p.address.Store(&d.address) }

// end ends the load; what has no answer yet gets the time for one.
func (p *phones) end() {
	select {
	case <-p.stop:
	default:
		close(p.stop)
	}
	p.all.Wait()
}

func (p *phones) save() {
	tick := time.NewTicker(p.every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.all.Go(func() { p.try(uuid.NewString()) })
		case <-p.stop:
			return
		}
	}
}

// try saves one game and notes the answer.
func (p *phones) try(key string) (status int) {
	began := time.Now()
	a, err := p.learner.at(*p.address.Load()).by(p.impatient, "POST", "/api/v1/game/sessions", session(p.speeches), "Idempotency-Key", key)
	if err != nil {
		a.status = 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.statuses[a.status]++
	if code, ok := a.body["code"].(string); ok {
		p.problems[code]++
	}
	if id, _ := a.body["session_id"].(string); a.status == http.StatusCreated {
		if before := p.games[key]; before != "" && before != id {
			p.t.Errorf("the key %s is answered with %s and with %s", key, before, id)
		}
		p.games[key] = id
		p.taken++
		p.slowest = max(p.slowest, time.Since(began))
		return a.status
	}
	if _, ok := p.games[key]; !ok {
		p.games[key] = ""
	}
	return a.status
}

// at is the same client at another address.
func (c client) at(address string) client {
	c.base = address
	return c
}

// acknowledged is how many saves have been so far.
func (p *phones) acknowledged() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken
}

// goOn waits until so many more saves are acknowledged.
func (p *phones) goOn(more int) {
	p.t.Helper()
	want := p.acknowledged() + more
	eventually(p.t, time.Minute, fmt.Sprintf("%d more saves are acknowledged", more), func() bool { return p.acknowledged() >= want })
}

// wantAllOnce ends the load, lets the phones repeat what was not acknowledged, and looks at the learner's history: each game is
// there, once, under the id that was answered.
func (p *phones) wantAllOnce() {
	p.t.Helper()
	p.end()
	p.t.Logf("when all was over: %s", p)
	p.repeat()
	got := p.learner.at(*p.address.Load()).history()
	want := slices.Sorted(maps.Values(p.games))
	if !slices.Equal(got, want) {
		p.t.Errorf("the history has %d games, %d of them different, want the %d that were saved", len(got), len(slices.Compact(slices.Clone(got))), len(want))
	}
}

// repeat sends all saves again, those that were acknowledged too: they get the first answer again.
func (p *phones) repeat() {
	p.t.Helper()
	keys := make(chan string)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for key := range keys {
				if status := p.try(key); status != http.StatusCreated {
					p.t.Errorf("a repeated save is answered %d", status)
				}
			}
		})
	}
	for _, key := range slices.Collect(maps.Keys(p.games)) {
		keys <- key
	}
	close(keys)
	all.Wait()
}

// String says what was saved so far and how the rest was answered.
func (p *phones) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Sprintf("%d games, %d saves acknowledged, after %s at most; answers by status %v, refusals %v",
		len(p.games), p.taken, p.slowest.Round(time.Millisecond), p.statuses, p.problems)
}

// giveUp waits until so many more phones have waited too long.
func (p *phones) giveUp(more int) { p.t.Helper(); p.meet(0, more) }

// meet waits until so many more saves have been answered with a status; 0 is none.
func (p *phones) meet(status, more int) {
	p.t.Helper()
	met := func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.statuses[status]
	}
	want := met() + more
	eventually(p.t, 20*patience, fmt.Sprintf("%d more saves are answered with %d", more, status), func() bool { return met() >= want })
}

// history are the ids of all games of the learner, sorted.
func (c client) history() []string {
	c.t.Helper()
	var ids []string
	for page := 1; ; page++ {
		got := c.want(http.StatusOK, "GET", fmt.Sprintf("/api/v1/game/sessions?limit=100&page=%d", page), nil)
		games := got["sessions"].([]any)
		for _, g := range games {
			ids = append(ids, g.(map[string]any)["id"].(string))
		}
		if len(games) == 0 {
			return slices.Sorted(slices.Values(ids))
		}
	}
}

// refusedOnly demands that whatever was refused was refused by one of the codes; no answer counts as "".
func (p *phones) refusedOnly(codes ...string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for code, n := range p.problems {
		if !slices.Contains(codes, code) {
			p.t.Errorf("%d saves were refused with %q, want only %q", n, code, codes)
		}
	}
	if n := p.statuses[0]; n > 0 && !slices.Contains(codes, "") {
		p.t.Errorf("%d saves got no answer", n)
	}
}

// by is try with an HTTP client of its own.
func (c client) by(h *http.Client, method, path string, body any, header ...string) (answer, error) {
	req, err := c.request(context.WithoutCancel(c.t.Context()), method, path, body, header...)
	if err != nil {
		return answer{}, err
	}
	return send(h, req)
}
