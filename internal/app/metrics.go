package app

import (
	"net/http"
	"net/http/pprof"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// count says where the daemon's metrics come from that others keep.
func (d *Daemon) count() {
	known := d.Catalog.Caches()
	d.counted.Lookups("catalogue", known.Index.Hits, known.Index.Misses)
	d.counted.Lookups("pools", known.Pools.Hits, known.Pools.Misses)
	d.counted.Lookups("speeches", known.Records.Hits, known.Records.Misses)
	d.counted.Lookups("links", d.recordings.LinkHits, d.recordings.LinkMisses)
	for name, pool := range d.db.Pools() {
		d.counted.Pool(name, pool)
	}
	if d.traces != nil {
		d.counted.Counter("trace_spans_sent_total", "Spans of traces that the collector has taken.", d.traces.Sent)
		d.counted.Counter("trace_spans_lost_total", "Spans of traces that the collector has not taken.", d.traces.Lost)
	}
	if redis, ok := d.cache.(*cache.Guarded); ok {
		d.countRedis(redis)
	}
	d.counted.Counter("limits_alone_total", "Requests that were counted for their limits in this process, because Redis did not answer.", d.limits.alone)
	letters := func(pick func(account.LetterCounts) uint64) func() uint64 {
		return func() uint64 { return pick(d.Accounts.Letters()) }
	}
	d.counted.Counter("mails_sent_total", "Mails that the mail server has taken.",
		letters(func(c account.LetterCounts) uint64 { return c.Sent }))
	d.counted.Counter("mails_failed_total", "Mails that the mail server has not taken, after all attempts.",
		letters(func(c account.LetterCounts) uint64 { return c.Failed }))
	d.counted.Counter("mails_refused_total", "Mails that found no room among those that wait.",
		letters(func(c account.LetterCounts) uint64 { return c.Refused }))
	d.counted.Gauge("mails_waiting", "Mails that wait to be sent.", func() float64 { return float64(d.Accounts.Letters().Waiting) })
	d.counted.Gauge("http_connections", "Clients that are connected now.", func() float64 { return float64(d.seats.now()) })
	d.counted.Gauge("http_connections_max", "Clients that may be connected at a time; the next ones wait.", func() float64 { return float64(d.seats.limit) })
	d.countReplica()
	d.countScoring()
	d.counted.Gauges(d.lookedBack.gauges)
}

// countRedis counts how often the cache was out.
func (d *Daemon) countRedis(redis *cache.Guarded) {
	d.counted.Gauge("redis_out", "1 while Redis does not answer, otherwise 0.", func() float64 {
		if redis.Out() {
			return 1
		}
		return 0
	})
	d.counted.Counter("redis_outages_total", "How often Redis was found out.", redis.Outages)
	d.counted.Counter("redis_skipped_total", "Calls that were not made because Redis had not answered a moment before.", redis.Skipped)
}

// countScoring counts what becomes of recordings that are to be scored.
func (d *Daemon) countScoring() {
	scored := func(pick func(pronunciation.Counts) uint64) func() uint64 {
		return func() uint64 { return pick(d.scored.Counts()) }
	}
	d.counted.Counter("scoring_calls_total", "Calls to the provider of pronunciation scores, with repeated ones.",
		scored(func(c pronunciation.Counts) uint64 { return c.Calls }))
	d.counted.Counter("scoring_failed_total", "Of these, the ones that the provider did not do.",
		scored(func(c pronunciation.Counts) uint64 { return c.Failed }))
	d.counted.Counter("scoring_refused_total", "Of those, the ones that only an operator can mend: the key, region or address is wrong.",
		scored(func(c pronunciation.Counts) uint64 { return c.Refused }))
	d.counted.Counter("scoring_crowded_total", "Recordings that were turned away because too many calls were in work, or the provider had asked to wait.",
		scored(func(c pronunciation.Counts) uint64 { return c.Crowded }))
	d.counted.Counter("scoring_timed_out_total", "Recordings that took longer than SPEECH_API_TIMEOUT.",
		scored(func(c pronunciation.Counts) uint64 { return c.TimedOut }))
	d.counted.Counter("scoring_resting_total", "Recordings that were turned away while the provider was left alone after failures.",
		scored(func(c pronunciation.Counts) uint64 { return c.Resting }))
	d.counted.Counter("scoring_hedged_total", "Second calls to the provider of scores, beside one that took long (SPEECH_API_HEDGE).",
		scored(func(c pronunciation.Counts) uint64 { return c.Hedged }))
	d.counted.Counter("scoring_hedges_won_total", "Second calls that answered before the first one.",
		scored(func(c pronunciation.Counts) uint64 { return c.HedgeWon }))
	d.counted.Counter("scoring_remembered_total", "Recordings that had been scored within 10 minutes.",
		scored(func(c pronunciation.Counts) uint64 { return c.Remembered }))
	d.counted.Counter("scoring_joined_total", "Recordings that waited for the answer to the same one, which was being scored.",
		scored(func(c pronunciation.Counts) uint64 { return c.Joined }))
	d.counted.Gauge("scoring_calls", "Calls to the provider that are in work now.", func() float64 { return float64(d.scored.Counts().Running) })
}

// onlyMetrics is what the listener of METRICS_ADDR answers: the metrics, and profiles of the running process. Whoever reaches
// it may read. The main listener has no profiles at all: they show the program's memory and cost time.
func onlyMetrics(page http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", page)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
