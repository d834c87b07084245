package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/fault"
)

// goneAddress returns an address where nobody listens.
func goneAddress(t testing.TB) string {
	t.Helper()
	s := httptest.NewServer(nil)
	s.Close()
	return s.URL
}

// everyCall is each method that needs the store to answer.
func everyCall(m *blob.MinIO) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Put": func(ctx context.Context) error {
			_, err := m.Put(ctx, "audio/x.mp3", strings.NewReader("x"), "audio/mpeg")
			return err
		},
		"Put in parts": func(ctx context.Context) error {
			_, err := m.Put(ctx, "audio/x.mp3", bytes.NewReader(make([]byte, 2<<20)), "audio/mpeg")
			return err
		},
		"Copy":         func(ctx context.Context) error { return m.Copy(ctx, "audio/x.mp3", "audio/y.mp3") },
		"Copy to self": func(ctx context.Context) error { return m.Copy(ctx, "audio/x.mp3", "audio/x.mp3") },
		"Open":         func(ctx context.Context) error { _, _, err := m.Open(ctx, "audio/x.mp3"); return err },
		"Delete":       func(ctx context.Context) error { return m.Delete(ctx, "audio/x.mp3") },
		"Delete two":   func(ctx context.Context) error { return m.Delete(ctx, "audio/x.mp3", "audio/y.mp3") },
		"List": func(ctx context.Context) error {
			for _, err := range m.List(ctx, "audio/") {
				return err
			}
			return nil
		},
		"Ping":         m.Ping,
		"EnsureBucket": m.EnsureBucket,
	}
}

func wantUnavailable(t *testing.T, calls map[string]func(context.Context) error, secrets ...string) {
	t.Helper()
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each waits for its retries
			err := call(t.Context())
			if !fault.Is(err, fault.KindUnavailable) {
				t.Fatalf("error = %v, want unavailable", err)
			}
			for _, secret := range secrets {
				if strings.Contains(err.Error(), secret) {
					t.Fatalf("the error gives %q away: %v", secret, err)
				}
			}
		})
	}
}

func TestAStoreThatIsNotThereIsUnavailable(t *testing.T) {
	m := newMinIO(t, blob.MinIOConfig{Endpoint: goneAddress(t), AccessKey: "thereader", SecretKey: "unguessable", Bucket: "sounds"})
	if link, err := m.SignedURL(t.Context(), "audio/x.mp3"); err != nil || link == "" {
		t.Fatalf("SignedURL = %q, %v; want a link, which needs no store", link, err)
	}
	wantUnavailable(t, everyCall(m), "thereader", "unguessable")
}

func TestAStoreThatRefusesOurKeysIsUnavailable(t *testing.T) {
	cfg := minioConfig(t)
	openMinIO(t, cfg)
	wrongSecret, wrongKey := cfg, cfg
	wrongSecret.SecretKey = "unguessable"
	wrongKey.AccessKey = "somebody-else"
	wantUnavailable(t, everyCall(newMinIO(t, wrongSecret)), cfg.AccessKey, "unguessable")
	wantUnavailable(t, everyCall(newMinIO(t, wrongKey)), "somebody-else", cfg.SecretKey)
}

func TestAStoreWithoutTheBucketIsUnavailable(t *testing.T) {
	calls := everyCall(newMinIO(t, minioConfig(t)))
	delete(calls, "EnsureBucket")
	wantUnavailable(t, calls)
}

// A bucket over its quota and a disk without room are told from a store that does not answer.
func TestAFullStoreIsNamed(t *testing.T) {
	for _, code := range []string{"XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"} {
		full := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInsufficientStorage)
			fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no room</Message></Error>", code)
		}))
		t.Cleanup(full.Close)
		m := newMinIO(t, blob.MinIOConfig{Endpoint: full.URL, AccessKey: "a", SecretKey: "b", Bucket: "sounds"})
		_, err := m.Put(t.Context(), "audio/x.mp3", strings.NewReader("x"), "audio/mpeg")
		wantFull(t, err)
	}
}

// wantFull fails unless err says that the disk is full.
func wantFull(t *testing.T, err error) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.KindUnavailable || f.Code != "storage_full" {
		t.Errorf("the error is %v, want one that says that the disk is full", err)
	}
}

// cuttable is the real store behind a proxy that a test can break.
type cuttable struct {
	*httptest.Server
	// cut makes it close connections instead of answering, once a request has this in its method and URL.
	cut atomic.Pointer[string]
}

func newCuttable(t *testing.T, endpoint string) *cuttable {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host // Host stays: it is signed
		},
	}
	c := &cuttable{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cut := c.cut.Load(); cut != nil && strings.Contains(r.Method+" "+r.URL.String(), *cut) {
			io.CopyN(io.Discard, r.Body, 1000) //nolint:errcheck // it is being broken on purpose
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *cuttable) breakAt(what string) { c.cut.Store(&what) }

func TestAStoreThatGoesAwayMidPutKeepsNothing(t *testing.T) {
	cfg := minioConfig(t)
	direct := openMinIO(t, cfg)
	front := newCuttable(t, cfg.Endpoint)
	through := cfg
	through.Endpoint = front.URL
	m := newMinIO(t, through)

	for _, tt := range []struct {
		rule, breakAt string
		size          int
	}{
		{"a small object, while it is sent", "PUT ", 500_000},
		{"a big object, before its parts", "POST ", 7 << 20},
		{"a big object, in its first part", "partNumber=1", 7 << 20},
		{"a big object, in its last part", "partNumber=2", 7 << 20},
		{"a big object, when its parts are joined", "POST /" + cfg.Bucket + "/audio/new.mp3?uploadId", 7 << 20},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			front.breakAt(tt.breakAt)
			_, err := m.Put(t.Context(), "audio/new.mp3", bytes.NewReader(make([]byte, tt.size)), "audio/mpeg")
			if !fault.Is(err, fault.KindUnavailable) {
				t.Fatalf("Put = %v, want unavailable", err)
			}
			for o, err := range direct.List(t.Context(), "") {
				t.Fatalf("the store has %+v, %v; want nothing", o, err)
			}
			for u := range rawClient(t, cfg).ListIncompleteUploads(t.Context(), cfg.Bucket, "", true) {
				t.Fatalf("the store keeps the parts of %q (%v)", u.Key, u.Err)
			}
		})
	}
}

func TestAStoreThatGoesAwayWhileReadingIsUnavailable(t *testing.T) {
	cfg := minioConfig(t)
	big := make([]byte, 8<<20)
	if _, err := openMinIO(t, cfg).Put(t.Context(), "audio/x.mp3", bytes.NewReader(big), "audio/mpeg"); err != nil {
		t.Fatal(err)
	}
	front := newCuttable(t, cfg.Endpoint)
	through := cfg
	through.Endpoint = front.URL
	r, info, err := newMinIO(t, through).Open(t.Context(), "audio/x.mp3")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	front.breakAt("GET ")
	front.CloseClientConnections()
	n, err := io.Copy(io.Discard, r)
	if !fault.Is(err, fault.KindUnavailable) || n == info.Size {
		t.Fatalf("read %d of %d bytes, %v; want unavailable", n, info.Size, err)
	}
}

func TestACallersDeadlineIsNotTheStoresFault(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(silent.Close)
	m := newMinIO(t, blob.MinIOConfig{Endpoint: silent.URL, AccessKey: "a", SecretKey: "b", Bucket: "sounds"})
	for name, call := range everyCall(m) {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 1) // ends before the first byte
			defer cancel()
			err := call(ctx)
			if !errors.Is(err, context.DeadlineExceeded) || fault.Is(err, fault.KindUnavailable) {
				t.Fatalf("error = %v, want the deadline alone", err)
			}
		})
	}
}
