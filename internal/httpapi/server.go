package httpapi

import (
	"log/slog"
	"net/http"
	"time"
)

// How long a connection may take. A route that needs longer says so in routes.go and moves the deadlines of its own
// requests (see route.ServeHTTP); all the others share these.
const (
	// usualTime is how long the work for a request may take, from the end of its header to the handler's return.
	usualTime = 15 * time.Second
	// headerTime keeps clients that send one byte a minute from holding connections.
	headerTime = 5 * time.Second
	// readTime covers header and body. It is longer than headerTime and usualTime together: when it ends while a
	// handler is still at work, net/http takes the caller for gone.
	readTime = 25 * time.Second
	// writeTime runs from the end of the header and leaves time to send the answer after the work.
	writeTime = 45 * time.Second
	idleTime  = 2 * time.Minute
	// maxHeaderBytes is far above any token of ours, far below net/http's default of 1 MiB.
	maxHeaderBytes = 64 << 10
)

// NewServer returns a server for the handler whose limits fit the API's routes. What net/http itself complains about
// goes to log. The caller gives it a listener.
func NewServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeaderBytes,
		// Otherwise net/http would answer OPTIONS * by itself, without a request id and beside the access log.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
