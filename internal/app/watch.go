package app

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/pronunciation"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// watch sees how the program fares with what it stands on: how long each call took, and how it ended. Of what passes through
// it notes nothing.
type watch struct {
	metrics *telemetry.Metrics // nil for a command, which nobody asks for numbers
	traces  *telemetry.Traces  // nil where nothing is traced
	storage func(seconds float64, values ...string)
	scoring func(seconds float64, values ...string)
}

func newWatch(metrics *telemetry.Metrics, traces *telemetry.Traces) *watch {
	return &watch{
		metrics: metrics,
		traces:  traces,
		storage: metrics.Histogram("storage_call_duration_seconds",
			"How long calls to the audio store took, by operation (open: until reading may begin) and result.", telemetry.LatencySeconds, "operation", "result"),
		scoring: metrics.Histogram("scoring_call_duration_seconds",
			"How long single calls to the provider of scores took, by provider and result.", scoringSeconds, "provider", "result"),
	}
}

// scoringSeconds go on where LatencySeconds end: SPEECH_API_TIMEOUT may be two minutes.
var scoringSeconds = append(telemetry.LatencySeconds[4:len(telemetry.LatencySeconds):len(telemetry.LatencySeconds)], 20, 60, 120)

// stored begins a call to the audio store; the function that it returns notes its end.
func (w *watch) stored(ctx context.Context, operation string) (_ context.Context, end func(error)) {
	ctx, endSpan := w.traces.Start(ctx, "storage "+operation)
	began := time.Now()
	return ctx, func(err error) {
		result := resultOf(err)
		w.storage(time.Since(began).Seconds(), operation, result)
		endSpan(result)
	}
}

// scored begins a call to a provider of scores; the function that it returns notes its end.
func (w *watch) scored(ctx context.Context, provider string) (_ context.Context, end func(error)) {
	ctx, endSpan := w.traces.Start(ctx, "score "+provider)
	began := time.Now()
	return ctx, func(err error) {
		result := resultOf(err)
		w.scoring(time.Since(began).Seconds(), provider, result)
		endSpan(result)
	}
}

// resultOf is how a call ended, in one of a few words.
func resultOf(err error) string {
	if err == nil {
		return "ok"
	}
	if errors.Is(err, context.Canceled) {
		return "cancelled" // whoever asked has gone
	}
	if f, ok := errors.AsType[*pronunciation.Failure](err); ok {
		return f.Reason.String()
	}
	if f, ok := fault.As(err); ok {
		return string(f.Kind)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "timed_out"
	}
	return "failed"
}

// watchedCache counts what is found in a cache and what is not.
type watchedCache struct {
	sharedCache
	hits, misses atomic.Uint64
}

// cache counts looks into a cache under a name.
func (w *watch) cache(name string, behind sharedCache) *watchedCache {
	c := &watchedCache{sharedCache: behind}
	w.metrics.Lookups(name, c.hits.Load, c.misses.Load)
	return c
}

// Get implements sharedCache.
func (c *watchedCache) Get(ctx context.Context, key string) ([]byte, bool, error) {
	value, found, err := c.sharedCache.Get(ctx, key)
	if found {
		c.hits.Add(1)
	} else {
		c.misses.Add(1)
	}
	return value, found, err
}

// watchedAssessor notes each call to a provider of scores.
type watchedAssessor struct {
	pronunciation.Assessor
	watch *watch
}

// Assess implements pronunciation.Assessor.
func (a watchedAssessor) Assess(ctx context.Context, u pronunciation.Utterance) (_ pronunciation.Assessment, err error) {
	ctx, end := a.watch.scored(ctx, a.Provider())
	defer func() { end(err) }()
	return a.Assessor.Assess(ctx, u)
}
