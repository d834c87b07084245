package httpapi

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// knows is the only proof that is good.
type knows string

func (k knows) Proven(proof string) bool { return proof == string(k) }

// comingFrom is the handler as a connection from the address reaches it.
func comingFrom(address string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = address
		next.ServeHTTP(w, r)
	})
}

func TestVantage(t *testing.T) {
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	api := New(Deps{Insider: knows("good")}, Config{
		Log: newLogger(t), Now: func() time.Time { return now }, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
	}).Handler()
	for _, tt := range []struct {
		name, from, forwarded, proto string
		want                         vantageResponse
	}{
		{"nobody between", "203.0.113.7:4711", "", "", vantageResponse{Client: "203.0.113.7", Peer: "203.0.113.7", ForwardedFor: []string{}}},
		{"a trusted proxy", "10.0.0.2:80", "192.0.2.1, 203.0.113.7", "https",
			vantageResponse{Client: "203.0.113.7", Peer: "10.0.0.2", PeerTrusted: true, ForwardedFor: []string{"192.0.2.1", "203.0.113.7"}, HTTPS: true}},
		{"a stranger's proxy", "198.51.100.9:80", "192.0.2.1", "https", vantageResponse{Client: "198.51.100.9", Peer: "198.51.100.9", ForwardedFor: []string{"192.0.2.1"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			header := map[string]string{"Authorization": "Doctor good"}
			if tt.forwarded != "" {
				header["X-Forwarded-For"], header["X-Forwarded-Proto"] = tt.forwarded, tt.proto
			}
			got := send(t, comingFrom(tt.from, api), request{path: "//vantage", header: header})
			var answer vantageResponse
			if err := json.Unmarshal([]byte(got.body), &answer); err != nil || got.status != 200 {
				t.Fatalf("%d %s: %v", got.status, got.body, err)
			}
			answer.Version, tt.want.Time = "", now
			if diff := cmp.Diff(tt.want, answer); diff != "" {
				t.Errorf("seen (-want +got):\n%s", diff)
			}
		})
	}
	for _, header := range []string{"", "Doctor bad", "Doctor ", "Bearer good", "good"} {
		got := send(t, api, request{path: "//vantage", header: map[string]string{"Authorization": header}})
		if got.status != 404 || got.problem(t).Code != "unknown_path" {
			t.Errorf("Authorization %q: %d %s", header, got.status, got.body)
		}
	}
	if got := send(t, New(Deps{}, Config{Log: newLogger(t)}).Handler(), request{path: "//vantage", header: map[string]string{"Authorization": "Doctor "}}); got.status != 404 {
		t.Errorf("where nobody may ask: %d", got.status)
	}
}
