package testenv

import (
	"os"
	"os/exec"
	"testing"
)

// Promtool returns the path of Prometheus' own checker of rules, which Debian's package prometheus has. Where there is none, the
// test fails if TEST_SERVICES_REQUIRED=1 (as under `make test`, which installs it); otherwise it is skipped with a sentence that
// says so.
func Promtool(tb testing.TB) string {
	tb.Helper()
	path, err := exec.LookPath("promtool")
	if err == nil {
		return path
	}
	if os.Getenv("TEST_SERVICES_REQUIRED") == "1" {
		tb.Fatalf("there is no promtool, but TEST_SERVICES_REQUIRED=1 promises one: %v", err)
	}
	tb.Skip("there is no promtool: run `make test`, which installs it, or scripts/install-services promtool")
	return ""
}

// RedisServer returns the path of Debian's redis-server, for a test that needs one of its own to freeze and kill. Where there is none
// it does as Promtool.
func RedisServer(tb testing.TB) string {
	tb.Helper()
	path, err := exec.LookPath("redis-server")
	if err == nil {
		return path
	}
	if os.Getenv("TEST_SERVICES_REQUIRED") == "1" {
		tb.Fatalf("there is no redis-server, but TEST_SERVICES_REQUIRED=1 promises one: %v", err)
	}
	tb.Skip("there is no redis-server: run `make test`, which installs it, or scripts/install-services redis")
	return ""
}
