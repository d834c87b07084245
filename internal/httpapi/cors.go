package httpapi

import (
	"net/http"
	"slices"
	"strings"
)

// What a browser's script may send and see beyond what the CORS protocol lets it anyway.
var (
	corsMethods = strings.Join([]string{get, head, post, put, del}, ", ")
	corsRequest = strings.Join([]string{
		"Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Range", "X-Request-ID",
		"Content-Digest", "Signature", "Signature-Input",
	}, ", ")
	corsExposed = strings.Join([]string{
		"Accept-Signature", "Allow", "Content-Disposition", "ETag", "Retry-After", "WWW-Authenticate", "X-Request-ID",
		"RateLimit-Limit", "RateLimit-Policy", "RateLimit-Remaining", "RateLimit-Reset",
	}, ", ")
)

// corsMaxAge is how many seconds a browser may remember the answer to a preflight: two hours, Chromium's most.
const corsMaxAge = "7200"

// origins are those whose pages may call the API; "*" alone is all.
type origins []string

// allow returns what the answer to a page of this origin says in Access-Control-Allow-Origin, or "".
func (o origins) allow(origin string) string {
	if origin == "" {
		return ""
	}
	if slices.Contains(o, "*") {
		return "*"
	}
	if slices.Contains(o, origin) {
		return origin
	}
	return ""
}

// cors lets the pages of the allowed origins use the API, and answers their browsers' preflights, which therefore count
// for nobody. There is no Access-Control-Allow-Credentials: a script that has a token sends it itself, and what a
// browser would add by itself (cookies) means nothing here. Requests of other origins are served as before, since the browser
// keeps their answers from the page.
func (a *API) cors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		if len(a.origins) > 0 && !slices.Contains(a.origins, "*") {
			h.Add("Vary", "Origin")
		}
		allowed := a.origins.allow(r.Header.Get("Origin"))
		if allowed == "" {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Origin", allowed)
		if !preflight(r) {
			h.Set("Access-Control-Expose-Headers", corsExposed)
			next.ServeHTTP(w, r)
			return
		}
		tripOf(r.Context()).route = "preflight"
		h.Set("Access-Control-Allow-Methods", corsMethods)
		h.Set("Access-Control-Allow-Headers", corsRequest)
		h.Set("Access-Control-Max-Age", corsMaxAge)
		w.WriteHeader(http.StatusNoContent)
	})
}

func preflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
}
