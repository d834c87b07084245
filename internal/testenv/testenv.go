// Package testenv tells tests where the real services are that `make test` has started.
package testenv

import (
	"os"
	"testing"
)

// Required returns the value of an environment variable that names a running service.
//
// Where it is not set, the test fails if TEST_SERVICES_REQUIRED=1 (as under `make test`, which has promised to
// start the service); otherwise it is skipped with a sentence that says how to run it.
func Required(tb testing.TB, name string) string {
	tb.Helper()
	if v := os.Getenv(name); v != "" {
		return v
	}
	if os.Getenv("TEST_SERVICES_REQUIRED") == "1" {
		tb.Fatalf("%s is not set, but TEST_SERVICES_REQUIRED=1 promises the service", name)
	}
	tb.Skipf("%s is not set: run `make test`, which starts the services", name)
	return ""
}
