package cli

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/config"
)

// readyTimeout is longer than /readyz itself may take, which is 2 seconds.
const readyTimeout = 3 * time.Second

func newReady(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "ready",
		Short: "Say whether the daemon of these settings is ready",
		Long: `Ask the daemon on this machine that has the same settings (API_HOST, API_PORT,
TLS_CERT_FILE) for /readyz. The exit code is 0 where it is ready and 1 where it
is not, or does not answer within 3 seconds: for health checks of containers,
which have no other program to ask with.`,
		Example: `  englishctl ready`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, _, err := e.load(cmd)
			if err != nil {
				return err
			}
			return askReady(cmd.Context(), cfg, e.Stdout)
		},
	}
}

// askReady prints what /readyz says; its error says that it is not 200.
func askReady(ctx context.Context, cfg *config.Config, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, ownAddress(cfg)+"/readyz", nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	if cfg.HTTP.TLS() {
		transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // the certificate names the public address, and nothing is told
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return fmt.Errorf("the daemon does not answer: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	if err != nil {
		return fmt.Errorf("the daemon does not answer: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the daemon is not ready: status %d: %s", res.StatusCode, said)
	}
	_, err = fmt.Fprintf(out, "%s\n", said)
	return err
}

// ownAddress is where a process on this machine reaches the daemon.
func ownAddress(cfg *config.Config) string {
	scheme, host := "http", cfg.HTTP.Host
	if cfg.HTTP.TLS() {
		scheme = "https"
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(cfg.HTTP.Port))
}
