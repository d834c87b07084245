package blob_test

import (
	"context"
	"fmt"
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
