package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/config"
)

const (
	// arrangePatience is how long a start waits for the bucket's rules, without which the daemon works, too.
	arrangePatience = 10 * time.Second
	day             = 24 * time.Hour
)

// bucketRules are the rules that follow from the settings. An upload that no session takes files for any longer has at
// least one more day, so that the bucket never is faster than the sweep.
func bucketRules(cfg *config.Config) blob.Rules {
	return blob.Rules{
		UploadPrefix: "audio/uploads/", UploadDays: wholeDays(cfg.Import.UploadSessionTTL) + 1,
		Prefix: "audio/", VersionDays: max(1, wholeDays(cfg.Storage.KeepReplaced)),
	}
}

func wholeDays(d time.Duration) int { return int((d + day - 1) / day) }

// arrangeBucket sets versioning and rules of the bucket. Whatever does not succeed is a warning: the sweep removes forgotten
// uploads in any case, and replaced recordings are kept without versioning.
func (d *Daemon) arrangeBucket(ctx context.Context) {
	bucket, ok := d.recordings.store.(*blob.MinIO)
	if !ok || !d.cfg.Storage.Manage {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, arrangePatience)
	defer cancel()
	state, err := bucket.Arrange(ctx, bucketRules(d.cfg))
	if err != nil {
		d.log.WarnContext(ctx, "the audio bucket's versioning and rules could not be looked at", "bucket", d.cfg.Storage.Bucket, "error", err)
		return
	}
	for _, trouble := range state.Trouble {
		d.log.WarnContext(ctx, "the audio bucket is not as it should be", "bucket", state.Bucket, "trouble", trouble)
	}
}

// AudioStore is what the audio store of the settings is like.
type AudioStore struct {
	// Bucket is nil where recordings are files.
	Bucket *blob.BucketState
	// Place says where recordings are.
	Place string
	// WantUploadDays and WantVersionDays are what the settings want of the bucket's rules; KeepDays is how long replaced
	// recordings are kept in either store.
	WantUploadDays, WantVersionDays, KeepDays int
}

// Settled reports whether the bucket is as the settings want it.
func (s AudioStore) Settled() bool {
	b := s.Bucket
	return b == nil || b.Private == "yes" && b.Versioning == "enabled" && b.UploadDays == s.WantUploadDays && b.VersionDays == s.WantVersionDays
}

// LookAtStorage says what the audio store is like, and changes nothing.
func LookAtStorage(ctx context.Context, cfg *config.Config, log *slog.Logger) (AudioStore, error) {
	return withBucket(cfg, log, func(bucket *blob.MinIO) (blob.BucketState, error) { return bucket.State(ctx) })
}

// SetUpStorage makes the bucket, private, and sets its versioning and rules, also where versioning was suspended.
func SetUpStorage(ctx context.Context, cfg *config.Config, log *slog.Logger) (AudioStore, error) {
	return withBucket(cfg, log, func(bucket *blob.MinIO) (blob.BucketState, error) {
		if err := bucket.EnsureBucket(ctx); err != nil {
			return blob.BucketState{}, err
		}
		rules := bucketRules(cfg)
		rules.Resume = true
		return bucket.Arrange(ctx, rules)
	})
}

func withBucket(cfg *config.Config, log *slog.Logger, do func(*blob.MinIO) (blob.BucketState, error)) (at AudioStore, err error) {
	rules := bucketRules(cfg)
	at = AudioStore{
		Place:          "files in " + filepath.Join(cfg.DataDir, "audio"),
		WantUploadDays: rules.UploadDays, WantVersionDays: rules.VersionDays, KeepDays: wholeDays(cfg.Storage.KeepReplaced),
	}
	if !cfg.Storage.S3() {
		return at, nil
	}
	at.Place = fmt.Sprintf("bucket %s at %s", cfg.Storage.Bucket, cfg.Storage.Endpoint)
	store, err := openRecordings(cfg, log, "", keys{})
	if err != nil {
		return at, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	bucket, ok := store.store.(*blob.MinIO)
	if !ok {
		return at, nil
	}
	state, err := do(bucket)
	if err == nil {
		at.Bucket = &state
	}
	return at, err
}
