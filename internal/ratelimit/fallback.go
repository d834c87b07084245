package ratelimit

import (
	"context"
	"sync/atomic"
)

// Fallback counts in a shared store, and in this process while the store does not answer: then the budgets hold for each
// daemon by itself. It is safe for concurrent use.
//
// It waits for the store as long as the store lets it; one that is out should say so at once (cache.Guarded does).
type Fallback struct {
	shared *Shared
	local  *Memory
	alone  atomic.Uint64
}

// NewFallback returns a limiter that counts in shared, or else in local.
func NewFallback(shared *Shared, local *Memory) *Fallback {
	return &Fallback{shared: shared, local: local}
}

// Take takes one request off the key's budget, if there is one left. The only error is that of ctx.
func (f *Fallback) Take(ctx context.Context, key string, l Limit) (Verdict, error) {
	v, err := f.shared.Take(ctx, key, l)
	if err == nil {
		return v, nil
	}
	if ended := ctx.Err(); ended != nil {
		return Verdict{}, ended // the caller gave up, which says nothing about the store
	}
	f.alone.Add(1)
	return f.local.Take(ctx, key, l)
}

// Alone returns how many requests were counted in this process because the store did not answer, since it started.
func (f *Fallback) Alone() uint64 { return f.alone.Load() }
