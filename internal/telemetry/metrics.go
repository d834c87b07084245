package telemetry

import (
	"database/sql"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// prefix begins the names of all metrics but those of the Go runtime, the process and the database pools, which
// Prometheus' own collectors name.
const prefix = "englishctl_"

// Metrics is what the daemon counts, in the form that Prometheus reads. It is safe for concurrent use. A nil *Metrics
// counts nothing: commands have none.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	errors   *prometheus.CounterVec
	inFlight prometheus.Gauge
}

// LatencySeconds are the upper bounds of histograms of how long something took: three in each tenfold from 1 ms to 10 s, so
// that a quantile read from them is off by less than a factor of 2.5 at worst. Two of them are the specification's own
// ("Response Time": p95 under 200 ms, p99 under 500 ms). Imports and uploads take minutes and are all beyond the last.
var LatencySeconds = []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10}

// NewMetrics returns metrics of requests, of the process and of the version; the others are added.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: prefix + "http_request_duration_seconds", Buckets: LatencySeconds,
			Help: "How long requests took, until the last byte of the answer, by method, route and class of the status.",
		}, []string{"method", "route", "class"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: prefix + "http_errors_total",
			Help: "Requests that were answered with a status of 400 and more, or (0) not at all.",
		}, []string{"method", "route", "status"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + "http_requests_in_flight", Help: "Requests that are in work now."}),
	}
	build := Version()
	about := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: prefix + "build_info", Help: "1, with the version that runs.",
		ConstLabels: prometheus.Labels{"version": build.Version, "revision": build.Commit, "go": build.Go},
	})
	about.Set(1)
	m.registry.MustRegister(m.requests, m.errors, m.inFlight, about,
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

// classes are the classes of a status by its first digit.
var classes = [...]string{"cut", "1xx", "2xx", "3xx", "4xx", "5xx"}

// Begin notes that a request has come in; Request notes its end.
func (m *Metrics) Begin() { m.inFlight.Inc() }

// Request notes that a request was answered. route is the template of its path, never the path; a status of 0 is a
// connection that was cut before the answer.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	m.inFlight.Dec()
	method = KnownMethod(method)
	class := "other"
	if first := status / 100; first < len(classes) {
		class = classes[first]
	}
	m.requests.WithLabelValues(method, route, class).Observe(took.Seconds())
	if status == 0 || status >= http.StatusBadRequest {
		m.errors.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	}
}

// Pool adds the numbers of a pool of database connections, under the names go_sql_… and the label db_name.
func (m *Metrics) Pool(name string, pool *sql.DB) {
	m.registry.MustRegister(collectors.NewDBStatsCollector(pool, name))
}

// Counters adds numbers that only grow, one for each combination of the values of its labels, of which there must be few.
// The function that it returns adds to one of them. Names are those of Counter.
func (m *Metrics) Counters(name, help string, labels ...string) func(n float64, values ...string) {
	if m == nil {
		return func(float64, ...string) {}
	}
	counters := prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, labels)
	m.registry.MustRegister(counters)
	return func(n float64, values ...string) { counters.WithLabelValues(values...).Add(n) }
}

// Histogram adds how often values lay below each of the bounds, for each combination of the values of its labels, of which
// there must be few. The function that it returns notes a value. Its name ends in a unit ("_seconds") and must be new.
func (m *Metrics) Histogram(name, help string, bounds []float64, labels ...string) func(value float64, values ...string) {
	if m == nil {
		return func(float64, ...string) {}
	}
	histogram := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + name, Help: help, Buckets: bounds}, labels)
	m.registry.MustRegister(histogram)
	return func(value float64, values ...string) { histogram.WithLabelValues(values...).Observe(value) }
}

// Counter adds a number that only grows, which is read when somebody asks for it. Its name ends in "_total" and must be
// new: otherwise Counter panics.
func (m *Metrics) Counter(name, help string, read func() uint64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: prefix + name, Help: help},
		func() float64 { return float64(read()) }))
}

// Lookups adds the numbers of looks into a cache, which are read when somebody asks for them.
func (m *Metrics) Lookups(cache string, hits, misses func() uint64) {
	if m == nil {
		return
	}
	for result, read := range map[string]func() uint64{"hit": hits, "miss": misses} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: prefix + "cache_lookups_total", Help: "Looks into caches, by cache and result (hit, miss).",
			ConstLabels: prometheus.Labels{"cache": cache, "result": result},
		}, func() float64 { return float64(read()) }))
	}
}

// Gauge adds a number that goes up and down, which is read when somebody asks for it. Its name must be new: otherwise
// Gauge panics.
func (m *Metrics) Gauge(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: prefix + name, Help: help}, read))
}

// described finds the name in what Prometheus' own description of a metric says of itself, its only way to tell.
var described = regexp.MustCompile(`fqName: "([^"]+)"`)

// Names are the names of all metrics, in order, with those that have no value yet. Histograms have one name.
func (m *Metrics) Names() []string {
	descriptions := make(chan *prometheus.Desc)
	go func() {
		defer close(descriptions)
		m.registry.Describe(descriptions)
	}()
	var names []string
	for d := range descriptions {
		if found := described.FindStringSubmatch(d.String()); found != nil {
			names = append(names, found[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
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
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(prefix+m.Name, m.Help, nil, m.Labels), prometheus.GaugeValue, m.Value)
	}
}

// Handler answers with everything that is counted. What cannot be read is left out and logged.
func (m *Metrics) Handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelError), ErrorHandling: promhttp.ContinueOnError,
	})
}
