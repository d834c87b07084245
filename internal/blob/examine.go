package blob

import (
	"context"
	"errors"

	"github.com/minio/minio-go/v7"
)

// ErrorCode returns the store's own word for why an operation of MinIO failed ("InvalidAccessKeyId"), or "" where it gave none.
func ErrorCode(err error) string {
	var answer minio.ErrorResponse
	if errors.As(err, &answer) {
		return answer.Code
	}
	return ""
}

// Reachable is like Ping, but tells by ErrorCode what is wrong: the question whether there is a bucket has no body in its answer.
func (m *MinIO) Reachable(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for o := range m.client.ListObjectsIter(ctx, m.bucket, minio.ListObjectsOptions{MaxKeys: 1}) {
		if o.Err != nil {
			return m.failed(ctx, "list the audio bucket", o.Err)
		}
		break
	}
	return ctx.Err()
}

// Unsigned returns the address of an object as this process reaches it, without a signature; that of the bucket for "".
func (m *MinIO) Unsigned(key string) string {
	if key == "" {
		return m.bases[0]
	}
	return m.bases[0] + escapeKey(key)
}

// Forget removes an object with all its versions, where the bucket keeps them and the key may list them.
func (m *MinIO) Forget(ctx context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	versions := minio.ListObjectsOptions{Prefix: key, Recursive: true, WithVersions: true}
	removed := false
	for o := range m.client.ListObjectsIter(ctx, m.bucket, versions) {
		if o.Err != nil {
			break // some keys may not look at versions
		}
		if o.Key != key {
			continue
		}
		removed = true
		if err := m.client.RemoveObject(ctx, m.bucket, key, minio.RemoveObjectOptions{VersionID: o.VersionID}); err != nil {
			return m.failedFor(ctx, "delete", key, err)
		}
	}
	if removed {
		return nil // to delete what is gone would leave a mark where versions are kept
	}
	return m.Delete(ctx, key)
}
