package main

import (
	"iter"
	"path/filepath"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/blob"
)

// recordings returns the keys of the stack's recordings, uploads left out.
func (s stack) recordings(t *testing.T) []string {
	t.Helper()
	var keys []string
	for object, err := range s.objects(t) {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(object.Key, "audio/uploads/") {
			keys = append(keys, object.Key)
		}
	}
	return keys
}

// objects looks into the stack's audio store from outside, beside the programs that use it.
func (s stack) objects(t *testing.T) iter.Seq2[blob.Object, error] {
	t.Helper()
	endpoint := s.value("S3_ENDPOINT_URL")
	if endpoint == "" {
		disk, err := blob.NewDisk(blob.DiskConfig{
			Dir: filepath.Join(s.value("DATA_DIR"), "audio"), SigningKey: []byte(strings.Repeat("x", 32)),
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = disk.Close() })
		return disk.List(t.Context(), "audio/")
	}
	bucket, err := blob.NewMinIO(blob.MinIOConfig{
		Endpoint: endpoint, AccessKey: s.value("S3_ACCESS_KEY"), SecretKey: s.value("S3_SECRET_KEY"), Bucket: s.value("S3_BUCKET_NAME"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bucket.Close() })
	return bucket.List(t.Context(), "audio/")
}

// value returns the stack's value of a setting, or "" where it has none.
func (s stack) value(name string) string {
	for _, line := range s.env {
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return value
		}
	}
	return ""
}
