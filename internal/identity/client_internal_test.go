package identity

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestClientReadsWithinBounds(t *testing.T) {
	size := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(bytes.Repeat([]byte(" "), size)) // a client that has enough hangs up
	}))
	defer server.Close()
	for _, tt := range []struct {
		size int
		good bool
	}{{maxReplyBytes, true}, {maxReplyBytes + 1, false}, {100 * maxReplyBytes, false}} {
		size = tt.size
		r, err := newClient().get(t.Context(), server.URL, "")
		if (err == nil) != tt.good || (tt.good && len(r.body) != tt.size) {
			t.Errorf("%d bytes: read %d, %v; want good: %v", tt.size, len(r.body), err, tt.good)
		}
	}
}

// What a query holds is for the host that it was sent to, and for nobody else.
func TestClientFollowsNoRedirect(t *testing.T) {
	stranger := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a stranger was asked for %s", r.URL)
	}))
	defer stranger.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, stranger.URL+"?"+r.URL.RawQuery, http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	r, err := newClient().get(t.Context(), server.URL+"/?access_token=secret", "")
	if err != nil || r.status != http.StatusTemporaryRedirect {
		t.Errorf("status %d, %v; want the redirect itself", r.status, err)
	}
}
