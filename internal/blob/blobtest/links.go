package blobtest

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// clock is a time that a test moves.
type clock struct{ at atomic.Pointer[time.Time] }

func newClock(at time.Time) *clock {
	c := &clock{}
	c.set(at)
	return c
}

func (c *clock) now() time.Time   { return *c.at.Load() }
func (c *clock) set(at time.Time) { c.at.Store(&at) }

func runLinks(t *testing.T, open Opener) {
	c := newClock(time.Now())
	s := open(t, c.now)

	t.Run("a link gives the bytes and the type, whatever the name", func(t *testing.T) {
		c.set(time.Now())
		for i, key := range append(oddKeys, "audio/A1/plain.mp3") {
			put(t, s, key, fmt.Sprint("content ", i), contentTypeFor(key))
			status, header, body := get(t, link(t, s, key), "")
			if status != http.StatusOK || body != fmt.Sprint("content ", i) {
				t.Errorf("link to %q: %d %q", key, status, body)
			}
			if want := contentTypeFor(key); header.Get("Content-Type") != want {
				t.Errorf("link to %q has the type %q, want %q", key, header.Get("Content-Type"), want)
			}
		}
	})
	t.Run("a part can be asked for", func(t *testing.T) {
		c.set(time.Now())
		put(t, s, "audio/range.mp3", "0123456789", "audio/mpeg")
		status, header, body := get(t, link(t, s, "audio/range.mp3"), "bytes=2-4")
		if status != http.StatusPartialContent || body != "234" || header.Get("Content-Range") != "bytes 2-4/10" {
			t.Errorf("got %d %q %q", status, body, header.Get("Content-Range"))
		}
	})
	t.Run("a link to what does not exist is 404", func(t *testing.T) {
		c.set(time.Now())
		if status, _, _ := get(t, link(t, s, "audio/missing.mp3"), ""); status != http.StatusNotFound {
			t.Errorf("status = %d", status)
		}
	})
	t.Run("without its signature, or with another's, a link is refused", func(t *testing.T) {
		c.set(time.Now())
		put(t, s, "audio/a.mp3", "secret", "audio/mpeg")
		put(t, s, "audio/b.mp3", "secret", "audio/mpeg")
		a, b := link(t, s, "audio/a.mp3"), link(t, s, "audio/b.mp3")
		path, query, _ := strings.Cut(a, "?")
		otherPath, _, _ := strings.Cut(b, "?")
		for name, forged := range map[string]string{
			"no query":          path,
			"another object":    otherPath + "?" + query,
			"a longer life":     lengthened(t, a),
			"signature changed": changed(a, len(a)-2),
			"signature cut":     a[:len(a)-10],
		} {
			if status, _, body := get(t, forged, ""); status != http.StatusForbidden || strings.Contains(body, "secret") {
				t.Errorf("%s: %d %q, want 403", name, status, body)
			}
		}
	})
	t.Run("a link is over after an hour", func(t *testing.T) {
		put(t, s, "audio/old.mp3", "old", "audio/mpeg")
		c.set(time.Now().Add(-time.Hour))
		old := link(t, s, "audio/old.mp3")
		c.set(time.Now())
		if status, _, body := get(t, old, ""); status != http.StatusForbidden {
			t.Errorf("an hour later: %d %q, want 403", status, body)
		}
	})
	t.Run("a link lives for 45 to 60 minutes and is stable meanwhile", func(t *testing.T) { runWindow(t, s, c) })
	t.Run("the key of a link is found again", func(t *testing.T) {
		c.set(time.Now())
		for _, key := range oddKeys {
			l := link(t, s, key)
			unsigned, _, _ := strings.Cut(l, "?")
			for _, l := range []string{l, unsigned} {
				if got, ok := s.KeyOf(l); !ok || got != key {
					t.Errorf("KeyOf(%q) = %q, %v; want %q", l, got, ok, key)
				}
			}
		}
		for _, l := range []string{"", "https://other.example/audio/x.mp3", "audio/x.mp3", link(t, s, "a") + "/../../x", "http://%zz"} {
			if u, _, ok := strings.Cut(l, "?"); ok {
				l = strings.TrimSuffix(u, "a") + "..%2f..%2fx"
			}
			if got, ok := s.KeyOf(l); ok {
				t.Errorf("KeyOf(%q) = %q, want none", l, got)
			}
		}
	})
}

func runWindow(t *testing.T, s Store, c *clock) {
	window := time.Date(2026, 3, 1, 23, 45, 0, 0, time.UTC) // the day changes after it, which S3 signatures name
	moments := []time.Duration{0, time.Nanosecond, 7 * time.Minute, 15*time.Minute - time.Nanosecond}
	c.set(window)
	first := link(t, s, "audio/x.mp3")
	for _, after := range moments {
		c.set(window.Add(after).In(time.FixedZone("elsewhere", 5*3600+45*60)))
		l := link(t, s, "audio/x.mp3")
		if l != first {
			t.Errorf("%v after the start of the window: another link", after)
		}
		if left := endOf(t, l).Sub(c.now()); left < 45*time.Minute || left > time.Hour {
			t.Errorf("%v after the start of the window: valid for %v, want 45 to 60 minutes", after, left)
		}
	}
	c.set(window.Add(15 * time.Minute))
	if link(t, s, "audio/x.mp3") == first {
		t.Error("the next window has the same link")
	}
	c.set(window)
	if link(t, s, "audio/y.mp3") == first {
		t.Error("two objects have the same link")
	}
}

var (
	diskEnd = regexp.MustCompile(`([?&]expires=)(\d+)`)
	s3Life  = regexp.MustCompile(`([?&]X-Amz-Expires=)(\d+)`)
)

// endOf reads from a link when it ends.
func endOf(t testing.TB, l string) time.Time {
	t.Helper()
	u, err := url.Parse(l)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if date := q.Get("X-Amz-Date"); date != "" {
		start, err := time.Parse("20060102T150405Z", date)
		life, lifeErr := strconv.Atoi(q.Get("X-Amz-Expires"))
		if err != nil || lifeErr != nil {
			t.Fatalf("no end in %q", l)
		}
		return start.Add(time.Duration(life) * time.Second)
	}
	unix, err := strconv.ParseInt(q.Get("expires"), 10, 64)
	if err != nil {
		t.Fatalf("no end in %q", l)
	}
	return time.Unix(unix, 0)
}

// lengthened returns the link with a later end and the old signature.
func lengthened(t testing.TB, l string) string {
	t.Helper()
	longer := diskEnd.ReplaceAllString(s3Life.ReplaceAllString(l, "${1}9${2}"), "${1}9${2}")
	if longer == l {
		t.Fatalf("no end in %q", l)
	}
	return longer
}

// changed returns the link with another digit or letter at i.
func changed(l string, i int) string {
	other := "a"
	if l[i] == 'a' {
		other = "b"
	}
	return l[:i] + other + l[i+1:]
}

func link(t testing.TB, s Store, key string) string {
	t.Helper()
	l, err := s.SignedURL(t.Context(), key)
	if err != nil {
		t.Fatalf("SignedURL(%q): %v", key, err)
	}
	return l
}

func get(t testing.TB, l, byteRange string) (status int, header http.Header, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l, nil)
	if err != nil {
		t.Fatalf("the link is no URL: %v", err)
	}
	if byteRange != "" {
		req.Header.Set("Range", byteRange)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(content)
}

// contentTypeFor is the type that belongs to a key's extension.
func contentTypeFor(key string) string {
	switch {
	case strings.HasSuffix(strings.ToLower(key), ".mp3"):
		return "audio/mpeg"
	case strings.HasSuffix(key, ".m4a"):
		return "audio/mp4"
	}
	return "application/octet-stream"
}
