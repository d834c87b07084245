package cache

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/englishapp/englishctl/internal/doctor"
)

// examineRounds is how many round trips are timed; the shortest counts, since any may have met a pause.
const examineRounds = 3

// Examine says how the server is, and changes nothing. It waits until ctx ends, not as long as a request does. The error is a
// *doctor.Refusal.
func (r *Redis) Examine(ctx context.Context, now func() time.Time) (doctor.Redis, error) {
	patience := r.patience
	if end, ok := ctx.Deadline(); ok {
		patience = max(time.Until(end), patience)
	}
	client := r.client.WithTimeout(patience)
	var seen doctor.Redis
	for i := range examineRounds {
		began, before := time.Now(), now()
		theirs, err := client.Time(ctx).Result()
		if err != nil {
			return seen, refusal(err)
		}
		if took := time.Since(began); i == 0 || took < seen.Latency {
			seen.Latency, seen.Clock = took, doctor.Clock{Before: before, Theirs: theirs, After: now()}
		}
	}
	said, err := client.Info(ctx, "server", "memory").Result()
	if err != nil && !redis.HasErrorPrefix(err, "NOPERM") {
		return seen, refusal(err)
	}
	info := parseInfo(said)
	seen.Version, seen.Policy = info["redis_version"], info["maxmemory_policy"]
	seen.MaxMemory, _ = strconv.ParseInt(info["maxmemory"], 10, 64) // 0, without bound, where it is not shown
	return seen, nil
}

// parseInfo reads what INFO answers: lines of name:value.
func parseInfo(text string) map[string]string {
	info := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[name] = value
		}
	}
	return info
}

func refusal(err error) error {
	cause := doctor.Unreachable
	for _, prefix := range []string{"WRONGPASS", "NOAUTH", "NOPERM", "ERR AUTH"} {
		if redis.HasErrorPrefix(err, prefix) {
			cause = doctor.Credentials
		}
	}
	if redis.HasErrorPrefix(err, "ERR DB index") || redis.HasErrorPrefix(err, "ERR invalid DB") {
		cause = doctor.Missing
	}
	return &doctor.Refusal{Cause: cause, Err: errors.New(err.Error())}
}
