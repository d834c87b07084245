package httpapi

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// connection is a writer that notes which deadlines were moved.
type connection struct {
	*httptest.ResponseRecorder
	read, write time.Duration
}

func (c *connection) SetReadDeadline(t time.Time) error {
	c.read = time.Until(t)
	return nil
}

func (c *connection) SetWriteDeadline(t time.Time) error {
	c.write = time.Until(t)
	return nil
}

// TestDeadlines: uploads and downloads get the time they need, through all layers; nothing else does.
func TestDeadlines(t *testing.T) {
	for _, tc := range []struct {
		method, path string
		want         time.Duration
	}{
		{post, "/admin/import/audio", uploadTime},
		{post, "/admin/import/csv", importTime},
		{get, "//media/a.mp3", recordingTime},
		{get, "/users/me", 0},
	} {
		t.Run(tc.path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				want := tc.want
				c := &connection{ResponseRecorder: httptest.NewRecorder()}
				newWorld(t).handler.ServeHTTP(c, request{method: tc.method, path: tc.path, token: adminToken}.build(t))
				got := []bool{c.read > want, c.write > want, c.read == 0, c.write == 0}
				if diff := cmp.Diff([]bool{want > 0, want > 0, want == 0, want == 0}, got); diff != "" {
					t.Errorf("read after %s, write after %s", c.read, c.write)
				}
			})
		})
	}
}

func TestNewServer(t *testing.T) {
	s := NewServer(http.NotFoundHandler(), newLogger(t))
	if s.ReadTimeout <= headerTime+usualTime || s.WriteTimeout <= usualTime {
		t.Errorf("read %s, write %s: a handler that works for %s is cut off", s.ReadTimeout, s.WriteTimeout, usualTime)
	}
	if s.ReadHeaderTimeout == 0 || s.IdleTimeout == 0 || s.MaxHeaderBytes == 0 || s.ErrorLog == nil {
		t.Error("a limit is missing")
	}
}
