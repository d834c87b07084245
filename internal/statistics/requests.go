package statistics

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
)

// Requests counts the requests of a process until they are added to those of all daemons. It is safe for concurrent use; the zero value
// is ready.
type Requests struct {
	mu     sync.Mutex
	counts map[endpoint]*Endpoint
}

type endpoint struct{ method, route string }

// Add notes that a request was answered. route is the template of its path, never the path; a status of 0 is a connection that was cut
// before the answer.
func (q *Requests) Add(method, route string, status int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	key := endpoint{method, route}
	e := q.counts[key]
	if e == nil {
		if q.counts == nil {
			q.counts = map[endpoint]*Endpoint{}
		}
		e = &Endpoint{Method: method, Route: route}
		q.counts[key] = e
	}
	e.Requests++
	switch {
	case status == 0 || status >= 500:
		e.ServerErrors++
	case status >= 400:
		e.ClientErrors++
	}
}

// take returns what was counted, in a fixed order so that two processes that write it do not wait for each other in a circle, and
// begins anew.
func (q *Requests) take() []Endpoint {
	q.mu.Lock()
	defer q.mu.Unlock()
	var taken []Endpoint
	for _, e := range q.counts {
		taken = append(taken, *e)
	}
	q.counts = nil
	slices.SortFunc(taken, func(a, b Endpoint) int {
		return cmp.Or(cmp.Compare(a.Route, b.Route), cmp.Compare(a.Method, b.Method))
	})
	return taken
}

// giveBack adds what could not be stored to what was counted since.
func (q *Requests) giveBack(taken []Endpoint) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.counts == nil {
		q.counts = map[endpoint]*Endpoint{}
	}
	for _, t := range taken {
		key := endpoint{t.Method, t.Route}
		if e := q.counts[key]; e != nil {
			t.Requests += e.Requests
			t.ClientErrors += e.ClientErrors
			t.ServerErrors += e.ServerErrors
		}
		q.counts[key] = &t
	}
}

// AddRequests adds what a process has counted to the day that it is now. What cannot be stored is kept for the next time.
func (s *Service) AddRequests(ctx context.Context, counted *Requests) error {
	taken := counted.take()
	if len(taken) == 0 {
		return nil
	}
	if err := s.store.AddRequests(ctx, DateOf(s.now()), taken); err != nil {
		counted.giveBack(taken)
		return fmt.Errorf("add the requests of %d endpoints: %w", len(taken), err)
	}
	return nil
}
