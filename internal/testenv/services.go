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
	return program(tb, "promtool", "promtool")
}

// RedisServer returns the path of Debian's redis-server, for a test that needs one of its own to freeze and kill. Where there is none
// it does as Promtool.
func RedisServer(tb testing.TB) string {
	tb.Helper()
	return program(tb, "redis", "redis-server")
}

// Nginx returns the path of nginx, which Debian has where only root looks. Where there is none it does as Promtool.
func Nginx(tb testing.TB) string {
	tb.Helper()
	return program(tb, "nginx", "nginx", "/usr/sbin/nginx")
}

// program returns the first of the programs, by name or path, that is there.
func program(tb testing.TB, service string, programs ...string) string {
	tb.Helper()
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("TEST_SERVICES_REQUIRED") == "1" {
		tb.Fatalf("there is no %s, but TEST_SERVICES_REQUIRED=1 promises one", programs[0])
	}
	tb.Skipf("there is no %s: run `make test`, which installs it, or scripts/install-services %s", programs[0], service)
	return ""
}
