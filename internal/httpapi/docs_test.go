package httpapi

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// fetch is do for files of others, whose content may look like a leak of ours.
func (w *world) fetch(t *testing.T, path string, header map[string]string) answer {
	t.Helper()
	rec := httptest.NewRecorder()
	asDescribed(t, w.handler).ServeHTTP(rec, request{path: "//" + path, header: header}.build(t))
	return answer{rec.Code, rec.Header(), rec.Body.String()}
}

// TestDocsPage: everything that the page names is here, in the type that browsers demand, under a policy that lets no other
// script run.
func TestDocsPage(t *testing.T) {
	w := newWorld(t)
	page := w.do(t, request{path: "//docs"})
	policy := page.header.Get("Content-Security-Policy")
	if page.status != 200 || !strings.Contains(policy, "script-src 'self';") || strings.Contains(policy, "unsafe") {
		t.Fatalf("status %d, policy %q", page.status, policy)
	}
	if inline := regexp.MustCompile(`(?i)<script>|<style| style=| on\w+=|javascript:|https?://`).FindString(page.body); inline != "" {
		t.Errorf("the page has %q, which its policy forbids", inline)
	}
	files := regexp.MustCompile(`(?:src|href)="(docs/[^"]+)"`).FindAllStringSubmatch(page.body, -1)
	if len(files) != len(docsAssets)-1 {
		t.Errorf("the page names %v", files)
	}
	for _, file := range files {
		got := w.fetch(t, file[1], map[string]string{"Accept-Encoding": "br, gzip"})
		want := map[bool]string{true: "text/javascript; charset=utf-8", false: "text/css; charset=utf-8"}[strings.HasSuffix(file[1], ".js")]
		if got.status != 200 || got.header.Get("Content-Type") != want {
			t.Errorf("%s: status %d, type %q", file[1], got.status, got.header.Get("Content-Type"))
		}
		if again := w.fetch(t, file[1], map[string]string{"If-None-Match": got.header.Get("ETag")}); again.status != 304 {
			t.Errorf("%s again: status %d", file[1], again.status)
		}
	}
	for _, path := range []string{"//docs/", "//docs/index.htm", "//docs/LICENSE", "//docs/..%2fopenapi.yaml"} {
		if got := w.do(t, request{path: path}); got.status != 404 {
			t.Errorf("%s: status %d", path, got.status)
		}
	}
}

// TestDocsPacked: who does not unpack gets the same content unpacked.
func TestDocsPacked(t *testing.T) {
	w := newWorld(t)
	plain := w.fetch(t, "docs/swagger-ui.css", nil)
	small := w.fetch(t, "docs/swagger-ui.css", map[string]string{"Accept-Encoding": "gzip"})
	unpacked, err := gzip.NewReader(bytes.NewReader([]byte(small.body)))
	if err != nil || small.header.Get("Content-Encoding") != "gzip" || plain.header.Get("Content-Encoding") != "" {
		t.Fatalf("encodings %q and %q: %v", small.header.Get("Content-Encoding"), plain.header.Get("Content-Encoding"), err)
	}
	content, err := io.ReadAll(unpacked)
	if err != nil || string(content) != plain.body || !strings.Contains(plain.body, ".swagger-ui") {
		t.Errorf("%d bytes packed, %d plain: %v", len(content), len(plain.body), err)
	}
}
