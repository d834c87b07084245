package blob_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/blob/blobtest"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/testenv"
)

func TestMinIOContract(t *testing.T) {
	blobtest.Run(t, func(t testing.TB, now func() time.Time) blobtest.Store {
		cfg := minioConfig(t)
		cfg.Now = now
		return openMinIO(t, cfg)
	})
}

// minioConfig leads to a bucket of the test's own, which does not exist yet and is removed afterwards.
func minioConfig(t testing.TB) blob.MinIOConfig {
	t.Helper()
	cfg := blob.MinIOConfig{
		Endpoint:  testenv.Required(t, "TEST_S3_ENDPOINT"),
		AccessKey: testenv.Required(t, "TEST_S3_ACCESS_KEY"),
		SecretKey: testenv.Required(t, "TEST_S3_SECRET_KEY"),
		Bucket:    "test-" + uuid.NewString(),
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		err := rawClient(t, cfg).RemoveBucketWithOptions(ctx, cfg.Bucket, minio.RemoveBucketOptions{ForceDelete: true})
		if err != nil && minio.ToErrorResponse(err).Code != minio.NoSuchBucket {
			t.Errorf("remove the test's bucket: %v", err)
		}
	})
	return cfg
}

// rawClient does to the store what the package does not.
func rawClient(t testing.TB, cfg blob.MinIOConfig) *minio.Client {
	t.Helper()
	client, err := minio.New(strings.TrimPrefix(cfg.Endpoint, "http://"), &minio.Options{
		Creds: credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func newMinIO(t testing.TB, cfg blob.MinIOConfig) *blob.MinIO {
	t.Helper()
	cfg.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	m, err := blob.NewMinIO(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func openMinIO(t testing.TB, cfg blob.MinIOConfig) *blob.MinIO {
	t.Helper()
	m := newMinIO(t, cfg)
	if err := m.EnsureBucket(t.Context()); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestEnsureBucketMakesItOnceForAll(t *testing.T) {
	cfg := minioConfig(t)
	m := newMinIO(t, cfg)
	if err := m.Ping(t.Context()); !fault.Is(err, fault.KindUnavailable) {
		t.Fatalf("Ping without a bucket = %v, want unavailable", err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := m.EnsureBucket(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := m.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestEnsureBucketMakesAPublicBucketPrivate(t *testing.T) {
	cfg := minioConfig(t)
	m := openMinIO(t, cfg)
	put(t, m, "audio/x.mp3")
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
		{"Sid":"open","Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::%[1]s/*"]},
		{"Sid":"kept","Effect":"Deny","Principal":{"AWS":["*"]},"Action":["s3:DeleteBucket"],"Resource":["arn:aws:s3:::%[1]s"]}]}`, cfg.Bucket)
	raw := rawClient(t, cfg)
	if err := raw.SetBucketPolicy(t.Context(), cfg.Bucket, policy); err != nil {
		t.Fatal(err)
	}
	unsigned := cfg.Endpoint + "/" + cfg.Bucket + "/audio/x.mp3"
	if got := status(t, unsigned); got != http.StatusOK {
		t.Fatalf("unsigned access to the public bucket = %d; the test needs it to be open first", got)
	}
	if err := m.EnsureBucket(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := status(t, unsigned); got != http.StatusForbidden {
		t.Fatalf("unsigned access = %d, want 403", got)
	}
	left, err := raw.GetBucketPolicy(t.Context(), cfg.Bucket)
	if err != nil || !strings.Contains(left, "kept") || strings.Contains(left, "open") {
		t.Fatalf("policy = %s, %v; want the statement that opens nothing, and only that", left, err)
	}
}

func TestUnsignedAccessIsRefused(t *testing.T) {
	cfg := minioConfig(t)
	m := openMinIO(t, cfg)
	put(t, m, "audio/x.mp3")
	for _, path := range []string{"/audio/x.mp3", "/", "/?list-type=2", "/audio/missing.mp3"} {
		if got := status(t, cfg.Endpoint+"/"+cfg.Bucket+path); got != http.StatusForbidden {
			t.Errorf("unsigned GET %s = %d, want 403", path, got)
		}
	}
}

func put(t testing.TB, m *blob.MinIO, key string) {
	t.Helper()
	if _, err := m.Put(t.Context(), key, strings.NewReader("x"), "audio/mpeg"); err != nil {
		t.Fatal(err)
	}
}

func status(t testing.TB, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

func TestMinIOLinkCarriesThePublicAddress(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 14, 59, 0, time.UTC)
	for _, tt := range []struct {
		rule, endpoint, public string
		useSSL                 bool
		want                   string
	}{
		{"the endpoint, where nothing else is said", "http://minio:9000", "", false, "http://minio:9000/englishapp-audio/audio/x.mp3?"},
		{"the public address", "http://minio:9000", "https://audio.example.org", false, "https://audio.example.org/englishapp-audio/audio/x.mp3?"},
		{"a slash after it is the same", "minio:9000", "https://audio.example.org/", false, "https://audio.example.org/englishapp-audio/audio/x.mp3?"},
		{"a public port", "minio:9000", "http://10.0.2.2:19000", false, "http://10.0.2.2:19000/englishapp-audio/audio/x.mp3?"},
		{"the scheme's own port is left out, as phones leave it out of Host", "minio:9000", "https://audio.example.org:443", false, "https://audio.example.org/englishapp-audio/audio/x.mp3?"},
		{"no scheme, without SSL", "minio:9000", "", false, "http://minio:9000/englishapp-audio/audio/x.mp3?"},
		{"no scheme, with SSL", "minio:9000", "", true, "https://minio:9000/englishapp-audio/audio/x.mp3?"},
		{"a scheme wins over the SSL setting", "http://minio:9000", "", true, "http://minio:9000/englishapp-audio/audio/x.mp3?"},
		{"an IPv6 address", "http://[::1]:9000", "", false, "http://[::1]:9000/englishapp-audio/audio/x.mp3?"},
		{"Amazon wants the bucket in the host", "https://s3.eu-central-1.amazonaws.com", "", false, "https://englishapp-audio.s3.dualstack.eu-central-1.amazonaws.com/audio/x.mp3?"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			m := newMinIO(t, blob.MinIOConfig{
				Endpoint: tt.endpoint, PublicURL: tt.public, UseSSL: tt.useSSL, AccessKey: "reader", SecretKey: "unguessable",
				Bucket: "englishapp-audio", Region: "eu-central-1", Now: func() time.Time { return at },
			})
			link, err := m.SignedURL(t.Context(), "audio/x.mp3")
			if err != nil || !strings.HasPrefix(link, tt.want+"X-Amz-Algorithm=AWS4-HMAC-SHA256&") {
				t.Fatalf("SignedURL = %q, %v; want it to begin with %q", link, err, tt.want)
			}
			if !strings.Contains(link, "&X-Amz-Date=20260301T120000Z&X-Amz-Expires=3600&") || strings.Contains(link, "unguessable") {
				t.Fatalf("link = %q", link)
			}
		})
	}
}

func TestMinIOKnowsItsLinksByBothAddresses(t *testing.T) {
	m := newMinIO(t, blob.MinIOConfig{
		Endpoint: "http://minio:9000", PublicURL: "https://audio.example.org", AccessKey: "a", SecretKey: "b", Bucket: "sounds",
	})
	for _, tt := range []struct{ link, key string }{
		{"http://minio:9000/sounds/audio/A1/x.mp3", "audio/A1/x.mp3"},
		{"https://audio.example.org/sounds/audio/A1/x%20y.mp3?X-Amz-Date=1", "audio/A1/x y.mp3"},
		{"https://audio.example.org/other/audio/x.mp3", ""},
		{"https://audio.example.org/sounds/", ""},
		{"https://audio.example.org/sounds/../other/x.mp3", ""},
		{"https://audio.example.org.evil.example/sounds/audio/x.mp3", ""},
		{"http://audio.example.org/sounds/audio/x.mp3", ""},
	} {
		if key, ok := m.KeyOf(tt.link); key != tt.key || ok != (tt.key != "") {
			t.Errorf("KeyOf(%q) = %q, %v; want %q", tt.link, key, ok, tt.key)
		}
	}
}

func TestMinIORefusesBadSettings(t *testing.T) {
	good := blob.MinIOConfig{Endpoint: "http://minio:9000", AccessKey: "reader", SecretKey: "unguessable", Bucket: "sounds"}
	for _, tt := range []struct {
		rule, setting string
		spoil         func(*blob.MinIOConfig)
	}{
		{"no endpoint", "S3_ENDPOINT_URL", func(c *blob.MinIOConfig) { c.Endpoint = "" }},
		{"an endpoint with another scheme", "S3_ENDPOINT_URL", func(c *blob.MinIOConfig) { c.Endpoint = "s3://minio" }},
		{"an endpoint with a path", "S3_ENDPOINT_URL", func(c *blob.MinIOConfig) { c.Endpoint = "http://minio:9000/sounds" }},
		{"an endpoint with a password", "S3_ENDPOINT_URL", func(c *blob.MinIOConfig) { c.Endpoint = "http://me:unguessable@minio:9000" }},
		{"an endpoint that is no URL", "S3_ENDPOINT_URL", func(c *blob.MinIOConfig) { c.Endpoint = "http://%zz" }},
		{"a public address with a path", "S3_PUBLIC_URL", func(c *blob.MinIOConfig) { c.PublicURL = "https://example.org/audio" }},
		{"a public address with a query", "S3_PUBLIC_URL", func(c *blob.MinIOConfig) { c.PublicURL = "https://example.org?a=b" }},
		{"no access key", "S3_ACCESS_KEY", func(c *blob.MinIOConfig) { c.AccessKey = "" }},
		{"no secret key", "S3_SECRET_KEY", func(c *blob.MinIOConfig) { c.SecretKey = "" }},
		{"no bucket", "S3_BUCKET_NAME", func(c *blob.MinIOConfig) { c.Bucket = "" }},
		{"a bucket name with capitals", "S3_BUCKET_NAME", func(c *blob.MinIOConfig) { c.Bucket = "Sounds" }},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			cfg := good
			tt.spoil(&cfg)
			_, err := blob.NewMinIO(cfg)
			e, ok := fault.As(err)
			if !ok || e.Kind != fault.KindInvalid || len(e.Fields) != 1 || e.Fields[0].Name != tt.setting {
				t.Fatalf("error = %v, want one about %s", err, tt.setting)
			}
			if strings.Contains(err.Error(), "unguessable") {
				t.Fatalf("the error gives the secret away: %v", err)
			}
		})
	}
}

func BenchmarkMinIOSignedURL(b *testing.B) {
	m := newMinIO(b, blob.MinIOConfig{Endpoint: "http://minio:9000", AccessKey: "reader", SecretKey: "unguessable", Bucket: "sounds"})
	for b.Loop() {
		if _, err := m.SignedURL(b.Context(), "audio/A1/01970000-0000-7000-8000-000000000000.mp3"); err != nil {
			b.Fatal(err)
		}
	}
}
