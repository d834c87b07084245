package httpapi

import (
	"net/http"
	"strings"
	"time"

	"github.com/englishapp/englishctl/internal/telemetry"
)

// insider tells whether a proof was made by somebody who has the daemon's own settings.
type insider interface {
	// Proven reports whether the proof is good now.
	Proven(proof string) bool
}

// vantageResponse is how the daemon sees a request.
type vantageResponse struct {
	// Client is whom the limits count, Peer who stands at the other end of the connection.
	Client string `json:"client"`
	Peer   string `json:"peer"`
	// PeerTrusted says that the peer is among TRUSTED_PROXIES.
	PeerTrusted bool `json:"peer_trusted"`
	// ForwardedFor is X-Forwarded-For as it arrived.
	ForwardedFor []string  `json:"forwarded_for"`
	HTTPS        bool      `json:"https"`
	Version      string    `json:"version"`
	Time         time.Time `json:"time"`
}

// doctorScheme begins the header Authorization of "englishctl doctor".
const doctorScheme = "Doctor "

// showVantage tells "englishctl doctor" how its request looks from here, after all proxies. It says which proxies are believed,
// which is nobody's business without the key: to others there is nothing here.
func (a *API) showVantage(w http.ResponseWriter, r *http.Request) error {
	proof, found := strings.CutPrefix(r.Header.Get("Authorization"), doctorScheme)
	if a.insider == nil || !found || !a.insider.Proven(proof) {
		return unknownPath(w, r)
	}
	at := peer(r)
	answer := vantageResponse{
		Client: a.proxies.client(r).String(), Peer: at.String(), PeerTrusted: a.proxies.include(at), ForwardedFor: hops(r),
		HTTPS: r.TLS != nil || a.proxies.scheme(r) == "https", Version: telemetry.Version().Version, Time: a.now().UTC(),
	}
	return writeJSON(w, http.StatusOK, answer)
}

// hops are the entries of X-Forwarded-For in their order.
func hops(r *http.Request) []string {
	found := []string{}
	for _, line := range r.Header.Values("X-Forwarded-For") {
		for hop := range strings.SplitSeq(line, ",") {
			found = append(found, strings.TrimSpace(hop))
		}
	}
	return found
}
