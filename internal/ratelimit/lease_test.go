package ratelimit_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/ratelimit"
)

var sixty = ratelimit.Limit{Requests: 60, Per: time.Minute}

// line is a way to a Redis on which things go wrong as the test wants, and that counts calls.
type line struct {
	*cache.Redis
	calls int
	// fate says what becomes of a call: "" is well.
	fate func() string
	late []func(now string) // calls that Redis has not heard yet
}

func (l *line) Run(ctx context.Context, script, key string, args ...any) ([]int64, error) {
	l.calls++
	call := func() ([]int64, error) { return l.Redis.Run(ctx, script, key, args...) }
	fate := ""
	if l.fate != nil {
		fate = l.fate()
	}
	switch fate {
	case "lost": // before Redis has heard it
	case "unanswered":
		_, _ = call()
	case "late":
		l.late = append(l.late, func(now string) {
			args[2] = now // Redis looks at its clock when it runs the script
			_, _ = call()
		})
	default:
		return call()
	}
	return nil, fault.Unavailable("no answer")
}

// arrive lets Redis hear what is late.
func (l *line) arrive(now time.Time) {
	for _, call := range l.late {
		call(strconv.FormatInt(now.UnixMicro(), 10))
	}
	l.late = nil
}

// clock is a clock that tests move.
type clock struct{ at time.Time }

func newClock() *clock { return &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time { return c.at }

func take(t *testing.T, l *ratelimit.Shared, key string, limit ratelimit.Limit) ratelimit.Verdict {
	t.Helper()
	v, err := l.Take(t.Context(), key, limit)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Whoever stays at one daemon sees no lease: each verdict is what counting one by one would say.
func TestOneDaemonCountsAsIfOneByOne(t *testing.T) {
	c, luck := newClock(), rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test's
	redis := &line{Redis: openRedis(t)}
	shared, memory, key := ratelimit.NewShared(redis, 10, c.now), ratelimit.NewMemory(10, c.now), uuid.NewString()
	const requests = 500
	for i := range requests {
		want, _ := memory.Take(t.Context(), key, sixty)
		if got := take(t, shared, key, sixty); got != want {
			t.Fatalf("request %d: %+v, want %+v", i, got, want)
		}
		wait := time.Duration(luck.ExpFloat64() * float64(900*time.Millisecond))
		if luck.IntN(50) == 0 {
			wait += 2 * time.Minute
		}
		c.at = c.at.Add(wait)
	}
	if redis.calls > requests/2 {
		t.Errorf("Redis was asked %d times for %d requests", redis.calls, requests)
	}
}

// Small limits are counted one by one, for all daemons.
func TestSmallLimitsHaveNoLeases(t *testing.T) {
	c, key := newClock(), uuid.NewString()
	redis := &line{Redis: openRedis(t)}
	a, b := ratelimit.NewShared(redis, 10, c.now), ratelimit.NewShared(redis, 10, c.now)
	for i := range 10 {
		l := []*ratelimit.Shared{a, b}[i%2]
		if v := take(t, l, key, ratelimit.Limit{Requests: 10, Per: time.Minute}); !v.Allowed || v.Remaining != 9-i {
			t.Errorf("request %d: %+v", i+1, v)
		}
	}
	if redis.calls != 10 {
		t.Errorf("Redis was asked %d times for ten requests of ten", redis.calls)
	}
}

// However requests are spread over daemons, and whatever is lost or late on the way to Redis, in no stretch of time more get
// through than the limit allows.
func TestDaemonsTogetherKeepToTheLimit(t *testing.T) {
	real := openRedis(t)
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			c, key, luck := newClock(), uuid.NewString(), rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test's
			redis := &line{Redis: real, fate: func() string {
				if seed == 0 {
					return ""
				}
				return []string{"lost", "unanswered", "late", "", "", "", "", "", "", "", "", ""}[luck.IntN(12)]
			}}
			var daemons []*ratelimit.Shared
			for range 3 {
				daemons = append(daemons, ratelimit.NewShared(redis, 10, c.now))
			}
			var allowed []time.Time
			refused := 0
			pace := 200 * time.Millisecond // three to five times what is allowed
			for i := range 600 {
				switch {
				case i%150 == 149:
					c.at = c.at.Add(40 * time.Second) // a pause: the budget fills up while leases are out
				case i%50 == 0:
					redis.arrive(c.at)
				}
				v, err := daemons[luck.IntN(3)].Take(t.Context(), key, sixty)
				switch {
				case err == nil && v.Allowed:
					allowed = append(allowed, c.at)
				case err == nil:
					refused++
				}
				c.at = c.at.Add(time.Duration(luck.ExpFloat64() * float64(pace)))
			}
			mostWithin(t, allowed, sixty)
			if refused == 0 {
				t.Error("nothing was refused: the test asks for too little")
			}
			if seed == 0 && len(allowed) < 60+int(c.at.Sub(allowed[0]).Seconds()*3/5) {
				t.Errorf("%d were allowed in %s, which is far less than the limit", len(allowed), c.at.Sub(allowed[0]))
			}
		})
	}
}

// mostWithin demands that between any two requests that were allowed there are no more than a budget, and what comes back
// meanwhile.
func mostWithin(t *testing.T, allowed []time.Time, l ratelimit.Limit) {
	t.Helper()
	for i, from := range allowed {
		for j := i; j < len(allowed); j++ {
			most := l.Requests + int(allowed[j].Sub(from)*time.Duration(l.Requests)/l.Per)
			if got := j - i + 1; got > most {
				t.Fatalf("%d were allowed within %s, want %d at most", got, allowed[j].Sub(from), most)
			}
		}
	}
}

// A daemon that dies takes a tenth with it, for a minute.
func TestALeaseOfADeadDaemonComesBack(t *testing.T) {
	c, key, redis := newClock(), uuid.NewString(), openRedis(t)
	take(t, ratelimit.NewShared(redis, 10, c.now), key, sixty)
	other := ratelimit.NewShared(redis, 10, c.now)
	count := func() (n int) {
		for range 100 {
			if take(t, other, key, sixty).Allowed {
				n++
			}
		}
		return n
	}
	if got := count(); got != 60-1-5 {
		t.Errorf("%d were allowed, want 60 without the one that was used and the five that were leased", got)
	}
	c.at = c.at.Add(time.Minute)
	if got := count(); got != 60-5 {
		t.Errorf("a minute later %d were allowed, want 60 without the five that count as just used", got)
	}
	c.at = c.at.Add(time.Minute)
	if got := count(); got != 60 {
		t.Errorf("two minutes later %d were allowed, want 60", got)
	}
}

// What Redis forgets begins anew; what is leased is on top of that, once.
func TestARedisThatForgets(t *testing.T) {
	c, key, redis := newClock(), uuid.NewString(), openRedis(t)
	shared := ratelimit.NewShared(redis, 10, c.now)
	take(t, shared, key, sixty)
	if err := redis.Delete(t.Context(), "budget:"+key); err != nil {
		t.Fatal(err)
	}
	n := 0
	for range 100 {
		if take(t, shared, key, sixty).Allowed {
			n++
		}
	}
	if n != 60+5 {
		t.Errorf("%d were allowed, want a budget and a lease", n)
	}
}

// What is left counts what others hold as taken, and what is leased here as left.
func TestRemainingKnowsOfLeases(t *testing.T) {
	c, key, redis := newClock(), uuid.NewString(), openRedis(t)
	a, b := ratelimit.NewShared(redis, 10, c.now), ratelimit.NewShared(redis, 10, c.now)
	for i, want := range []int{59, 58} {
		if v := take(t, a, key, sixty); v.Remaining != want {
			t.Errorf("request %d at the first daemon: %d remain, want %d", i+1, v.Remaining, want)
		}
	}
	if v := take(t, b, key, sixty); v.Remaining != 53 { // 60, less one that is known, five that are leased, and this one
		t.Errorf("at the second daemon %d remain, want 53", v.Remaining)
	}
}

// Keys beyond what is held are counted all the same.
func TestLeasesAreBounded(t *testing.T) {
	c, redis := newClock(), openRedis(t)
	shared := ratelimit.NewShared(redis, 1, c.now)
	keys := []string{uuid.NewString(), uuid.NewString()}
	n := map[string]int{}
	for i := range 200 {
		if key := keys[i%2]; take(t, shared, key, sixty).Allowed {
			n[key]++
		}
	}
	for _, key := range keys {
		if n[key] > 60 || n[key] < 10 {
			t.Errorf("%d were allowed of a key that shares the room for one lease, want 10 to 60", n[key])
		}
	}
}
