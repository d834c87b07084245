package cache

import (
	"sync/atomic"
	"time"
)

// rest is how long a server that has failed is left alone before somebody asks again.
const rest = time.Second

// breaker spares callers a server that does not answer. After a failure it lets one call a second through, until one
// succeeds. It is safe for concurrent use.
type breaker struct {
	now     func() time.Time
	retryAt atomic.Pointer[time.Time] // nil while all is well

	outages, skipped atomic.Uint64
}

// allows reports whether the server may be asked now.
func (b *breaker) allows() bool {
	at := b.retryAt.Load()
	if at == nil {
		return true
	}
	now := b.now()
	next := now.Add(rest)
	left := at.Sub(now) // more than rest only where the clock was set back, which the real one does not know
	// Of many who come at the moment, the one that moves it is let through.
	if (left <= 0 || left > rest) && b.retryAt.CompareAndSwap(at, &next) {
		return true
	}
	b.skipped.Add(1)
	return false
}

// fails notes a failure and reports whether it is the first of an outage.
func (b *breaker) fails() bool {
	next := b.now().Add(rest)
	first := b.retryAt.Swap(&next) == nil
	if first {
		b.outages.Add(1)
	}
	return first
}

// works notes a success and reports whether it ends an outage.
func (b *breaker) works() bool {
	return b.retryAt.Load() != nil && b.retryAt.Swap(nil) != nil
}
