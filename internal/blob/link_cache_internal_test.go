package blob

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestLinksAreMadeOnceAWindow(t *testing.T) {
	var c linkCache
	start := time.Unix(1_800_000_000, 0)
	made := 0
	link := func(key string, start time.Time) string {
		t.Helper()
		got, err := c.link(key, start, func() string { made++; return fmt.Sprint(key, "?", start.Unix()) })
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for range 3 {
		if got := link("audio/a1/x.mp3", start); got != "audio/a1/x.mp3?1800000000" {
			t.Fatalf("link = %q", got)
		}
	}
	later := start.Add(linkWindow)
	if got := link("audio/a1/x.mp3", later); !strings.HasSuffix(got, fmt.Sprint(later.Unix())) {
		t.Errorf("in the next window: %q", got)
	}
	if made != 2 || c.LinkHits() != 2 || c.LinkMisses() != 2 {
		t.Errorf("%d links were made; %d hits, %d misses", made, c.LinkHits(), c.LinkMisses())
	}
	if _, err := c.link("../x", start, func() string { return "" }); err == nil {
		t.Error("a link to what is no key")
	}
}

// TestRememberedLinksAreBounded: whoever has millions of recordings gets links for all of them, but not all are remembered.
func TestRememberedLinksAreBounded(t *testing.T) {
	var c linkCache
	long := strings.Repeat("x", 100_000)
	for i := range 1000 {
		if _, err := c.link(fmt.Sprintf("audio/a1/%d.mp3", i), time.Unix(0, 0), func() string { return long }); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(c.links); n*len(long) > linkBytes || n < linkBytes/len(long)-1 {
		t.Errorf("%d links are remembered, %d MB", n, n*len(long)>>20)
	}
}

// What remembering wins: links made and links remembered, of both stores.
func BenchmarkSignedURL(b *testing.B) {
	disk, err := NewDisk(DiskConfig{Dir: b.TempDir(), PublicURL: "http://127.0.0.1:8000", SigningKey: make([]byte, 32)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = disk.Close() })
	bucket, err := NewMinIO(MinIOConfig{Endpoint: "http://127.0.0.1:9000", AccessKey: "access", SecretKey: "secret-key", Bucket: "audio-bucket"})
	if err != nil {
		b.Fatal(err)
	}
	for name, store := range map[string]interface {
		cache() *linkCache
		url() (string, error)
	}{
		"disk": benchDisk{disk}, "s3": benchBucket{bucket},
	} {
		b.Run(name+"/made", func(b *testing.B) {
			for b.Loop() {
				store.cache().start = -1 // another window
				_, _ = store.url()
			}
		})
		b.Run(name+"/remembered", func(b *testing.B) {
			for b.Loop() {
				_, _ = store.url()
			}
		})
	}
}

type benchDisk struct{ *Disk }

func (d benchDisk) cache() *linkCache    { return &d.linkCache }
func (d benchDisk) url() (string, error) { return d.SignedURL(nil, "audio/a1/x.mp3") } //nolint:staticcheck // the context is not looked at

type benchBucket struct{ *MinIO }

func (m benchBucket) cache() *linkCache    { return &m.linkCache }
func (m benchBucket) url() (string, error) { return m.SignedURL(nil, "audio/a1/x.mp3") } //nolint:staticcheck // the context is not looked at
