package app

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/httpapi"
	"github.com/englishapp/englishctl/internal/signature"
)

// api builds the REST API over the services, with the page of metrics where it has none of its own listener.
func (d *Daemon) api(metrics http.Handler) *httpapi.API {
	imports := newCountedImports(d.Imports, d.counted)
	deps := httpapi.Deps{
		Accounts:   newCountedAccounts(d.Accounts, d.counted),
		Catalog:    d.Catalog,
		Practice:   d.Practice,
		Scores:     newCountedScores(d.Scores, d.counted),
		Imports:    imports,
		Audit:      d.Audit,
		Stats:      d.Stats,
		Recordings: d.recordings,
		Limiter:    d.limits,
		Requests:   counters{d.counted, &d.lookedBack.requests},
		Metrics:    metrics,
		Spans:      d.traces,
		Reports:    d.reports,
		Checks: []httpapi.Check{
			{Name: "database", Probe: d.db.Ping},
			{Name: "catalogue", Probe: d.Catalog.Ready},
			{Name: "audio", Probe: d.recordings.Ping},
			{Name: "cache", Probe: d.cache.Ping, Optional: true},
		},
	}
	if disk, ok := d.recordings.store.(*blob.Disk); ok {
		deps.Media = media{disk}
	}
	if d.insider.key != nil {
		deps.Insider = d.insider
	}
	if secret := d.cfg.HTTP.RequestSigningSecret.Reveal(); secret != "" {
		deps.Signatures = d.signatures(secret)
	}
	panel := d.panel(imports)
	deps.Pages = panel.pages()
	panel.api = httpapi.New(deps, httpapi.Config{
		Log:            d.log,
		TrustedProxies: d.cfg.HTTP.TrustedProxies,
		AllowedOrigins: d.cfg.HTTP.AllowedOrigins,
		PublicURL:      d.cfg.HTTP.PublicURL,
		RateLimits:     rateLimits(d.cfg.HTTP),
	})
	return panel.api
}

// signatures checks critical requests, and counts those that are still signed with the secret before.
func (d *Daemon) signatures(secret string) *signature.Verifier {
	v := signature.NewVerifier(secret, d.cfg.HTTP.RequestSigningSecretPrevious.Reveal(), newNonces(d.cache), time.Now)
	d.counted.Counter("signatures_previous_total", "Signatures of requests that were made with REQUEST_SIGNING_SECRET_PREVIOUS.", v.ByPrevious)
	return v
}

// media is the embedded audio store in httpapi's type.
type media struct{ disk *blob.Disk }

// OpenSigned opens the recording that a link of the daemon's own leads to.
func (m media) OpenSigned(ctx context.Context, key, expires, signature string) (io.ReadSeekCloser, httpapi.MediaInfo, error) {
	content, info, err := m.disk.OpenSigned(ctx, key, expires, signature)
	return content, httpapi.MediaInfo(info), err
}
