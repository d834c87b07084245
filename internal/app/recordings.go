package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"path/filepath"

	"github.com/englishapp/englishctl/internal/audio"
	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// store is what both audio stores can do.
type store interface {
	Put(ctx context.Context, key string, r io.Reader, contentType string) (int64, error)
	Copy(ctx context.Context, from, to string) error
	Open(ctx context.Context, key string) (io.ReadSeekCloser, blob.Info, error)
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, prefix string) iter.Seq2[blob.Object, error]
	SignedURL(ctx context.Context, key string) (string, error)
	KeyOf(link string) (key string, ok bool)
	Versions(ctx context.Context, key string) ([]blob.Version, error)
	OpenVersion(ctx context.Context, key, id string) (io.ReadCloser, error)
	Ping(ctx context.Context) error
	Close() error
	// LinkHits and LinkMisses are how many links were remembered and made.
	LinkHits() uint64
	LinkMisses() uint64
}

// recordings is the audio store in the words of the services. What goes over a network is watched.
type recordings struct {
	store
	watch *watch
}

// openRecordings makes the audio store that the settings name: a bucket where S3_ENDPOINT_URL is set, otherwise the
// folder DATA_DIR/audio with links that begin with publicURL. Nobody watches it yet.
func openRecordings(cfg *config.Config, log *slog.Logger, publicURL string, tokens keys) (recordings, error) {
	if cfg.Storage.S3() {
		s, err := blob.NewMinIO(blob.MinIOConfig{
			Endpoint:  cfg.Storage.Endpoint.String(),
			UseSSL:    cfg.Storage.UseSSL,
			PublicURL: cfg.Storage.PublicURL.String(),
			AccessKey: cfg.Storage.AccessKey.Reveal(),
			SecretKey: cfg.Storage.SecretKey.Reveal(),
			Bucket:    cfg.Storage.Bucket,
			Region:    cfg.Storage.Region,
			Log:       log,
		})
		return recordings{s, newWatch(nil, nil)}, err
	}
	links, err := tokens.derive("media links")
	if err != nil {
		return recordings{}, err
	}
	d, err := blob.NewDisk(blob.DiskConfig{
		Dir: filepath.Join(cfg.DataDir, "audio"), PublicURL: publicURL, SigningKey: links.signing, PreviousKey: links.previous,
	})
	return recordings{d, newWatch(nil, nil)}, err
}

// Put stores an object, whole or not at all, and returns its size in bytes.
func (r recordings) Put(ctx context.Context, key string, content io.Reader, contentType string) (_ int64, err error) {
	ctx, end := r.watch.stored(ctx, "put")
	defer func() { end(err) }()
	return r.store.Put(ctx, key, content, contentType)
}

// Copy copies an object.
func (r recordings) Copy(ctx context.Context, from, to string) (err error) {
	ctx, end := r.watch.stored(ctx, "copy")
	defer func() { end(err) }()
	return r.store.Copy(ctx, from, to)
}

// Open opens an object.
func (r recordings) Open(ctx context.Context, key string) (_ io.ReadSeekCloser, _ blob.Info, err error) {
	ctx, end := r.watch.stored(ctx, "open")
	defer func() { end(err) }()
	return r.store.Open(ctx, key)
}

// Delete deletes objects; one that does not exist is no error.
func (r recordings) Delete(ctx context.Context, keys ...string) (err error) {
	ctx, end := r.watch.stored(ctx, "delete")
	defer func() { end(err) }()
	return r.store.Delete(ctx, keys...)
}

// List is the store's listing in importing's type. What is watched of it is how it begins: the rest is the listener's pace.
func (r recordings) List(ctx context.Context, prefix string) iter.Seq2[importing.Object, error] {
	return func(yield func(importing.Object, error) bool) {
		ctx, end := r.watch.stored(ctx, "list")
		begun := false
		for o, err := range r.store.List(ctx, prefix) {
			if !begun {
				begun = true
				end(err)
			}
			if !yield(importing.Object(o), err) {
				return
			}
		}
		if !begun { // an empty list
			end(ctx.Err())
		}
	}
}

// Exists reports whether there is an object with the key.
func (r recordings) Exists(ctx context.Context, key string) (bool, error) {
	object, _, err := r.Open(ctx, key)
	if fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindInvalid) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, object.Close()
}

// Read opens an object for reading from its beginning.
func (r recordings) Read(ctx context.Context, key string) (io.ReadCloser, error) {
	object, _, err := r.Open(ctx, key)
	return object, err
}

// Versions is what the store has under a key, in catalog's type.
func (r recordings) Versions(ctx context.Context, key string) ([]catalog.ObjectVersion, error) {
	found, err := r.store.Versions(ctx, key)
	if err != nil {
		return nil, err
	}
	versions := make([]catalog.ObjectVersion, len(found))
	for i, v := range found {
		versions[i] = catalog.ObjectVersion{ID: v.ID, Size: v.Size, StoredAt: v.ModTime, Latest: v.Latest, Marker: v.Marker}
	}
	return versions, nil
}

// ReadVersion opens one of them.
func (r recordings) ReadVersion(ctx context.Context, key, id string) (io.ReadCloser, error) {
	return r.OpenVersion(ctx, key, id)
}

// PrepareAudio makes the bucket where it is missing, and private where it is public. A folder needs no preparing.
func (a *App) PrepareAudio(ctx context.Context) error {
	bucket, ok := a.recordings.store.(*blob.MinIO)
	if !ok {
		return nil
	}
	if err := bucket.EnsureBucket(ctx); err != nil {
		return fmt.Errorf("prepare the audio store: %w", err)
	}
	return nil
}

// sniff recognises a recording by its first bytes. Its error only says what was found ("a FLAC file"): importing makes
// the sentence.
func sniff(head []byte) (ext, contentType string, err error) {
	format, err := audio.Sniff(head)
	var unknown *audio.UnknownFormatError
	if errors.As(err, &unknown) {
		return "", "", errors.New(unknown.Found)
	}
	if err != nil {
		return "", "", err
	}
	return format.Ext(), format.ContentType(), nil
}
