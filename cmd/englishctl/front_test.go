package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// front stands before an audio store and may answer in its place.
type front struct {
	mu      sync.Mutex
	instead func(w http.ResponseWriter, r *http.Request) (answered bool)
}

// behindFront puts a front between the stack and its audio store.
func (s *stack) behindFront(t *testing.T) *front {
	t.Helper()
	endpoint, replace := s.setting(t, "S3_ENDPOINT_URL")
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	f := &front{}
	store := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host // Host stays: it is signed
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		instead := f.instead
		f.mu.Unlock()
		if instead == nil || !instead(w, r) {
			store.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	replace(server.URL)
	return f
}

// answer lets fn answer requests, several at a time, or pass them by returning false; nil passes all.
func (f *front) answer(fn func(w http.ResponseWriter, r *http.Request) (answered bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.instead = fn
}
