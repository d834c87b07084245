package httpapi

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"
)

func TestMedia(t *testing.T) {
	link := fmt.Sprintf("//media/audio/A1/a%%20b.mp3?expires=%d&signature=genuine", at.Add(45*time.Minute).Unix())
	for name, tc := range map[string]struct {
		in     request
		status int
		body   string // the problem's code for a failure
	}{
		"the whole":               {request{path: link}, 200, "0123456789"},
		"the header only":         {request{method: head, path: link}, 200, ""},
		"a part":                  {request{path: link, header: map[string]string{"Range": "bytes=2-4"}}, 206, "234"},
		"the end":                 {request{path: link, header: map[string]string{"Range": "bytes=-3"}}, 206, "789"},
		"the rest of the same":    {request{path: link, header: map[string]string{"Range": "bytes=8-", "If-Range": `"e1"`}}, 206, "89"},
		"the rest of another":     {request{path: link, header: map[string]string{"Range": "bytes=8-", "If-Range": `"e0"`}}, 200, "0123456789"},
		"nothing new":             {request{path: link, header: map[string]string{"If-None-Match": `"e1"`}}, 304, ""},
		"past the end":            {request{path: link, header: map[string]string{"Range": "bytes=10-"}}, 416, "range_not_satisfiable"},
		"a condition that fails":  {request{path: link, header: map[string]string{"If-Match": `"e0"`}}, 412, "precondition_failed"},
		"forged":                  {request{path: "//media/audio/A1/a%20b.mp3?expires=1&signature=x"}, 403, "link_forged"},
		"no signature":            {request{path: "//media/audio/A1/a%20b.mp3"}, 403, "link_forged"},
		"gone":                    {request{path: "//media/audio/A1/c.mp3?signature=genuine"}, 404, "not_found"},
		"a way out of the folder": {request{path: "//media/../../etc/passwd?signature=x"}, 403, "link_forged"},
		"an escaped way out":      {request{path: "//media/%2e%2e%2fetc%2fpasswd?signature=x"}, 403, "link_forged"},
		"not for writing":         {request{method: put, path: link}, 405, "method_not_allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			got := newWorld(t).do(t, tc.in)
			if got.status != tc.status {
				t.Fatalf("status = %d, want %d: %s", got.status, tc.status, got.body)
			}
			if tc.status >= 400 {
				if code := got.problem(t).Code; code != tc.body {
					t.Errorf("code = %q, want %q", code, tc.body)
				}
				return
			}
			if got.body != tc.body {
				t.Errorf("body = %q, want %q", got.body, tc.body)
			}
			if etag, cache := got.header.Get("ETag"), got.header.Get("Cache-Control"); etag != `"e1"` || cache != "private, max-age=2700" {
				t.Errorf("ETag %s, Cache-Control %q", etag, cache)
			}
			if kind := got.header.Get("Content-Type"); tc.status != 304 && kind != "audio/mpeg" {
				t.Errorf("Content-Type = %q", kind)
			}
		})
	}
}

func TestMediaElsewhere(t *testing.T) {
	handler := New(Deps{}, Config{Log: newLogger(t)}).Handler()
	if got := send(t, handler, request{path: "//media/audio/A1/a.mp3?signature=genuine"}); got.status != 404 {
		t.Errorf("status = %d", got.status)
	}
}

// TestMediaCannotBeRead: a recording that breaks before its first byte is our failure, in our words.
func TestMediaCannotBeRead(t *testing.T) {
	handler := New(Deps{Media: brokenShelf{}}, Config{Log: newLogger(t)}).Handler()
	got := send(t, handler, request{path: "//media/a.mp3"})
	if p := got.problem(t); got.status != 500 || p.Code != "internal" {
		t.Errorf("status %d: %s", got.status, got.body)
	}
}

type brokenShelf struct{}

func (brokenShelf) OpenSigned(context.Context, string, string, string) (io.ReadSeekCloser, MediaInfo, error) {
	return brokenRecording{}, MediaInfo{ContentType: "audio/mpeg", ETag: `"e"`}, nil
}

// brokenRecording cannot tell its size.
type brokenRecording struct{ readSeekCloser }

func (brokenRecording) Seek(int64, int) (int64, error) { return 0, io.ErrClosedPipe }

func (brokenRecording) Close() error { return nil }

func TestSecondsUntil(t *testing.T) {
	a := New(Deps{}, Config{Now: func() time.Time { return time.Unix(100, 0) }})
	for expires, want := range map[string]int64{"160": 60, "100": 0, "1": 0, "": 0, "x": 0} {
		if got := a.secondsUntil(expires); got != want {
			t.Errorf("%q: %d, want %d", expires, got, want)
		}
	}
}
