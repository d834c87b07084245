package app

import (
	"net/http"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// metrics makes the daemon's limits and metrics, and says where the numbers come from that others keep.
func (d *Daemon) metrics() *telemetry.Metrics {
	d.limits, d.counted = newLimits(d.cache), telemetry.NewMetrics()
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
	return d.counted
}

// onlyMetrics is what the listener of METRICS_ADDR answers. Whoever reaches it may read.
func onlyMetrics(page http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", page)
	return mux
}
