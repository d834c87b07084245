package app

import (
	"context"
	"maps"
	"time"

	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/httpapi"
	"github.com/englishapp/englishctl/internal/ratelimit"
	"github.com/englishapp/englishctl/internal/signature"
)

// maxCounted is how many users and addresses are counted in this process: at about 250 bytes each, 25 MB; and for how many, where a
// server counts, leases of its budgets are held: at about 300 bytes, 30 MB.
const maxCounted = 100_000

// limits are the daemon's rate limits in httpapi's types.
type limits struct {
	behind interface {
		Take(ctx context.Context, key string, l ratelimit.Limit) (ratelimit.Verdict, error)
	}
}

// newLimits makes a limiter that counts in the cache's server if there is one, otherwise in this process.
func newLimits(shared sharedCache) limits {
	local := ratelimit.NewMemory(maxCounted, time.Now)
	redis, ok := shared.(*cache.Guarded)
	if !ok {
		return limits{local}
	}
	return limits{ratelimit.NewFallback(ratelimit.NewShared(redis, maxCounted, nil), local)}
}

// maxNonces is how many signed requests within about ten minutes are remembered in this process: at about 150 bytes each,
// 15 MB.
const maxNonces = 100_000

// newNonces remembers the nonces of signed requests where the limits are counted, but without a fallback.
func newNonces(shared sharedCache) signature.Nonces {
	if redis, ok := shared.(*cache.Guarded); ok {
		return signature.NewShared(redis)
	}
	return signature.NewMemory(maxNonces, time.Now)
}

// alone returns how many requests were counted in this process although a server is there to count them.
func (l limits) alone() uint64 {
	if shared, ok := l.behind.(*ratelimit.Fallback); ok {
		return shared.Alone()
	}
	return 0
}

// Take takes one request off the key's budget.
func (l limits) Take(ctx context.Context, key string, r httpapi.Rate) (httpapi.Verdict, error) {
	v, err := l.behind.Take(ctx, key, ratelimit.Limit(r))
	return httpapi.Verdict(v), err
}

// rateLimits are the limits that the settings name.
func rateLimits(http config.HTTP) map[string]int {
	named := map[string]int{"other": http.RateLimitPerMinute}
	maps.Copy(named, http.RateLimits)
	return named
}
