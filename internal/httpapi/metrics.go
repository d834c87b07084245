package httpapi

import "net/http"

// showMetrics answers whoever is near: from this machine or a private network (decisions.md, "Paths"). To others there is
// nothing here, and so it is where a listener of its own has the metrics.
func (a *API) showMetrics(w http.ResponseWriter, r *http.Request) error {
	if a.metricsPage == nil || !a.fromNearby(r) {
		return unknownPath(w, r)
	}
	a.metricsPage.ServeHTTP(w, r)
	return nil
}

// fromNearby reports whether the client is on this machine or in a private network. A request that a proxy has handed on
// is from nearby only where the proxy is a trusted one: any other hides that it comes from far away.
func (a *API) fromNearby(r *http.Request) bool {
	handedOn := r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != ""
	if handedOn && !a.proxies.include(peer(r)) {
		return false
	}
	addr := a.proxies.client(r)
	return addr.IsLoopback() || addr.IsPrivate()
}
