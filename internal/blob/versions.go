package blob

import (
	"context"
	"io"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/englishapp/englishctl/internal/fault"
)

// Version is what a store has, or still has, under a key.
type Version struct {
	// ID is the store's own name for it; empty in a store that keeps no versions.
	ID string
	// Size is in bytes.
	Size int64
	// ModTime is when it was put or copied there: UTC, to the second.
	ModTime time.Time
	// Latest says that it is what the key stands for now.
	Latest bool
	// Marker says that it is no content, but the mark that the object was deleted.
	Marker bool
}

// Versions returns the object, if there is one. A folder keeps no versions of it.
func (d *Disk) Versions(_ context.Context, key string) ([]Version, error) {
	f, info, err := d.open(key)
	if fault.Is(err, fault.KindNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []Version{{Size: info.Size, ModTime: info.ModTime, Latest: true}}, f.Close()
}

// OpenVersion is fault.NotFound: a folder keeps no versions.
func (d *Disk) OpenVersion(_ context.Context, key, _ string) (io.ReadCloser, error) {
	return nil, notFound(key)
}

// Versions returns what the bucket has under the key, latest first: the object alone where versioning has never been on,
// or where the access key may not list versions.
func (m *MinIO) Versions(ctx context.Context, key string) ([]Version, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx) // minio-go wants it for a loop that is left early
	defer stop()
	var found []Version
	for o := range m.client.ListObjectsIter(ctx, m.bucket, minio.ListObjectsOptions{Prefix: key, WithVersions: true}) {
		switch {
		case unsupported(o.Err):
			return m.onlyLatest(ctx, key)
		case o.Err != nil:
			return nil, m.failedFor(ctx, "list the versions of", key, o.Err)
		case o.Key == key:
			found = append(found, Version{ID: o.VersionID, Size: o.Size, ModTime: stamp(o.LastModified), Latest: o.IsLatest, Marker: o.IsDeleteMarker})
		case o.Key > key:
			return found, nil // others that begin alike follow
		}
	}
	if err := ctx.Err(); err != nil { // minio-go ends its results without a word
		return nil, m.failedFor(ctx, "list the versions of", key, err)
	}
	return found, nil
}

func (m *MinIO) onlyLatest(ctx context.Context, key string) ([]Version, error) {
	o, err := m.client.StatObject(ctx, m.bucket, key, minio.StatObjectOptions{})
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return nil, nil
	}
	if err != nil {
		return nil, m.failedFor(ctx, "look for", key, err)
	}
	return []Version{{Size: o.Size, ModTime: stamp(o.LastModified), Latest: true}}, nil
}

// OpenVersion opens one of the versions of an object. The caller closes it. It returns fault.NotFound if there is none.
func (m *MinIO) OpenVersion(ctx context.Context, key, id string) (io.ReadCloser, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	o, err := m.client.GetObject(ctx, m.bucket, key, minio.GetObjectOptions{VersionID: id})
	if err == nil {
		_, err = o.Stat()
	}
	switch code := minio.ToErrorResponse(err).Code; {
	case err == nil:
		return &opened{Object: o, fail: func(err error) error { return m.failedFor(ctx, "read", key, err) }}, nil
	case code == minio.NoSuchVersion, code == minio.MethodNotAllowed, code == minio.InvalidArgument: // gone, a marker, no id
		return nil, notFound(key).WithCause(err)
	}
	return nil, m.failedFor(ctx, "open a version of", key, err)
}

// unsupported reports whether the access key may not do it, or the store cannot.
func unsupported(err error) bool {
	code := minio.ToErrorResponse(err).Code
	return code == minio.AccessDenied || code == minio.NotImplemented
}
