package telemetry

import (
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is what the daemon counts, in the form that Prometheus reads. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

// requestSeconds are the upper bounds of the histogram of requests. The spec demands a p95 of 200 ms and a p99 of 500 ms
// ("Response Time"); imports and uploads take minutes and are all in the last one.
var requestSeconds = []float64{.005, .01, .025, .05, .1, .2, .5, 1, 2, 5, 10}

// NewMetrics returns metrics of the process, the version, and nothing else so far.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "englishctl_http_request_duration_seconds", Buckets: requestSeconds,
			Help: "How long requests took, until the last byte of the answer, by method, route and status.",
		}, []string{"method", "route", "status"}),
	}
	about := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "englishctl_build_info", Help: "1, with the version that runs.",
		ConstLabels: prometheus.Labels{"version": Version().Version, "go": Version().Go},
	})
	about.Set(1)
	m.registry.MustRegister(m.requests, about,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// methods are those that are counted under their own names: whoever makes up others must not fill the memory.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions}

// KnownMethod returns the method, or "other" for one that is not counted under its own name.
func KnownMethod(method string) string {
	if slices.Contains(methods, method) {
		return method
	}
	return "other"
}

// Request notes that a request was answered. route is the template of its path, never the path; a status of 0 is a
// connection that was cut before the answer.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(KnownMethod(method), route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Counter adds a number that only grows, which is read when somebody asks for it. Its name ends in "_total" and must be
// new: otherwise Counter panics.
func (m *Metrics) Counter(name, help string, read func() uint64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "englishctl_" + name, Help: help},
		func() float64 { return float64(read()) }))
}

// Gauge adds a number that goes up and down, which is read when somebody asks for it. Its name must be new: otherwise
// Gauge panics.
func (m *Metrics) Gauge(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "englishctl_" + name, Help: help}, read))
}

// Measure is one number of a family of gauges.
type Measure struct {
	// Name is that of the family, Help its description: both are the same for all of its numbers.
	Name, Help string
	// Labels tell the numbers of a family apart; all of a family have the same ones.
	Labels map[string]string
	Value  float64
}

// Gauges adds families of gauges that come and go. read is called when somebody asks for them, and must not take long.
func (m *Metrics) Gauges(read func() []Measure) { m.registry.MustRegister(measures(read)) }

// measures is a collector that Prometheus does not check, since it does not know beforehand what it will say.
type measures func() []Measure

// Describe implements prometheus.Collector.
func (measures) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (read measures) Collect(out chan<- prometheus.Metric) {
	for _, m := range read() {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc("englishctl_"+m.Name, m.Help, nil, m.Labels), prometheus.GaugeValue, m.Value)
	}
}

// Handler answers with everything that is counted. What cannot be read is left out and logged.
func (m *Metrics) Handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelError), ErrorHandling: promhttp.ContinueOnError,
	})
}
