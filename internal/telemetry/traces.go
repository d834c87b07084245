package telemetry

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/XSAM/otelsql"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// How much may wait to be sent, and for how long a stop waits for it. What finds no room is dropped: play comes first.
const (
	maxSpansWaiting = 4096
	maxSpansSent    = 512 // at once
	spansEvery      = 2 * time.Second
	exportTimeout   = 5 * time.Second
	flushTimeout    = 3 * time.Second
)

// TracesConfig says where traces go.
type TracesConfig struct {
	// Endpoint is the base address of a collector that speaks OTLP over HTTP; /v1/traces follows.
	Endpoint *url.URL
	// Headers are sent with each export, for collectors that want a key.
	Headers map[string]string
	// Service is the name of the program among others.
	Service string
	// Ratio is the share of requests, 0 to 1, that are traced.
	Ratio float64
	// Log learns when the collector goes and comes back.
	Log *slog.Logger
}

// Traces sends what happened in each request to a collector (OpenTelemetry). A nil *Traces does nothing and costs nothing. It
// is safe for concurrent use.
//
// Spans have names of operations, templates of paths, statements without their parameters, and results of few words. They
// never hold what somebody has sent: no text, no token, no e-mail address, no query, no path with its ids, no error's words.
type Traces struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	exporter *calmExporter
}

// NewTraces returns traces that are sent in the background. It does not connect yet.
func NewTraces(ctx context.Context, cfg TracesConfig) (*Traces, error) {
	endpoint := strings.TrimSuffix(cfg.Endpoint.String(), "/") + "/v1/traces"
	otlp, err := otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(endpoint), otlptracehttp.WithHeaders(cfg.Headers), otlptracehttp.WithTimeout(exportTimeout),
		// What cannot be sent now is not worth waiting for: more of it is coming.
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: false}),
		otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
	if err != nil {
		return nil, fmt.Errorf("set up traces (OTEL_EXPORTER_OTLP_ENDPOINT): %w", err)
	}
	about, err := resource.New(ctx, resource.WithFromEnv(), resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", cfg.Service), attribute.String("service.version", Version().Version)))
	if err != nil {
		return nil, fmt.Errorf("describe this program to the collector of traces (OTEL_RESOURCE_ATTRIBUTES): %w", err)
	}
	// The library's own complaints, of which there may be one for each export; ours is said once.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { cfg.Log.DebugContext(ctx, "traces", "error", err) }))
	t := &Traces{exporter: &calmExporter{SpanExporter: otlp, log: cfg.Log}}
	t.provider = sdktrace.NewTracerProvider(
		sdktrace.WithResource(about),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(cfg.Ratio))),
		sdktrace.WithSpanProcessor(discreet{}),
		sdktrace.WithBatcher(t.exporter, sdktrace.WithMaxQueueSize(maxSpansWaiting), sdktrace.WithMaxExportBatchSize(maxSpansSent),
			sdktrace.WithBatchTimeout(spansEvery), sdktrace.WithExportTimeout(exportTimeout)),
	)
	t.tracer = t.provider.Tracer("github.com/englishapp/englishctl")
	return t, nil
}

// Handler traces each request. Traces that callers have begun are linked, not continued: strangers do not decide what is
// traced.
func (t *Traces) Handler(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return otelhttp.NewHandler(next, "request",
		otelhttp.WithTracerProvider(t.provider), otelhttp.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithPublicEndpointFn(func(*http.Request) bool { return true }),
		otelhttp.WithFilter(func(r *http.Request) bool { return !probes[r.URL.Path] }),
		otelhttp.WithSpanNameFormatter(func(string, *http.Request) string { return "request" }))
}

// probes are asked every few seconds, and tell nobody anything.
var probes = map[string]bool{"/healthz": true, "/readyz": true, "/metrics": true}

// Route names the request's span after the template of its path, when that is known.
func (t *Traces) Route(ctx context.Context, method, route string) {
	if t == nil {
		return
	}
	span := trace.SpanFromContext(ctx)
	span.SetName(method + " " + route)
	span.SetAttributes(attribute.String("http.route", route), attribute.String("url.path", route))
}

// Start begins a span of an operation on something outside; the function that it returns ends it. result is "ok" or what
// went wrong, in one of a few words.
func (t *Traces) Start(ctx context.Context, name string) (_ context.Context, end func(result string)) {
	if t == nil || !trace.SpanContextFromContext(ctx).IsValid() { // by itself it would be a trace of one span
		return ctx, func(string) {}
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient))
	return ctx, func(result string) {
		span.SetAttributes(attribute.String("result", result))
		if result != "ok" {
			span.SetStatus(codes.Error, result)
		}
		span.End()
	}
}

// OpenDB is sql.OpenDB whose statements are spans of the requests that they are made for. system is "postgresql" or
// "sqlite".
func (t *Traces) OpenDB(system string, connector driver.Connector) *sql.DB {
	if t == nil {
		return sql.OpenDB(connector)
	}
	return otelsql.OpenDB(connector,
		otelsql.WithTracerProvider(t.provider), otelsql.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelsql.WithAttributes(attribute.String("db.system.name", system)),
		otelsql.WithSpanNameFormatter(func(_ context.Context, method otelsql.Method, statement string) string {
			if verb, _, _ := strings.Cut(strings.TrimSpace(statement), " "); verb != "" {
				return "db " + strings.ToUpper(strings.TrimSpace(verb))
			}
			return "db " + strings.TrimPrefix(string(method), "sql.")
		}),
		// An error's words may quote a value.
		otelsql.WithSpanErrorAttributesGetter(func(err error) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("error.type", fmt.Sprintf("%T", err))}
		}),
		otelsql.WithSpanOptions(otelsql.SpanOptions{
			DisableErrSkip: true, OmitConnResetSession: true, OmitConnPrepare: true, OmitRows: true,
			RecordError: func(error) bool { return false },
			SpanFilter: func(ctx context.Context, _ otelsql.Method, _ string, _ []driver.NamedValue) bool {
				return trace.SpanContextFromContext(ctx).IsValid()
			},
		}))
}

// Lost returns how many spans the collector did not take.
func (t *Traces) Lost() uint64 {
	if t == nil {
		return 0
	}
	return t.exporter.lost.Load()
}

// Sent returns how many spans the collector has taken.
func (t *Traces) Sent() uint64 {
	if t == nil {
		return 0
	}
	return t.exporter.sent.Load()
}

// Close sends what waits, for three seconds at most.
func (t *Traces) Close() error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("end the traces: %w", err)
	}
	return nil
}

// strangersWords are attributes of a request's span that its sender has written, or that say where somebody is.
var strangersWords = []attribute.Key{"url.path", "url.query", "user_agent.original", "client.address", "network.peer.address", "http.request.method_original"}

// discreet takes out of spans what their sender has written, before anybody sees it. Route puts the template in its place.
type discreet struct{}

// OnStart implements sdktrace.SpanProcessor.
func (discreet) OnStart(_ context.Context, span sdktrace.ReadWriteSpan) {
	for _, a := range span.Attributes() {
		for _, key := range strangersWords {
			if a.Key == key {
				span.SetAttributes(key.String(""))
			}
		}
	}
}

// OnEnd implements sdktrace.SpanProcessor.
func (discreet) OnEnd(sdktrace.ReadOnlySpan) {}

// Shutdown implements sdktrace.SpanProcessor.
func (discreet) Shutdown(context.Context) error { return nil }

// ForceFlush implements sdktrace.SpanProcessor.
func (discreet) ForceFlush(context.Context) error { return nil }

// calmExporter says once that spans cannot be sent, and once that they can again, and counts them.
type calmExporter struct {
	sdktrace.SpanExporter
	log        *slog.Logger
	failing    atomic.Bool
	sent, lost atomic.Uint64
}

// ExportSpans implements sdktrace.SpanExporter. It never fails: whoever calls it could only complain.
func (e *calmExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	if err != nil {
		e.lost.Add(uint64(len(spans)))
		if !e.failing.Swap(true) {
			e.log.WarnContext(ctx, "traces cannot be sent; going on without them", "error", err)
		}
		return nil
	}
	e.sent.Add(uint64(len(spans)))
	if e.failing.Swap(false) {
		e.log.InfoContext(ctx, "traces can be sent again")
	}
	return nil
}

// traceID returns the id of the trace that ctx belongs to, or "".
func traceID(ctx context.Context) string {
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		return sc.TraceID().String()
	}
	return ""
}
