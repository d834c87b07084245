package httpapi

import "net/http"

// Drain tells everybody to go elsewhere while requests are still answered as ever: /readyz is 503 from now on, and each answer is
// the last on its connection (Connection: close; over HTTP/2 the client is told to open no more streams). Nothing is cut off:
// a request that is on its way over a kept connection is still answered. There is no way back.
func (a *API) Drain() { a.draining.Store(true) }

// sendAway is the part of Drain that concerns connections.
func (a *API) sendAway(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
