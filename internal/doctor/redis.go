package doctor

import (
	"strings"
	"time"
)

// Redis is what was seen of the Redis server.
type Redis struct {
	Version string
	Latency time.Duration
	Clock   Clock
	// MaxMemory is in bytes; 0 is without bound. Policy is what goes when it is full: "noeviction".
	MaxMemory int64
	Policy    string
}

// redisPatience is how long a request waits for Redis before it goes on without (internal/cache).
const redisPatience = 50 * time.Millisecond

// Findings judges a Redis that was reached. signed says that it keeps the nonces of signed requests, too.
func (r Redis) Findings(signed bool) []Finding {
	f := ok("Redis %s answers in %s", r.Version, short(r.Latency))
	switch {
	case oldRedis(r.Version):
		f = fail("Redis %s cannot count for all daemons", r.Version).to("install Redis 5 or later", "REDIS_URL")
	case r.Latency > redisPatience/2:
		f = warn("Redis %s answers in %s; requests go on without it after %s", r.Version, short(r.Latency), redisPatience).
			to("put it nearer, or wait longer by read_timeout in the address", "REDIS_URL")
	}
	return []Finding{f, r.eviction(signed), r.Clock.compare("Redis")}
}

func (r Redis) eviction(signed bool) Finding {
	f := ok("eviction %s", r.Policy)
	if r.MaxMemory == 0 {
		f = ok("eviction %s, without a bound of memory", r.Policy)
	}
	switch {
	case r.Policy == "":
		f = warn("the eviction policy is not shown to this user").to("let the user run INFO", "REDIS_URL")
	case signed && strings.HasPrefix(r.Policy, "allkeys") && r.MaxMemory > 0:
		f = warn("%s may throw away nonces of signed requests when memory is full: one could be sent twice", r.Policy).
			to("set Redis's maxmemory-policy to volatile-ttl, and enough maxmemory", "REDIS_URL")
	case r.Policy == "noeviction" && r.MaxMemory > 0:
		f = warn("noeviction refuses writes when memory is full: daemons then count requests each by itself").
			to("set the server's maxmemory-policy to volatile-ttl", "REDIS_URL")
	}
	return f.about("redis")
}

func oldRedis(version string) bool {
	major, _, _ := strings.Cut(version, ".")
	return len(major) == 1 && major < "5"
}
