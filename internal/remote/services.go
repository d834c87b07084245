package remote

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/englishapp/englishctl/internal/importing"
)

// Config says which daemon, and as whom.
type Config struct {
	// Server is the daemon's address without a trailing slash: "https://api.example.com".
	Server string
	// Agent is how the client calls itself: "englishctl/1.2.3".
	Agent string
	// Access and Refresh are the tokens; both are empty for who is not signed in yet.
	Access, Refresh string
	// Sign signs a request that changes something, whose body is the given one (docs/request-signing.md); nil signs none.
	Sign func(r *http.Request, body []byte) error
	// Files judges the files of an import where they are.
	Files importing.Files
	// Keep stores a new access token; nil keeps it in memory. That it fails costs the next client a refresh, no more.
	Keep func(access string) error
}

// Services are those of a daemon. They are safe for concurrent use.
type Services struct {
	Catalog  *Catalog
	Accounts *Accounts
	Stats    *Stats
	Imports  *Imports
	Audit    *Audit
	Scores   *Scores

	client *client
}

// New returns the services of a daemon. It asks the daemon for nothing yet.
func New(cfg Config) *Services {
	c := newClient(cfg)
	return &Services{
		Catalog: &Catalog{client: c}, Accounts: &Accounts{c}, Stats: &Stats{c}, Imports: &Imports{Files: cfg.Files, client: c}, Audit: &Audit{c}, Scores: &Scores{c}, client: c,
	}
}

// PrepareAudio has nothing to do: the daemon has prepared its store before it answered anybody.
func (s *Services) PrepareAudio(context.Context) error { return nil }

// Close lets connections go.
func (s *Services) Close() error {
	s.client.http.CloseIdleConnections()
	return nil
}

// How long the parts of making a connection may take.
const (
	dialTime      = 10 * time.Second
	handshakeTime = 10 * time.Second
	// continueTime is how long a daemon may take to say that it wants an upload's body. A proxy that never says so gets the
	// body all the same.
	continueTime = 5 * time.Second
	// connections is how many requests run side by side without opening a connection each.
	connections = 8
)

// transport is Go's usual one, which goes through the proxy that the environment names, with bounds on what may hang.
func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: dialTime}).DialContext
	t.TLSHandshakeTimeout = handshakeTime
	t.ExpectContinueTimeout = continueTime
	t.MaxIdleConnsPerHost = connections
	return t
}
