package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"github.com/minio/minio-go/v7"
)

const (
	// wholeBytes is the size up to which an object is sent with one request. Nearly all audio is smaller (a
	// sentence has about 10 kB), and the buffer is what each Put costs.
	wholeBytes = 1 << 20
	// partBytes is S3's smallest part. minio-go's default for streams of unknown size is more than 500 MB of memory.
	partBytes = 5 << 20
)

var wholeBuffers = sync.Pool{New: func() any { return new([wholeBytes]byte) }}

// Put stores all that r gives under key, replacing what was there, and returns its size in bytes. All or nothing:
// after an error, also one of r's or the end of ctx, the key is as it was.
//
// It returns fault.Invalid for a bad key, r's own error wrapped, and fault.Unavailable.
func (m *MinIO) Put(ctx context.Context, key string, r io.Reader, contentType string) (int64, error) {
	if err := CheckKey(key); err != nil {
		return 0, err
	}
	src := &source{ctx: ctx, r: r}
	size, err := m.put(ctx, key, src, contentType)
	if src.err != nil {
		return 0, fmt.Errorf("store audio %q: %w", key, src.err)
	}
	if err != nil {
		return 0, m.failedFor(ctx, "store", key, err)
	}
	return size, nil
}

func (m *MinIO) put(ctx context.Context, key string, src *source, contentType string) (int64, error) {
	opts := minio.PutObjectOptions{ContentType: contentType, PartSize: partBytes}
	buf := wholeBuffers.Get().(*[wholeBytes]byte)
	n, err := io.ReadFull(src, buf[:])
	switch {
	case err == nil:
		_, err = m.client.PutObject(ctx, m.bucket, key, io.MultiReader(bytes.NewReader(buf[:n]), src), -1, opts)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		_, err = m.client.PutObject(ctx, m.bucket, key, bytes.NewReader(buf[:n]), int64(n), opts)
	}
	if err != nil {
		return 0, err // without the buffer: a failed request may still be reading it
	}
	wholeBuffers.Put(buf)
	return src.read, nil
}

// Copy stores the object from a second time under to, replacing what was there, without moving the bytes through
// this process. It returns fault.NotFound if there is no object from, and otherwise what Put returns.
func (m *MinIO) Copy(ctx context.Context, from, to string) error {
	if err := errors.Join(CheckKey(from), CheckKey(to)); err != nil {
		return err
	}
	if from == to { // S3 refuses to copy an object onto itself
		_, err := m.client.StatObject(ctx, m.bucket, from, minio.StatObjectOptions{})
		if err != nil {
			return m.failedFor(ctx, "copy", from, err)
		}
		return nil
	}
	_, err := m.client.CopyObject(ctx,
		minio.CopyDestOptions{Bucket: m.bucket, Object: to},
		minio.CopySrcOptions{Bucket: m.bucket, Object: from})
	if err != nil {
		return m.failedFor(ctx, "copy", from, err)
	}
	return nil
}

// Open returns an object for reading. The caller closes it. It returns fault.NotFound if there is none, and
// fault.Unavailable, which reading may also return.
func (m *MinIO) Open(ctx context.Context, key string) (io.ReadSeekCloser, Info, error) {
	if err := CheckKey(key); err != nil {
		return nil, Info{}, err
	}
	o, err := m.client.GetObject(ctx, m.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, Info{}, m.failedFor(ctx, "open", key, err)
	}
	st, err := o.Stat()
	if err != nil {
		return nil, Info{}, errors.Join(m.failedFor(ctx, "open", key, err), o.Close())
	}
	info := Info{ContentType: st.ContentType, Size: st.Size, ModTime: stamp(st.LastModified), ETag: `"` + st.ETag + `"`}
	return &opened{Object: o, fail: func(err error) error { return m.failedFor(ctx, "read", key, err) }}, info, nil
}

// opened is an object whose reading errors have their kind.
type opened struct {
	*minio.Object
	fail func(error) error
}

func (o *opened) Read(p []byte) (int, error) {
	n, err := o.Object.Read(p)
	if err == nil || err == io.EOF { //nolint:errorlint // a bare io.EOF is the end, says io.Reader
		return n, err
	}
	return n, o.fail(err)
}

// Delete removes objects; one that does not exist is fine. It tries every key even after an error.
func (m *MinIO) Delete(ctx context.Context, keys ...string) error {
	for _, key := range keys {
		if err := CheckKey(key); err != nil {
			return err // nothing is removed by a call that names a bad key
		}
	}
	if len(keys) == 1 {
		if err := m.client.RemoveObject(ctx, m.bucket, keys[0], minio.RemoveObjectOptions{}); err != nil {
			return m.failedFor(ctx, "delete", keys[0], err)
		}
		return nil
	}
	results, err := m.client.RemoveObjectsWithIter(ctx, m.bucket, named(keys), minio.RemoveObjectsOptions{})
	if err != nil {
		return m.failed(ctx, "delete audio", err)
	}
	var first error
	for r := range results {
		if r.Err != nil && first == nil {
			first = m.failedFor(ctx, "delete", r.ObjectName, r.Err)
		}
	}
	if err := ctx.Err(); err != nil && first == nil { // minio-go ends its results without a word
		return fmt.Errorf("delete audio: %w", err)
	}
	return first
}

func named(keys []string) iter.Seq[minio.ObjectInfo] {
	return func(yield func(minio.ObjectInfo) bool) {
		for _, key := range keys {
			if !yield(minio.ObjectInfo{Key: key}) {
				return
			}
		}
	}
}

// List goes through the objects whose keys begin with prefix, in no particular order, holding a bounded number of
// them in memory. Objects put or deleted meanwhile may or may not appear; the loop may delete what it is given.
// After an error, which comes with a zero Object, the listing ends.
func (m *MinIO) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		if err := checkPrefix(prefix); err != nil {
			yield(Object{}, err)
			return
		}
		ctx, stop := context.WithCancel(ctx) // minio-go wants it for a loop that is left early
		defer stop()
		for o := range m.client.ListObjectsIter(ctx, m.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
			if o.Err != nil {
				yield(Object{}, m.failed(ctx, fmt.Sprintf("list audio %q", prefix), o.Err))
				return
			}
			if !yield(Object{Key: o.Key, Size: o.Size, ModTime: stamp(o.LastModified)}, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil { // minio-go ends its results without a word
			yield(Object{}, fmt.Errorf("list audio %q: %w", prefix, err))
		}
	}
}
