package cache_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/cache/cachetest"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/testenv"
)

func TestRedisContract(t *testing.T) {
	cachetest.Run(t, func(t testing.TB) (cachetest.Store, string, func(time.Duration)) {
		r, raw, prefix := openRedis(t)
		return r, prefix, func(d time.Duration) { age(t, raw, prefix, d) }
	})
}

func newRedis(t testing.TB, address string) *cache.Redis {
	t.Helper()
	r, err := cache.NewRedis(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// silentAddress returns an address that takes connections and never says a word.
func silentAddress(t testing.TB) string {
	t.Helper()
	s := httptest.NewUnstartedServer(nil) // it listens, but nobody accepts
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// openRedis returns a cache on the real server, a client that sees behind it, and a prefix for keys, which are removed
// after the test.
func openRedis(t testing.TB) (*cache.Redis, *redis.Client, string) {
	t.Helper()
	address := testenv.Required(t, "TEST_REDIS_URL")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal("TEST_REDIS_URL is no URL")
	}
	q := u.Query() // a test machine may be so busy that a good answer takes longer than 100 ms
	for _, name := range []string{"dial_timeout", "read_timeout", "write_timeout", "pool_timeout"} {
		q.Set(name, "10s")
	}
	u.RawQuery = q.Encode()
	r := newRedis(t, u.String())
	opts, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal("TEST_REDIS_URL is no URL of a Redis")
	}
	raw, prefix := redis.NewClient(opts), "test-"+uuid.NewString()+":"
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		for _, key := range ourKeys(ctx, t, raw, prefix) {
			if err := raw.Del(ctx, key).Err(); err != nil {
				t.Error(err)
			}
		}
		if err := raw.Close(); err != nil {
			t.Error(err)
		}
	})
	return r, raw, prefix
}

func ourKeys(ctx context.Context, t testing.TB, raw *redis.Client, prefix string) []string {
	t.Helper()
	keys, err := raw.Keys(ctx, "englishctl:"+prefix+"*").Result()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// age makes keys of the test d older, by taking d from what is left of their lives.
func age(t testing.TB, raw *redis.Client, prefix string, d time.Duration) {
	t.Helper()
	for _, key := range ourKeys(t.Context(), t, raw, prefix) {
		left, err := raw.PTTL(t.Context(), key).Result()
		if err != nil {
			t.Fatal(err)
		}
		if left == -1 {
			t.Fatalf("%q would live for ever", key)
		}
		if err := raw.PExpire(t.Context(), key, left-d).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRedisForgetsByItself(t *testing.T) {
	r, _, prefix := openRedis(t)
	if err := r.Set(t.Context(), prefix+"x", []byte("x"), 20*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for again := time.NewTicker(5 * time.Millisecond); ; {
		_, ok, err := r.Get(ctx, prefix+"x")
		if err != nil {
			t.Fatalf("it was still there at the end: %v", err)
		}
		if !ok {
			return
		}
		<-again.C
	}
}

func TestRedisKeysHaveOurPrefix(t *testing.T) {
	r, raw, prefix := openRedis(t)
	if err := r.Set(t.Context(), prefix+"x", []byte("value"), time.Hour); err != nil {
		t.Fatal(err)
	}
	if got, err := raw.Get(t.Context(), "englishctl:"+prefix+"x").Result(); got != "value" || err != nil {
		t.Fatalf("under our prefix there is %q, %v", got, err)
	}
}

// everyCall is each method that needs the server.
func everyCall(r *cache.Redis) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Get":    func(ctx context.Context) error { _, _, err := r.Get(ctx, "x"); return err },
		"Set":    func(ctx context.Context) error { return r.Set(ctx, "x", nil, time.Hour) },
		"Delete": func(ctx context.Context) error { return r.Delete(ctx, "x") },
		"Run":    func(ctx context.Context) error { _, err := r.Run(ctx, "return {1}", "x"); return err },
		"Ping":   r.Ping,
	}
}

func TestAnOutageIsUnavailableAndTellsNoPassword(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, address := range map[string]string{"a server that is gone": gone.Listener.Addr().String(), "a silent server": silentAddress(t)} {
		r := newRedis(t, "redis://somebody:unguessable@"+address+"/0")
		for method, call := range everyCall(r) {
			t.Run(name+"/"+method, func(t *testing.T) {
				err := call(t.Context())
				if !fault.Is(err, fault.KindUnavailable) || strings.Contains(err.Error(), "unguessable") {
					t.Fatalf("error = %v, want unavailable, without the password", err)
				}
			})
		}
	}
}

func TestACallersDeadlineIsNotTheServersFault(t *testing.T) {
	r := newRedis(t, "redis://"+silentAddress(t)+"/0?read_timeout=1h&write_timeout=1h")
	for name, call := range everyCall(r) {
		for _, patience := range []time.Duration{time.Nanosecond, 20 * time.Millisecond} {
			t.Run(fmt.Sprintf("%s within %v", name, patience), func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) || fault.Is(err, fault.KindUnavailable) {
					t.Fatalf("error = %v, want the deadline alone", err)
				}
			})
		}
	}
}

func TestRedisRunsScripts(t *testing.T) {
	r, raw, prefix := openRedis(t)
	script := "redis.call('SET', KEYS[1], ARGV[1], 'PX', 60000) return {tonumber(ARGV[1]), -1} -- " + prefix
	for range 2 { // sent the first time, known the second
		got, err := r.Run(t.Context(), script, prefix+"run", 7)
		if err != nil || len(got) != 2 || got[0] != 7 || got[1] != -1 {
			t.Fatalf("Run = %v, %v; want 7 and -1", got, err)
		}
	}
	if got := raw.Get(t.Context(), "englishctl:"+prefix+"run").Val(); got != "7" {
		t.Errorf("the script has written %q under our prefix, want 7", got)
	}
	for name, broken := range map[string]string{"no Lua": "return (", "fails": "return redis.call('LPUSH', KEYS[1], 1)", "returns no numbers": "return {'x'}"} {
		if _, err := r.Run(t.Context(), broken, prefix+"run"); !fault.Is(err, fault.KindUnavailable) {
			t.Errorf("a script that %s: %v, want unavailable", name, err)
		}
	}
}

// TestASilentServerIsLeftSoon: what a request loses to a frozen server is bounded, with all retries.
func TestASilentServerIsLeftSoon(t *testing.T) {
	r := newRedis(t, "redis://"+silentAddress(t)+"/0")
	for method, call := range everyCall(r) {
		start := time.Now()
		if err := call(t.Context()); !fault.Is(err, fault.KindUnavailable) {
			t.Errorf("%s: %v, want unavailable", method, err)
		}
		if took := time.Since(start); took > time.Second { // 50 ms, and what a busy machine adds
			t.Errorf("%s took %s", method, took)
		}
	}
}

func TestAWrongPasswordIsUnavailableAndNotTold(t *testing.T) {
	u, err := url.Parse(testenv.Required(t, "TEST_REDIS_URL"))
	if err != nil {
		t.Fatal("TEST_REDIS_URL is no URL")
	}
	u.User = url.UserPassword("somebody", "unguessable")
	r := newRedis(t, u.String())
	if err := r.Ping(t.Context()); !fault.Is(err, fault.KindUnavailable) || strings.Contains(err.Error(), "unguessable") {
		t.Fatalf("Ping = %v, want unavailable, without the password", err)
	}
}

func TestRedisRefusesWhatIsNoURL(t *testing.T) {
	for _, bad := range []string{"", "localhost:6379", "http://localhost", "redis://:unguessable@host:port", "redis://:unguessable@host/database"} {
		r, err := cache.NewRedis(bad)
		if !fault.Is(err, fault.KindInvalid) || strings.Contains(err.Error(), "unguessable") {
			t.Errorf("NewRedis(%q) = %v, %v; want invalid, without the password", bad, r, err)
		}
	}
}
