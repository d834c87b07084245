// Package ratelimit counts requests: in this process (Memory), in a store that all daemons share (Shared), or in the
// second with the first to fall back on (Fallback). All of them pass one contract suite (package ratelimittest).
//
// It knows keys and numbers, and nothing of users, addresses or endpoints.
//
// They use the generic cell rate algorithm: for each key one moment is kept, the one at which its budget will be whole
// again. A request moves it away by one interval (60 s / 10 for ten a minute) and is refused if that would be further
// than the whole budget takes. So there is no window at whose edge two bursts could meet: a key that was silent may send
// its whole budget at once, and from then on one request per interval.
package ratelimit

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Limit is a budget: how many requests may come at once, and in how long it fills up again.
type Limit struct {
	// Requests is at least 1.
	Requests int
	// Per is at least one microsecond for each request.
	Per time.Duration
}

// interval is in how many microseconds one request comes back.
func (l Limit) interval() int64 { return l.Per.Microseconds() / int64(l.Requests) }

// span is in how many microseconds a whole budget comes back.
func (l Limit) span() int64 { return l.interval() * int64(l.Requests) }

// Verdict says what became of a request.
type Verdict struct {
	Allowed bool
	// Remaining is how many more would be allowed now.
	Remaining int
	// RetryAfter is when the next one will be allowed; 0 if one would be now.
	RetryAfter time.Duration
	// ResetAfter is when the whole budget will be back; 0 if it is.
	ResetAfter time.Duration
}

// take decides about one request. Until debt microseconds from now the budget is not whole; what it returns is the
// same after the request. A debt that no sequence of requests can have made (a clock was turned back) is cut.
func (l Limit) take(debt int64) (after int64, allowed bool) {
	debt = min(max(debt, 0), l.span())
	if debt+l.interval() > l.span() {
		return debt, false
	}
	return debt + l.interval(), true
}

// verdict describes what take has returned.
func (l Limit) verdict(debt int64, allowed bool) Verdict {
	left := l.span() - debt
	return Verdict{
		Allowed:    allowed,
		Remaining:  int(left / l.interval()),
		RetryAfter: time.Duration(max(l.interval()-left, 0)) * time.Microsecond,
		ResetAfter: time.Duration(debt) * time.Microsecond,
	}
}

// maxKey is the length of the longest key that is kept as it is.
const maxKey = 64

// compact bounds what a key costs. Keys that differ stay different: no short key is as long as a digest.
func compact(key string) string {
	if len(key) <= maxKey {
		return key
	}
	digest := sha256.Sum256([]byte(key))
	return "sha256:" + hex.EncodeToString(digest[:])
}
