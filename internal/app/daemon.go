package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/httpapi"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// Daemon is the wired program with its HTTP server.
type Daemon struct {
	*App
	listener net.Listener
	seats    *seats
	rest     *httpapi.API
	server   *http.Server
	// metricsListener and metricsServer are nil where /metrics is on the main listener.
	metricsListener net.Listener
	metricsServer   *http.Server
	lock            *instanceLock
	address         string
	limits          limits
	counted         *telemetry.Metrics
	traces          *telemetry.Traces  // nil: nothing is traced
	reports         *telemetry.Reports // nil: nobody learns of failures
	// Tell, where it is not nil, hears what systemd's supervisor wants to know (sd_notify(3)): "READY=1" once requests are
	// answered, and "STOPPING=1" at the beginning of a stop.
	Tell       func(state string) error
	lookedBack lookedBack
	headroom   []byte
}

// OpenDaemon wires everything and takes the port, so that whatever is wrong shows before the first request.
//
// It refuses a second daemon on one embedded database, naming the first one's process.
func OpenDaemon(ctx context.Context, cfg *config.Config, log *slog.Logger) (_ *Daemon, err error) {
	d := &Daemon{headroom: newHeadroom(), counted: telemetry.NewMetrics()}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	if d.lock, err = lockInstance(cfg); err != nil {
		return nil, err
	}
	port, err := listen(ctx, cfg.HTTP.Addr(), "API_HOST:API_PORT")
	if err != nil {
		return nil, err
	}
	d.seats = newSeats(clientsOf(openFiles()))
	d.listener = newLastCallListener(port, d.seats)
	if addr := cfg.HTTP.MetricsAddr; addr != "" {
		if d.metricsListener, err = listen(ctx, addr, "METRICS_ADDR"); err != nil {
			return nil, err
		}
	}
	if d.traces, err = newTraces(ctx, cfg.Tracing, log); err != nil {
		return nil, err
	}
	if d.reports, err = newReports(cfg.Tracing); err != nil {
		return nil, err
	}
	d.address = publicAddress(cfg, d.listener.Addr())
	if d.App, err = open(ctx, cfg, log, d.address, newWatch(d.counted, d.traces)); err != nil {
		return nil, err
	}
	if err = d.PrepareAudio(ctx); err != nil {
		return nil, err
	}
	d.arrangeBucket(ctx)
	if err = d.followReplica(); err != nil {
		return nil, err
	}
	d.limits = newLimits(d.cache)
	d.count()
	page := d.counted.Handler(log)
	if d.metricsListener != nil {
		d.metricsServer = httpapi.NewServer(onlyMetrics(page), log)
		page = nil
	}
	d.rest = d.api(page)
	d.server = httpapi.NewServer(d.traces.Handler(d.rest.Handler()), log)
	d.server.ConnState = d.seats.connState
	if cfg.HTTP.TLS() {
		certs, err := openCertificates(cfg.HTTP.TLSCertFile, cfg.HTTP.TLSKeyFile, log, time.Now)
		if err != nil {
			return nil, err
		}
		d.server.TLSConfig = certs.config()
	}
	return d, nil
}

// listen takes the address that a setting names.
func listen(ctx context.Context, addr, setting string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", setting, err)
	}
	return l, nil
}

// publicAddress is where phones find the daemon: PUBLIC_URL, or else where it listens.
func publicAddress(cfg *config.Config, listening net.Addr) string {
	if cfg.HTTP.PublicURL != nil {
		return cfg.HTTP.PublicURL.String()
	}
	scheme, host := "http", cfg.HTTP.Host
	if cfg.HTTP.TLS() {
		scheme = "https"
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	port := cfg.HTTP.Port
	if tcp, ok := listening.(*net.TCPAddr); ok {
		port = tcp.Port
	}
	u := url.URL{Scheme: scheme, Host: net.JoinHostPort(host, strconv.Itoa(port))}
	return u.String()
}

// Serve answers requests until ctx ends, then stops in good order: for SHUTDOWN_DELAY it sends everybody elsewhere while it still
// answers, then it takes no new connection, gives the requests in flight SHUTDOWN_TIMEOUT to finish, and cuts off what is left.
// It returns nil after an orderly stop.
func (d *Daemon) Serve(ctx context.Context) error {
	// What goes on beside requests ends after the last of them, not when ctx does: mails have been promised until then, and
	// imports need their lease.
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var group errgroup.Group
	group.Go(func() error {
		d.Accounts.RunOutbox(work)
		return nil
	})
	catalogueRead := make(chan struct{})
	group.Go(func() error {
		defer close(catalogueRead)
		_ = d.Catalog.Ready(work) // before the first learner needs it. Who asks for /readyz waits for that, and begins anew what fails
		return nil
	})
	for _, later := range []func(context.Context){d.Imports.Run, d.housekeep, d.lookBack} { // they look through all there is, and would delay it
		group.Go(func() error {
			<-catalogueRead
			later(work)
			return nil
		})
	}
	undecodable := make(chan error, 1)
	group.Go(func() error {
		d.prepareDecoder(work, undecodable)
		return nil
	})
	served := make(chan error, 1)
	go func() { served <- serve(d.server, d.listener) }()
	if d.metricsServer != nil {
		group.Go(func() error { return serve(d.metricsServer, d.metricsListener) })
		d.log.InfoContext(ctx, "serving metrics", "address", d.metricsListener.Addr().String())
	}
	d.log.InfoContext(ctx, "serving", "address", d.address, "database", d.db.Dialect())
	d.tell("READY=1")

	var err error
	select {
	case err = <-served: // the listener broke
	case err = <-undecodable:
		err = errors.Join(err, d.shutdown())
	case <-ctx.Done():
		d.tell("STOPPING=1")
		d.drain()
		err = d.shutdown()
	}
	stopWork()
	d.addRequests(context.WithoutCancel(ctx))
	if d.metricsServer != nil { // last: a stop may be watched
		err = errors.Join(err, d.metricsServer.Close())
	}
	return errors.Join(err, group.Wait())
}

// prepareDecoder compiles the full decoder, where there is one, while requests are answered already. A module that turns out to
// be damaged ends the daemon: it is a setting that is wrong, and no request will mend it.
func (d *Daemon) prepareDecoder(ctx context.Context, broken chan<- error) {
	if d.decoder.module == nil {
		return
	}
	took, err := d.decoder.prepare()
	if err != nil {
		broken <- err
		return
	}
	d.log.InfoContext(ctx, "the full audio decoder is ready", "file", d.cfg.Speech.AudioDecoderWASM, "compiled_in", took.String())
}

// serve answers until the server is closed. Where it has a TLSConfig, it speaks TLS, with the certificate from there.
func serve(s *http.Server, l net.Listener) error {
	var err error
	if s.TLSConfig != nil {
		err = s.ServeTLS(l, "", "")
	} else {
		err = s.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve HTTP: %w", err)
}

// tell lets the supervisor know. One that does not hear is no reason not to serve.
func (d *Daemon) tell(state string) {
	if d.Tell == nil {
		return
	}
	if err := d.Tell(state); err != nil {
		d.log.Warn("the supervisor was not told", "state", state, "error", err)
	}
}

// drain sends everybody elsewhere before the port closes. A balancer learns from /readyz, or from connections that end after
// an answer, and none of its requests is lost on a connection that closes while it is being used.
func (d *Daemon) drain() {
	delay := d.cfg.HTTP.ShutdownDelay
	if delay == 0 {
		return
	}
	d.log.Info("sending everybody elsewhere", "delay", delay.String())
	d.rest.Drain()
	time.Sleep(delay) // nothing ends it but the process: a second signal does that
}

// shutdown has a context of its own: the one that ended is why it runs.
func (d *Daemon) shutdown() error {
	d.log.Info("stopping", "grace", d.cfg.HTTP.ShutdownTimeout.String())
	ctx, cancel := context.WithTimeout(context.Background(), d.cfg.HTTP.ShutdownTimeout)
	defer cancel()
	if err := d.server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests in flight were cut off after %s: %w", d.cfg.HTTP.ShutdownTimeout, err), d.server.Close())
	}
	d.log.Info("stopped")
	return nil
}

// Close lets go of whatever OpenDaemon had taken.
func (d *Daemon) Close() error {
	var err error
	if d.App != nil {
		defer telemetry.Flush(d.log)
		err = d.App.Close()
	}
	for _, l := range []net.Listener{d.listener, d.metricsListener} {
		if l == nil {
			continue
		}
		if closing := l.Close(); !errors.Is(closing, net.ErrClosed) {
			err = errors.Join(err, closing)
		}
	}
	d.reports.Close()
	return errors.Join(err, d.traces.Close(), d.lock.release())
}
