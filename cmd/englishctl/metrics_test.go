package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// With a listener of their own the metrics are there, and nowhere else, and nothing else is there.
func TestMetricsListener(t *testing.T) {
	s := stack{env: []string{"DATA_DIR=" + t.TempDir(), "METRICS_ADDR=127.0.0.1:0"}}
	d := s.serve(t)
	main := client{t: t, base: d.address}
	own := client{t: t, base: "http://" + d.metricsAddress()}
	main.want(http.StatusNotFound, "GET", "/metrics", nil)
	own.want(http.StatusNotFound, "GET", "/healthz", nil)
	if waiting := own.metric("englishctl_mails_waiting"); waiting != 0 {
		t.Errorf("%v mails wait", waiting)
	}
	d.stop()
}

// metricsAddress is where the log says that the metrics are.
func (d *daemon) metricsAddress() string {
	d.t.Helper()
	for line := range strings.Lines(d.logged()) {
		var said struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "serving metrics" {
			return said.Address
		}
	}
	d.t.Fatalf("the log does not say where the metrics are:\n%s", d.logged())
	return ""
}
