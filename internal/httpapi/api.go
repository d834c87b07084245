package httpapi

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// Deps are the services behind the API.
type Deps struct {
	Accounts   accounts
	Catalog    catalogue
	Practice   sessions
	Imports    imports
	Audit      auditLog
	Stats      counter
	Recordings recordings
	// Media is nil where another server has the recordings; /media is 404 then.
	Media media
	// Checks are what /readyz asks; none means always ready.
	Checks []Check
}

// Config is what the API needs to know of its surroundings. The zero value works.
type Config struct {
	// Log takes one line per request and one per failure; nil means slog.Default().
	Log *slog.Logger
	// ClientAddress says which IP address a request comes from; nil means the other end of the connection.
	ClientAddress func(*http.Request) string
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
	imports    imports
	audit      auditLog
	stats      counter
	recordings recordings
	media      media
	checks     []Check

	log           *slog.Logger
	clientAddress func(*http.Request) string
	newRequestID  func() string
	now           func() time.Time
}

// New returns an API over the services.
func New(deps Deps, cfg Config) *API {
	a := &API{
		accounts:      deps.Accounts,
		catalog:       deps.Catalog,
		practice:      deps.Practice,
		imports:       deps.Imports,
		audit:         deps.Audit,
		stats:         deps.Stats,
		recordings:    deps.Recordings,
		media:         deps.Media,
		checks:        deps.Checks,
		log:           cfg.Log,
		clientAddress: cfg.ClientAddress,
		newRequestID:  cfg.NewRequestID,
		now:           cfg.Now,
	}
	if a.log == nil {
		a.log = slog.Default()
	}
	if a.clientAddress == nil {
		a.clientAddress = remoteHost
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

// remoteHost returns the IP address at the other end of the connection.
func remoteHost(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr // a listener without ports, such as a Unix socket
	}
	return host
}
