package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// load is requests at a steady mean rate.
type load struct {
	server   server
	rate     int           // requests a second
	duration time.Duration // of what is measured
	warmup   time.Duration // before that, at the same rate
	// wires is how many connections are kept alive; a request that finds none free waits, and its time runs.
	wires int
	// next makes the nth request.
	next   func(n int) request
	status int
	// regular sends at equal distances instead of at random ones.
	regular bool
}

// result is what a load has found.
type result struct {
	took   *hdrhistogram.Histogram // microseconds from the moment a request should have begun
	errors int
	first  error         // the first of them
	cpu    time.Duration // of the server's processes
	length time.Duration // from the first request to the last answer
}

// newHistogram holds times from a microsecond to a minute with three digits.
func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, time.Minute.Microseconds(), 3)
}

// each is the processor time of one request.
func (r result) each() time.Duration {
	n := r.took.TotalCount()
	if n == 0 {
		return 0
	}
	return r.cpu / time.Duration(n)
}

func (r result) quantile(q float64) time.Duration {
	return time.Duration(r.took.ValueAtQuantile(q)) * time.Microsecond
}

// rate is how many were answered in a second.
func (r result) rate() float64 { return float64(r.took.TotalCount()) / r.length.Seconds() }

// failed is nil where every request got the answer that was wanted.
func (r result) failed() error {
	if r.errors == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d requests failed, the first with: %w", r.errors, r.took.TotalCount(), r.first)
}

// book collects answers.
type book struct {
	mu sync.Mutex
	r  result
}

func newBook() *book { return &book{r: result{took: newHistogram()}} }

// enter notes an answer to a request that should have begun at some time.
func (b *book) enter(began time.Time, got reply, want int, err error) {
	took := max(time.Since(began).Microseconds(), 1)
	if err == nil && got.status != want {
		err = &unexpected{got.status, string(got.body)}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.r.took.RecordValue(min(took, time.Minute.Microseconds()))
	if err != nil {
		b.r.errors++
		if b.r.first == nil {
			b.r.first = err
		}
	}
}

// gaps are the distances between arrivals: those of a Poisson process, as of many people who know nothing of each other, the
// same in every run; or equal ones.
func (l load) gaps() func() time.Duration {
	mean := float64(time.Second) / float64(l.rate)
	if l.regular {
		return func() time.Duration { return time.Duration(mean) }
	}
	luck := rand.New(rand.NewPCG(1, uint64(l.rate))) //nolint:gosec // arrivals are no secret
	return func() time.Duration { return time.Duration(luck.ExpFloat64() * mean) }
}

// run sends the requests. When each of them begins was settled before the first: a slow answer delays none of those that
// follow, and what waits for a connection waits on the clock. So no delay is left out of the picture because it kept the
// generator from asking (coordinated omission).
func (l load) run(ctx context.Context) (result, error) {
	free := make(chan *wire, l.wires)
	for range l.wires {
		free <- &wire{address: l.server.address}
	}
	gap, n := l.gaps(), 0
	if l.warmup > 0 {
		warm := newBook()
		n = l.phase(ctx, free, warm, gap, n, l.warmup)
		if err := warm.r.failed(); err != nil {
			return result{}, errors.Join(fmt.Errorf("warming up: %w", err), ctx.Err())
		}
	}
	before, err := l.server.cpu()
	if err != nil {
		return result{}, err
	}
	found, began := newBook(), time.Now()
	l.phase(ctx, free, found, gap, n, l.duration)
	found.r.length = time.Since(began)
	after, err := l.server.cpu()
	found.r.cpu = after - before
	for range l.wires {
		(<-free).close()
	}
	return found.r, errors.Join(err, ctx.Err())
}

// phase sends requests from the nth on for a while, waits for the answers, and returns the number of the next one.
func (l load) phase(ctx context.Context, free chan *wire, b *book, gap func() time.Duration, n int, length time.Duration) int {
	var all sync.WaitGroup
	defer all.Wait()
	start := time.Now()
	for at := gap(); at < length && ctx.Err() == nil; at += gap() {
		begin := start.Add(at)
		time.Sleep(time.Until(begin))
		r := l.next(n)
		n++
		all.Go(func() {
			w := <-free
			got, err := w.send(ctx, r)
			b.enter(begin, got, l.status, err)
			free <- w
		})
	}
	return n
}

// throughput sends requests as fast as they are answered on so many connections, to see what the server can do at most; its
// times are not those that users would see.
func throughput(ctx context.Context, s server, wires int, duration time.Duration, status int, next func(n int) request) (result, error) {
	before, err := s.cpu()
	if err != nil {
		return result{}, err
	}
	b, began := newBook(), time.Now()
	end := began.Add(duration)
	var all sync.WaitGroup
	for i := range wires {
		all.Go(func() {
			w := &wire{address: s.address}
			defer w.close()
			for n := i; time.Now().Before(end) && ctx.Err() == nil; n += wires {
				r, begin := next(n), time.Now()
				got, err := w.send(ctx, r)
				b.enter(begin, got, status, err)
			}
		})
	}
	all.Wait()
	b.r.length = time.Since(began)
	after, err := s.cpu()
	b.r.cpu = after - before
	return b.r, errors.Join(err, ctx.Err())
}
