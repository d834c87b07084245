package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// newTraces returns nil where no collector is set.
func newTraces(ctx context.Context, cfg config.Tracing, log *slog.Logger) (*telemetry.Traces, error) {
	if cfg.Endpoint == nil {
		return nil, nil
	}
	headers := make(map[string]string, len(cfg.Headers))
	for name, value := range cfg.Headers {
		headers[name] = value.Reveal()
	}
	return telemetry.NewTraces(ctx, telemetry.TracesConfig{
		Endpoint: cfg.Endpoint, Headers: headers, Service: cfg.Service, Ratio: cfg.Ratio, Log: log,
	})
}

// newReports returns nil where no project in Sentry is set.
func newReports(cfg config.Tracing) (*telemetry.Reports, error) {
	if cfg.SentryDSN == "" {
		return nil, nil
	}
	return telemetry.NewReports(cfg.SentryDSN.Reveal(), time.Now)
}
