package cache

import (
	"context"
	"log/slog"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

// store is what Guarded wraps.
type store interface {
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	Delete(ctx context.Context, keys ...string) error
	Run(ctx context.Context, script, key string, args ...any) ([]int64, error)
	Ping(ctx context.Context) error
	Close() error
}

// Guarded is a cache that never fails its caller: while the cache behind it is out, nothing is found and nothing is
// kept. It logs when an outage is noticed and when it is over, once each. During an outage only one call a second waits
// for the server; all others learn at once that it is out. It is safe for concurrent use.
//
// A Delete during an outage is lost, so what is cached may be stale until it expires.
type Guarded struct {
	behind  store
	log     *slog.Logger
	breaker breaker
}

// Guard wraps a cache, in practice *Redis. It takes the time from now; nil means time.Now.
func Guard(behind store, log *slog.Logger, now func() time.Time) *Guarded {
	if now == nil {
		now = time.Now
	}
	return &Guarded{behind: behind, log: log, breaker: breaker{now: now}}
}

// Get returns the value under key, and whether there is one that can be had. The error is always nil.
func (g *Guarded) Get(ctx context.Context, key string) (value []byte, ok bool, err error) {
	if !g.breaker.allows() {
		return nil, false, nil
	}
	value, ok, err = g.behind.Get(ctx, key)
	g.note(ctx, err)
	if err != nil {
		return nil, false, nil //nolint:nilerr // noted; this is what a guard is for
	}
	return value, ok, nil
}

// Set keeps value under key for ttl, if it can. The error is always nil.
func (g *Guarded) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if g.breaker.allows() {
		g.note(ctx, g.behind.Set(ctx, key, value, ttl))
	}
	return nil
}

// Delete forgets keys, if it can. It is rare and matters, so it asks a server that was just out, too. The error is
// always nil.
func (g *Guarded) Delete(ctx context.Context, keys ...string) error {
	g.note(ctx, g.behind.Delete(ctx, keys...))
	return nil
}

// Run runs a script as Redis.Run does. There is nothing to return in its place: it returns fault.Unavailable during an
// outage, at once where the server was asked within the last second.
func (g *Guarded) Run(ctx context.Context, script, key string, args ...any) ([]int64, error) {
	if !g.breaker.allows() {
		return nil, fault.Unavailable("the cache is out")
	}
	numbers, err := g.behind.Run(ctx, script, key, args...)
	g.note(ctx, err)
	return numbers, err
}

// Ping reports the truth about the cache behind, for /readyz.
func (g *Guarded) Ping(ctx context.Context) error {
	err := g.behind.Ping(ctx)
	g.note(ctx, err)
	return err
}

// Close closes the cache behind.
func (g *Guarded) Close() error { return g.behind.Close() }

// Out reports whether the cache was out when it was last asked.
func (g *Guarded) Out() bool { return g.breaker.retryAt.Load() != nil }

// Outages returns how many outages there were since the program started.
func (g *Guarded) Outages() uint64 { return g.breaker.outages.Load() }

// Skipped returns how many calls were spared because the cache had been out a moment before.
func (g *Guarded) Skipped() uint64 { return g.breaker.skipped.Load() }

// note logs the beginning and the end of an outage. A caller that gave up says nothing about the cache.
func (g *Guarded) note(ctx context.Context, err error) {
	switch {
	case err == nil:
		if g.breaker.works() {
			g.log.InfoContext(ctx, "the cache is back")
		}
	case fault.Is(err, fault.KindUnavailable):
		if g.breaker.fails() {
			g.log.WarnContext(ctx, "the cache is out; going on without it, with rate limits counted in this process", "error", err)
		}
	}
}
