package httpapi

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/telemetry"
)

// Deps are the services behind the API.
type Deps struct {
	Accounts   accounts
	Catalog    catalogue
	Practice   sessions
	Scores     scorer
	Imports    imports
	Audit      auditLog
	Stats      counter
	Recordings recordings
	// Media is nil where another server has the recordings; /media is 404 then.
	Media media
	// Limiter counts requests; nil means that they are not limited.
	Limiter limiter
	// Signatures checks the signatures of critical requests; nil means that nothing needs one.
	Signatures signatures
	// Checks are what /readyz asks; none means always ready.
	Checks []Check
	// Requests is told of every answer; nil means that nobody counts them.
	Requests requestCounter
	// Metrics is the page at /metrics, for callers from nearby; it is 404 where this is nil.
	Metrics http.Handler
	// Insider lets "englishctl doctor" ask how its requests look from here; nobody may where this is nil.
	Insider insider
	// Spans names the traces of requests; nil means that there are none.
	Spans spans
	// Reports is told of answers of 500 and more, and of panics; nil means nobody.
	Reports reports
	// Pages are those of the panel; none where there is no panel.
	Pages []Page
}

// Config is what the API needs to know of its surroundings. The zero value works.
type Config struct {
	// Log takes one line per request and one per failure; nil means slog.Default().
	Log *slog.Logger
	// TrustedProxies are the networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
	TrustedProxies []netip.Prefix
	// AllowedOrigins are the web origins ("https://app.example.com") whose pages may call the API; "*" alone is all.
	AllowedOrigins []string
	// PublicURL is the API's address as clients see it, without a trailing slash; nil where it is not known.
	PublicURL *url.URL
	// RateLimits are requests a minute, by LimitNames; a name that is missing has its usual limit. Each is at least 1.
	RateLimits map[string]int
	// NewRequestID makes ids for requests that bring none; nil means random UUIDs.
	NewRequestID func() string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// API answers the product's REST requests. It is safe for concurrent use.
type API struct {
	accounts   accounts
	catalog    catalogue
	practice   sessions
	scores     scorer
	imports    imports
	audit      auditLog
	stats      counter
	recordings recordings
	media      media
	limiter    limiter
	signatures signatures
	checks     []Check
	requests   requestCounter
	insider    insider
	pages      []Page
	spans      spans
	reports    reports

	metricsPage http.Handler
	// lastTags is the last answer with all tags.
	lastTags atomic.Pointer[tagsPage]
	draining atomic.Bool // see Drain

	log          *slog.Logger
	requestLog   *telemetry.RequestLog
	proxies      proxies
	origins      origins
	publicURL    *url.URL
	rates        map[string]Rate
	newRequestID func() string
	now          func() time.Time
}

// New returns an API over the services.
func New(deps Deps, cfg Config) *API {
	a := &API{
		accounts:     deps.Accounts,
		catalog:      deps.Catalog,
		practice:     deps.Practice,
		scores:       deps.Scores,
		imports:      deps.Imports,
		audit:        deps.Audit,
		stats:        deps.Stats,
		recordings:   deps.Recordings,
		media:        deps.Media,
		limiter:      deps.Limiter,
		signatures:   deps.Signatures,
		checks:       deps.Checks,
		requests:     deps.Requests,
		spans:        deps.Spans,
		reports:      deps.Reports,
		metricsPage:  deps.Metrics,
		insider:      deps.Insider,
		pages:        deps.Pages,
		log:          cfg.Log,
		proxies:      cfg.TrustedProxies,
		origins:      cfg.AllowedOrigins,
		publicURL:    cfg.PublicURL,
		rates:        rates(cfg.RateLimits),
		newRequestID: cfg.NewRequestID,
		now:          cfg.Now,
	}
	if a.log == nil {
		a.log = slog.Default()
	}
	a.requestLog = telemetry.NewRequestLog(a.log)
	if a.requests == nil {
		a.requests = nobodyCounts{}
	}
	if a.spans == nil {
		a.spans = (*telemetry.Traces)(nil)
	}
	if a.reports == nil {
		a.reports = (*telemetry.Reports)(nil)
	}
	if a.newRequestID == nil {
		a.newRequestID = uuid.NewString
	}
	if a.now == nil {
		a.now = time.Now
	}
	return a
}

// Handler returns the whole API: the routes inside the middleware.
func (a *API) Handler() http.Handler { return a.middleware(a.router()) }
