package main

import (
	"database/sql"
	"errors"
	"iter"
	"path/filepath"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/blob"
)

// keys returns the keys of all objects in the stack's audio store.
func (s stack) keys(t *testing.T) []string {
	t.Helper()
	var keys []string
	for object, err := range s.objects(t) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, object.Key)
	}
	return keys
}

// objects looks into the stack's audio store from outside, beside the programs that use it.
func (s stack) objects(t *testing.T) iter.Seq2[blob.Object, error] {
	t.Helper()
	endpoint := s.value("S3_ENDPOINT_URL")
	if endpoint == "" {
		dir := filepath.Join(s.value("DATA_DIR"), "audio")
		if s.disk != nil {
			dir = s.disk.Outside(dir)
		}
		disk, err := blob.NewDisk(blob.DiskConfig{Dir: dir, SigningKey: []byte(strings.Repeat("x", 32))})
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

// database looks into the stack's database from outside.
func (s stack) database(t *testing.T) *sql.DB {
	t.Helper()
	driver, address := "postgres", s.value("DATABASE_URL")
	if address == "" {
		driver, address = "sqlite", "file:"+filepath.Join(s.value("DATA_DIR"), "englishctl.db")+"?_pragma=busy_timeout(5000)&_txlock=immediate"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// count returns the one number that a query yields.
func (s stack) count(t *testing.T, query string) (n int) {
	t.Helper()
	db := s.database(t)
	if err := errors.Join(db.QueryRowContext(t.Context(), query).Scan(&n), db.Close()); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
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
