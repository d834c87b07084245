package ratelimit

import (
	"context"
	"fmt"
	"time"
)

// scripts is a store that runs a Lua script about one key in one step; in practice Redis.
type scripts interface {
	// Run returns the whole numbers that the script returns.
	Run(ctx context.Context, script, key string, args ...any) ([]int64, error)
}

// takeScript is Limit.take where the budgets are. KEYS[1] is the key; ARGV are interval and span in microseconds, and the
// time if it is not to be the server's own, which is the same for all daemons. It returns 1 or 0 for allowed or not, and the debt.
// What is kept vanishes when the budget is whole. Needs Redis 5, where a script may write after it has asked for the time.
const takeScript = `
local interval, span, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if not now then
	local time = redis.call('TIME')
	now = time[1] * 1000000 + time[2]
end
local due = tonumber(redis.call('GET', KEYS[1])) or now
local debt = math.min(math.max(due - now, 0), span)
if debt + interval > span then
	return {0, debt}
end
debt = debt + interval
redis.call('SET', KEYS[1], string.format('%.0f', now + debt), 'PX', math.ceil(debt / 1000))
return {1, debt}`

// sharedPrefix keeps budgets apart from other things in the same store.
const sharedPrefix = "limit:"

// Shared counts in a store, for all daemons together. It is safe for concurrent use.
type Shared struct {
	store scripts
	now   func() time.Time
}

// NewShared returns a limiter that counts in the store and takes the time from now; nil means the store's own clock.
func NewShared(store scripts, now func() time.Time) *Shared { return &Shared{store, now} }

// Take takes one request off the key's budget, if there is one left. A refused request costs nothing. The errors are those
// of the store.
func (s *Shared) Take(ctx context.Context, key string, l Limit) (Verdict, error) {
	args := []any{l.interval(), l.span()}
	if s.now != nil {
		args = append(args, s.now().UnixMicro())
	}
	said, err := s.store.Run(ctx, takeScript, sharedPrefix+compact(key), args...)
	if err != nil {
		return Verdict{}, fmt.Errorf("take from a shared budget: %w", err)
	}
	if len(said) != 2 {
		return Verdict{}, fmt.Errorf("take from a shared budget: the store answers %d numbers, want 2", len(said))
	}
	return l.verdict(said[1], said[0] == 1), nil
}
