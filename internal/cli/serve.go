package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/app"
	"github.com/englishapp/englishctl/internal/telemetry"
)

func newServe(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the daemon that phones call",
		Long: `Run the REST daemon until it is told to stop (Ctrl-C, SIGTERM).

With nothing set it keeps everything in ./data: a SQLite database, the
recordings, its keys. With DATABASE_URL, S3_ENDPOINT_URL and REDIS_URL it uses
PostgreSQL, an S3 store and Redis instead.

At a stop it first sends balancers elsewhere while it still answers
(SHUTDOWN_DELAY; 5 seconds with PostgreSQL, 0 without), then takes no new
requests and gives those in flight 20 seconds (SHUTDOWN_TIMEOUT). A second
Ctrl-C ends it at once.

It does not start, and says why, on a wrong setting, on a PostgreSQL schema that
is older than the program (see "englishctl migrate up"), or where another daemon
runs on the same data directory.`,
		Example: `  englishctl serve
  API_PORT=9000 DATA_DIR=/var/lib/englishctl englishctl serve
  englishctl serve --database-url-file /run/secrets/database_url \
      --jwt-secret-key-file /run/secrets/jwt_key --auto-migrate`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runServe(cmd, e) },
	}
}

func runServe(cmd *cobra.Command, e *env) error {
	e.headroom = nil // the daemon has its own
	cfg, _, err := e.load(cmd)
	if err != nil {
		return err
	}
	if err := cfg.ValidateForServe(); err != nil {
		return &usageError{err}
	}
	daemon, err := app.OpenDaemon(cmd.Context(), cfg, e.logger(cfg))
	if err != nil {
		return err
	}
	if telemetry.Format(cfg.Log.Format).IsText(isTerminal(e.Stderr)) {
		greet(e.talk(), daemon.About())
	}
	daemon.Tell = supervisor(e.Environ)
	err = daemon.Serve(cmd.Context())
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, daemon.Close())
}

// greet says on the terminal what the daemon uses and what to do next.
func greet(w io.Writer, about app.About) {
	fmt.Fprintf(w, "\nenglishctl %s\n\n", telemetry.Version().Version)
	for _, part := range [][2]string{
		{"address", about.Address + "/api/v1"},
		{"database", about.Database},
		{"audio", about.Audio},
		{"decoder", about.Decoder},
		{"cache", about.Cache},
		{"mail", about.Mail},
		{"pronunciation", about.Pronunciation},
	} {
		fmt.Fprintf(w, "  %-14s %s\n", part[0], part[1])
	}
	fmt.Fprintln(w)
	for _, hint := range about.Next {
		fmt.Fprintln(w, "  "+hint)
	}
	fmt.Fprint(w, "  Stop with Ctrl-C.\n\n")
}
