package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/englishapp/englishctl/internal/fault"
)

// keyPrefix keeps our keys apart from those of other programs in the same Redis.
const keyPrefix = "englishctl:"

// How long things may take. A cache that answers late is worse than none: the database is only milliseconds away.
const (
	// patience is for a whole call, with waiting for a connection, writing, reading, and trying again.
	patience = 50 * time.Millisecond
	// dialTimeout is longer: go-redis goes on connecting when the caller has given up, and the next one finds the connection.
	dialTimeout = 250 * time.Millisecond
	poolTimeout = 250 * time.Millisecond // for a connection, when all are in use
	maxBackoff  = 20 * time.Millisecond
	maxRetries  = 1 // heals a connection that the server has closed meanwhile
)

// silenceDriver keeps go-redis from writing a line for every failed dial; Guarded writes one for an outage. It is done
// once, since the setting is the whole process's and not safe against connections at work.
var silenceDriver = sync.OnceFunc(logging.Disable)

// Redis is a cache that several processes share. It is safe for concurrent use.
type Redis struct {
	client   *redis.Client
	patience time.Duration
}

// NewRedis returns the cache behind a URL such as "redis://user:password@host:6379/0" (rediss:// for TLS) without
// connecting to it. A call takes 50 ms at most, or as long as read_timeout in the URL's query says (read_timeout=1s); the
// query knows dial_timeout, write_timeout, pool_timeout and max_retries, too. It returns fault.Invalid for what is no such
// URL.
func NewRedis(url string) (*Redis, error) {
	opts, err := redis.ParseURL(url)
	if err != nil {
		// Without err, which may quote the URL and so the password.
		return nil, fault.Invalid("REDIS_URL", "must be an address such as redis://host:6379/0 or rediss://user:password@host:6379/0")
	}
	orElse(&opts.DialTimeout, dialTimeout)
	orElse(&opts.ReadTimeout, patience)
	orElse(&opts.WriteTimeout, patience)
	orElse(&opts.PoolTimeout, poolTimeout)
	orElse(&opts.MaxRetryBackoff, maxBackoff)
	orElse(&opts.MaxRetries, maxRetries)
	opts.DialerRetries = 1
	opts.ContextTimeoutEnabled = true
	opts.DisableIdentity = true // two commands per connection that nobody looks at
	opts.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	silenceDriver()
	return &Redis{client: redis.NewClient(opts), patience: opts.ReadTimeout}, nil
}

func orElse[T comparable](setting *T, fallback T) {
	var unset T
	if *setting == unset {
		*setting = fallback
	}
}

// Get returns the value under key, and whether there is one. It returns fault.Unavailable.
func (r *Redis) Get(ctx context.Context, key string) (value []byte, ok bool, err error) {
	brief, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	value, err = r.client.Get(brief, keyPrefix+key).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, failed(ctx, "read from the cache", err)
	}
	return value, true, nil
}

// Set keeps value under key for ttl, rounded up to milliseconds, replacing what was there. A ttl of zero or less only
// removes. It returns fault.Unavailable.
func (r *Redis) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if ttl <= 0 { // to Redis it would mean "for ever"
		return r.Delete(ctx, key)
	}
	ttl = (ttl + time.Millisecond - 1).Truncate(time.Millisecond)
	brief, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	if err := r.client.Set(brief, keyPrefix+key, value, ttl).Err(); err != nil {
		return failed(ctx, "write to the cache", err)
	}
	return nil
}

// Delete forgets keys; one that is not there is fine. It returns fault.Unavailable.
func (r *Redis) Delete(ctx context.Context, keys ...string) error {
	if len(keys) == 0 {
		return ctx.Err()
	}
	full := make([]string, len(keys))
	for i, key := range keys {
		full[i] = keyPrefix + key
	}
	brief, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	if err := r.client.Del(brief, full...).Err(); err != nil {
		return failed(ctx, "delete from the cache", err)
	}
	return nil
}

// Ping reports whether the server answers: fault.Unavailable if not.
func (r *Redis) Ping(ctx context.Context) error {
	brief, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	if err := r.client.Ping(brief).Err(); err != nil {
		return failed(ctx, "ping the cache", err)
	}
	return nil
}

// Run runs a Lua script about one key, in one step that nothing comes between, and returns the whole numbers that it
// returns. The script is sent once and known by its digest from then on. It returns fault.Unavailable, also where the
// server runs no such script.
func (r *Redis) Run(ctx context.Context, script, key string, args ...any) ([]int64, error) {
	brief, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	numbers, err := redis.NewScript(script).Run(brief, r.client, []string{keyPrefix + key}, args...).Int64Slice()
	if err != nil {
		return nil, failed(ctx, "run a script in the cache", err)
	}
	return numbers, nil
}

// Close closes all connections.
func (r *Redis) Close() error { return r.client.Close() }

// failed gives an error its kind. The caller's own end of patience is not the server's fault.
func failed(ctx context.Context, doing string, err error) error {
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("%s: %w", doing, ended)
	}
	// The connection has the same deadline as the context, and may notice it a moment earlier.
	if end, ok := ctx.Deadline(); ok && !time.Now().Before(end) {
		return fmt.Errorf("%s: %w", doing, context.DeadlineExceeded)
	}
	return fmt.Errorf("%s: %w", doing, fault.Unavailable("the cache does not answer").WithCause(err))
}
